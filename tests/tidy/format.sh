#!/bin/sh
# Every C file is as clang-format leaves it. Version 14 alone decides: others differ in details.
# Usage: format.sh CLANG_FORMAT SOURCE_DIR      Exit status 77: another version; not judged.
set -eu

case $("$1" --version) in
*'version 14.'*) ;;
*) echo "clang-format 14 decides; this is $("$1" --version)"; exit 77 ;;
esac
cd "$2"
find common daemon tools tests systemd -name '*.[ch]' -exec "$1" --dry-run -Werror {} +
