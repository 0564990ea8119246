#!/bin/sh
# No room keeps state in files or functions: two engines must fit in one process, or there is no
# simulator. Fails for every object in .data or .bss of the archives; constants, also those that the
# loader relocates, lie elsewhere. Only for builds without sanitizers, which keep some of their own.
# One exception: compiled sets of terms are shared while they are in use (common/text/terms.c), as they
# take seconds to be made; they never change.
# Usage: state.sh ARCHIVE…
set -eu

[ $# -gt 0 ] || { echo "usage: state.sh ARCHIVE..."; exit 1; }
for archive in "$@"; do
    [ -r "$archive" ] || { echo "no archive $archive"; exit 1; }
done
mutable=$(objdump -t "$@" | awk '
    /file format/ {object = $1}
    object ~ /terms\.c\.o/ && $NF ~ /^in_use(_lock)?$/ {next}
    $0 ~ / O \.(data|bss|tdata|tbss)(\.[A-Za-z_]|[ \t])/ && $0 !~ /\.data\.rel\.ro/ {print object " " $NF}
    $0 ~ / O \*COM\*/ {print object " " $NF}')
if [ -n "$mutable" ]; then
    echo "mutable variables outside of structs:"
    echo "$mutable"
    exit 1
fi
