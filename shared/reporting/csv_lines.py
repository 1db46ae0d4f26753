"""CSV that a spreadsheet may open: no cell of it is taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

RISKY: Final = "=+-@\t\r"  # a spreadsheet would run a cell that begins with one of these


def csv_text(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """Give a head line and the lines below it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(each) for each in line] for line in lines)
    return text.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(tuple(RISKY)) else text
