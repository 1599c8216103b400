# Completes meetingsim in bash:  source <(meetingsim completion bash)
# Where it has nothing to say, bash offers files.

_meetingsim() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words='' at
    COMPREPLY=()
    # "--clock=manual" comes in three words.
    if [[ $cur == = ]]; then
        cur=''
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    if (( COMP_CWORD == 1 )); then
        words='@commands@'
    elif [[ $command == exec ]] && _meetingsim_behind; then
        return
    else
        _meetingsim_words "$command" "$prev"
    fi
    COMPREPLY=( $(compgen -W "$words" -- "$cur") )
}

# Behind "exec … --" stands another command.
_meetingsim_behind() {
    for (( at = 2; at < COMP_CWORD; at++ )); do
        [[ ${COMP_WORDS[at]} == -- ]] || continue
        if declare -F _command_offset > /dev/null; then
            _command_offset $(( at + 1 ))
        elif (( at == COMP_CWORD - 1 )); then
            COMPREPLY=( $(compgen -c -- "$cur") )
        fi
        return 0
    done
    return 1
}

_meetingsim_words() {
    case $1:$2 in
@values@
    esac
    if [[ $1 == host ]]; then
        _meetingsim_host
        return
    fi
    case $1 in
@words@
    esac
}

# host MEETING CONTROL …, with options anywhere. Read from the line: bash parts links at their colons.
_meetingsim_host() {
    local line=${COMP_LINE:0:COMP_POINT} plain=() typed=()
    read -ra typed <<< "$line"
    [[ $line == *' ' ]] || unset "typed[${#typed[@]}-1]"
    for (( at = 2; at < ${#typed[@]}; at++ )); do
        case ${typed[at]} in
            @valued@) (( at++ )) ;;
            -*) ;;
            *) plain+=("${typed[at]}") ;;
        esac
    done
    if (( ${#plain[@]} == 1 )); then
        words='@controls@'
    elif (( ${#plain[@]} > 1 )); then
        case ${plain[1]} in
@control_words@
        esac
    fi
    words+=' --url --token --json --help'
}

complete -o default -F _meetingsim meetingsim
