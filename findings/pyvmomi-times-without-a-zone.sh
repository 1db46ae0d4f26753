#!/usr/bin/env bash
# pyvmomi 9.1.1.0: a time without a zone is read as having none and written back as UTC; one that cannot be read is None.
#
# Guess: what is read and written back is the same text; an unreadable time raises.
# Seen: "2026-11-29T10:00:00" becomes a naive datetime, and a naive datetime is written with "Z": reading and writing moves the
#       moment of any server that leaves its zone out. A second of 60, or a time without a date, gives None without a word.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyvmomi==9.1.1.0
"$folder/venv/bin/python" - <<'PYTHON'
from pyVmomi import Iso8601

local = Iso8601.ParseISO8601("2026-11-29T10:00:00")
back = Iso8601.ISO8601Format(local)
print("2026-11-29T10:00:00 is read as", repr(local), "and written as", back)
assert local.tzinfo is None and back == "2026-11-29T10:00:00Z", "this has changed"
unreadable = [Iso8601.ParseISO8601(text) for text in ("2026-11-29T10:00:60Z", "10:00:00Z", "20261129T100000Z")]
print("unreadable times:", unreadable)
assert unreadable == [None, None, None], "this has changed"
PYTHON
