# Completion of tokendesk for bash, made by: tokendesk completion bash
_tokendesk_words() {
    local IFS=$' \t\n'
    COMPREPLY+=($(compgen -W "$1" -- "$2"))
    # After `owner:` goes the value, without a space.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]]; then compopt -o nospace 2>/dev/null; fi
}
_tokendesk_list() {
    local before="" last=$2 IFS=$' \t\n'
    if [[ $2 == *,* ]]; then before=${2%,*}, last=${2##*,}; fi
    COMPREPLY+=($(compgen -P "$before" -W "$1" -- "$last"))
    compopt -o nospace 2>/dev/null
}
_tokendesk_files() {
    local IFS=$'\n'
    COMPREPLY+=($(compgen -f -- "$1"))
    compopt -o filenames 2>/dev/null
}
_tokendesk() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} place="" word i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i-1]} == --profile ]]; then continue; fi
        word="${place:+$place }${COMP_WORDS[i]}"
        case "$word" in
        @CONTEXTS@) place=$word ;;
        esac
    done
    if [[ $before == --profile ]]; then
        _tokendesk_words "demo $(sed -n 's/^\[profiles\.\([A-Za-z0-9._-]*\)\].*/\1/p' "${TOKENDESK_HOME:-${XDG_CONFIG_HOME:-$HOME/.config}/tokendesk}/config.toml" "$HOME/Library/Application Support/tokendesk/config.toml" 2>/dev/null)" "$current"
        return
    fi
    case "$place#$before" in
@VALUES@    esac
    case "$place" in
@WORDS@    esac
}
complete -F _tokendesk tokendesk
