# Completes meetingsim in fish:  meetingsim completion fish | source

function __meetingsim_first
    test (count (commandline -opc)) -eq 1
end

function __meetingsim_at
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = $argv[1]; and not contains -- -- $words
end

# The words behind host, without options and what they take.
function __meetingsim_plain
    set -l words (commandline -opc)
    set -l skip 0
    for word in $words[3..-1]
        if test $skip -eq 1
            set skip 0
        else if contains -- $word --url --token
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

function __meetingsim_control
    __meetingsim_at host; and test (count (__meetingsim_plain)) -eq 1
end

function __meetingsim_in
    __meetingsim_at host; or return
    set -l plain (__meetingsim_plain)
    test (count $plain) -gt 1; and test "$plain[2]" = $argv[1]
end

# Behind "exec … --" stands another command.
function __meetingsim_behind
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = exec; and contains -- -- $words
end

function __meetingsim_command
    set -l words (commandline -opc) (commandline -ct)
    set -l at (contains -i -- -- $words)
    complete -C (string join ' ' -- (string escape -- $words[(math $at + 1)..-1]))
end

complete -c meetingsim -f
complete -c meetingsim -n __meetingsim_behind -a '(__meetingsim_command)'
@lines@
