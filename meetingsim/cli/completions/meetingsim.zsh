#compdef meetingsim
# Completes meetingsim in zsh:  source <(meetingsim completion zsh), or as a file _meetingsim in a folder of $fpath.

_meetingsim() {
    local -a rows plain
    local at
    if (( CURRENT == 2 )); then
        rows=(
@commands@
        )
        _describe command rows
        return
    fi
    # Behind "exec … --" stands another command.
    at=${words[(i)--]}
    if [[ $words[2] == exec ]] && (( at < CURRENT )); then
        words=("${(@)words[at+1,-1]}")
        (( CURRENT -= at ))
        _normal
        return
    fi
    case $words[2]:$words[CURRENT-1] in
@values@
    esac
    case $words[2] in
@words@
        *) _files; return ;;
    esac
    [[ $words[2] == host ]] && _meetingsim_host
    _describe option rows
    [[ $words[2] == (host|completion) || $words[CURRENT] == -* ]] || _files
}

# host MEETING CONTROL …, with options anywhere.
_meetingsim_host() {
    local -a names
    for (( at = 3; at < CURRENT; at++ )); do
        case $words[at] in
            @valued@) (( at++ )) ;;
            -*) ;;
            *) plain+=("$words[at]") ;;
        esac
    done
    if (( $#plain == 1 )); then
        names=(
@controls@
        )
        _describe control names
    elif (( $#plain > 1 )); then
        case $plain[2] in
@control_words@
        esac
    fi
}

if [[ $funcstack[1] == _meetingsim ]]; then
    _meetingsim "$@"
else
    compdef _meetingsim meetingsim
fi
