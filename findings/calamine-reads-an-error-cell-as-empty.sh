#!/usr/bin/env bash
# python-calamine 0.9.1: a cell whose formula failed (#N/A, #REF!) is read as an empty one.
#
# Guess: as openpyxl gives the text "#N/A", calamine gives that text, None or an error object: something that is not an empty cell.
# Seen: each error is "" like a cell that nobody filled. A list whose look-up of an instance id failed reads as one where the id was left
#       out, which for an optional column means "take the default".
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check python-calamine==0.9.1 openpyxl==3.1.5
"$folder/venv/bin/python" - "$folder/list.xlsx" <<'PYTHON'
import sys

import openpyxl
from python_calamine import CalamineWorkbook

ROW = ["app1", "#N/A", "#REF!", "#VALUE!", None, "end"]
book = openpyxl.Workbook()
book.active.append(ROW)
kinds = [cell.data_type for cell in book.active[1]]
assert kinds == ["s", "e", "e", "e", "n", "s"], kinds  # stored as error cells, not as texts
book.save(sys.argv[1])
by_openpyxl = list(next(openpyxl.load_workbook(sys.argv[1], read_only=True).active.iter_rows(values_only=True)))
by_calamine = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()[0]
print("openpyxl:", by_openpyxl, "calamine:", by_calamine, sep="\n  ")
assert by_openpyxl == ROW and by_calamine == ["app1", "", "", "", "", "end"], "this has changed"
PYTHON
