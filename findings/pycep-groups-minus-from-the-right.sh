#!/usr/bin/env bash
# pycep-parser 0.7.1: operators of one rank are grouped from the right.
#
# Guess: `10 - 3 - 2` is parsed as (10 - 3) - 2, as Bicep does.
# Seen: it is parsed as 10 - (3 - 2): who computes with the tree gets 9 instead of 5. Division does the same.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pycep-parser==0.7.1
"$folder/venv/bin/python" - <<'PYTHON'
from pycep import BicepParser

for sign in ("-", "/"):
    tree = BicepParser().parse(text=f"var left = 80 {sign} 4 {sign} 2\n")["variables"]["left"]["value"]["operator"]["operands"]
    print(f"80 {sign} 4 {sign} 2:", tree)
    assert tree["operand_1"] == 80, "this has changed"
    assert set(tree["operand_2"]["operator"]["operands"].values()) == {4, 2}, "this has changed"
PYTHON
