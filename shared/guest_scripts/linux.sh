#!/bin/sh
# azferry: %NAME% runs from a private folder, by its own first line; the last line of the output tells what it came to.
azferry_end() {
  [ -z "$azferry_folder" ] || rm -rf "$azferry_folder"
  printf '\n%MARK% %s\n' "$1"
  [ "$1" != not-started ] || exit %FAILED%
}
azferry_folder=
azferry_folder=$(mktemp -d "${TMPDIR:-/tmp}/azferry-XXXXXXXXXX") || azferry_end not-started
%FILES%
AZFERRY_FILES="$azferry_folder/files" %CALL% >"$azferry_folder/out" 2>"$azferry_folder/err" </dev/null
azferry_code=$?
# Bounded, and at the end: agents cut what is too long, one its beginning and another one its end.
tail -c %SHOWN% "$azferry_folder/out"
tail -c %SHOWN% "$azferry_folder/err" >&2
azferry_end "$azferry_code"
[ "$azferry_code" != 0 ] || exit 0
exit %FAILED%
