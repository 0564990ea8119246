#!/bin/sh
# The engine is a pure function of tables, time and event: what its archive imports comes from the
# archives it may use, or stands in this list, or it is none any more. calloc and free are the
# engine object's own; snprintf makes the titles of alerts.
# Usage: purity.sh ARCHIVE MAY_USE_ARCHIVE…
set -eu

pure='mem(cpy|move|set|cmp|chr|mem)|str(len|cmp|ncmp)|qsort|bsearch|calloc|free'
checked='(__)?(v?snprintf|mem(cpy|move|set))(_chk)?'
compiler='_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__(asan|ubsan|tsan|sanitizer|sancov)_[a-z0-9_]+'
clang='__start___sancov_[a-z0-9_]+|__stop___sancov_[a-z0-9_]+'

for archive in "$@"; do
    [ -r "$archive" ] || { echo "no archive $archive"; exit 1; }
done
# What one object of the archives defines for another is no import.
defined=$(nm --defined-only -g "$@" | awk 'NF == 3 {print $3}' | sort -u)
imports=$(nm -u "$1" | awk '$1 == "U" || $1 == "w" {print $2}' | sort -u)
[ -n "$defined" ] && [ -n "$imports" ] || { echo "$1 is empty: nothing is proved"; exit 1; }
impure=$(echo "$imports" | grep -vxF "$defined" |
    grep -Evx "($pure|$checked|$compiler|$clang)" || true)
if [ -n "$impure" ]; then
    echo "$1 imports what a pure engine has no use for:"
    echo "$impure"
    exit 1
fi
