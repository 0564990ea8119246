#!/bin/sh
# Every manual page passes mandoc's lint, style included, and refers to no page of ours that is not
# there. Whether others' pages are installed is a matter of the machine, not of the page.
# Usage: manual.sh MANDOC SOURCE_DIR
set -eu

cd "$2"
pages=$(find common daemon tools systemd -name '*.[1578]')
said=0
for page in $pages; do
    words=$("$1" -T lint -W style "$page" 2>&1 |
        grep -v -e 'referenced manual not found' -e 'outdated mandoc.db' || true)
    [ -z "$words" ] || { echo "$words"; said=1; }
    for other in $(awk '$1 == ".Xr" && $2 ~ /^redress/ {print $2 "." $3}' "$page"); do
        case "$pages" in
        *"/$other"*) ;;
        *) echo "$page: refers to $other, which is not there"; said=1 ;;
        esac
    done
done
exit $said
