# Completion of tokendesk for fish, made by: tokendesk completion fish
function __tokendesk_at
    set -l place ""
    set -l last ""
    for word in (commandline -opc)[2..-1]
        if test "$last" = --profile
            set last ""
            continue
        end
        set last $word
        set -l longer (string trim -- "$place $word")
        if contains -- $longer @CONTEXTS@
            set place $longer
        end
    end
    test "$place" = "$argv[1]"
end
complete -c tokendesk -f
complete -c tokendesk -l profile -x -a 'demo (sed -n "s/^\[profiles\.\([A-Za-z0-9._-]*\)\].*/\1/p" $HOME/.config/tokendesk/config.toml "$HOME/Library/Application Support/tokendesk/config.toml" 2>/dev/null)'
@COMPLETIONS@
