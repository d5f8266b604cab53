#compdef tokendesk
# Completion of tokendesk for zsh, made by: tokendesk completion zsh
_tokendesk() {
    local place="" word last="" before=${words[CURRENT-1]}
    local -a found
    for word in ${words[2,CURRENT-1]}; do
        if [[ $last == --profile ]]; then last=""; continue; fi
        last=$word
        word="${place:+$place }$word"
        case "$word" in
        @CONTEXTS@) place=$word ;;
        esac
    done
    if [[ $before == --profile ]]; then
        compadd -- demo $(sed -n 's/^\[profiles\.\([A-Za-z0-9._-]*\)\].*/\1/p' "${TOKENDESK_HOME:-${XDG_CONFIG_HOME:-$HOME/.config}/tokendesk}/config.toml" "$HOME/Library/Application Support/tokendesk/config.toml" 2>/dev/null)
        return
    fi
    case "$place#$before" in
@VALUES@    esac
    case "$place" in
@WORDS@    esac
    (( ${#found} )) && _describe tokendesk found
}
if [[ $funcstack[1] == _tokendesk ]]; then _tokendesk "$@"; else compdef _tokendesk tokendesk; fi
