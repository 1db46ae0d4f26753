#!/usr/bin/env bash
# pycep-parser 0.7.1: what it gives back of a Bicep file no longer tells a name from a text, nor a nullable type from a plain one.
#
# Guess: a parsed reference to a variable differs from a string literal of the same letters; `string?` differs from `string`, and
#        a parameter without a default from one whose default is null.
# Seen: each pair is parsed to the same value. The marks `!` and `.?` vanish as well: a safe access looks like a plain one.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pycep-parser==0.7.1
"$folder/venv/bin/python" - <<'PYTHON'
from pycep import BicepParser

parser = BicepParser()
pairs = {
    "a name and a text": ("var chosen = region\n", "var chosen = 'region'\n"),
    "a nullable parameter and a required one": ("param size string?\n", "param size string\n"),
    "no default and the default null": ("param size string\n", "param size string = null\n"),
    "a safe access and a plain one": ("output id string = vault.?id\n", "output id string = vault.id\n"),
    "an assertion of not-null and none": ("output id string = vault!\n", "output id string = vault\n"),
}
for difference, (left, right) in pairs.items():
    assert parser.parse(text=left) == parser.parse(text=right), f"this has changed: {difference}"
    print(f"parsed alike: {left.strip()}  |  {right.strip()}")
PYTHON
