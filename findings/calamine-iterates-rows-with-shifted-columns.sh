#!/usr/bin/env bash
# python-calamine 0.9.1: iter_rows keeps the empty rows above a table but drops the empty columns beside it.
#
# Guess: iter_rows gives, row by row, what to_python gives; with either, a cell of column C stands third, or both cut the margin off.
# Seen: for a table that begins at C3, to_python cuts rows and columns (or keeps both, with skip_empty_area=False); iter_rows keeps the two
#       rows above and cuts the two columns beside. Row numbers counted along it are true, column letters are two off.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check python-calamine==0.9.1 openpyxl==3.1.5
"$folder/venv/bin/python" - "$folder/list.xlsx" <<'PYTHON'
import sys

import openpyxl
from python_calamine import CalamineWorkbook

book = openpyxl.Workbook()
book.active["C3"], book.active["D3"] = "name", "cpus"
book.active["C4"], book.active["D4"] = "app1", 4
book.save(sys.argv[1])
sheet = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0)
read = {
    "to_python()": sheet.to_python(),
    "to_python(skip_empty_area=False)": sheet.to_python(skip_empty_area=False),
    "iter_rows()": list(sheet.iter_rows()),
}
for name, rows in read.items():
    where = [(r, c) for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if value == "name"]
    print(f"{name}: the cell C3 is found at row, column {where}")
    read[name] = where
assert list(read.values()) == [[(1, 1)], [(3, 3)], [(3, 1)]], "this has changed"
PYTHON
