# bash completion for redressctl, redress-send, redress-sub, redress-backtest, redress-train and
# redress-bench. Each program knows what may stand on its command line: asked with --complete and
# the words up to the cursor, it prints one candidate a line; ":file" and ":dir" stand for the
# shell's own.

_redress()
{
    local current=${COMP_WORDS[COMP_CWORD]} line
    local -a found=()
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        :file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        :dir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        "$current"*) found+=("$line") ;;
        esac
    done < <("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    # Subjects come from outside: a shell must not read them as anything but a word.
    for line in "${found[@]}"; do
        COMPREPLY+=("$(printf '%q' "$line")")
    done
}

complete -F _redress redressctl redress-send redress-sub redress-backtest redress-train redress-bench
