"""Sheets of XLSX workbooks, read row by row: values only, as they were stored."""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from shared.lists.limits import MOST_COLUMNS, MOST_ROWS, check_xml
from shared.lists.records import CellPlace, Finding, Severity
from shared.lists.tables import Cells, NumberedRows, Sheet
from shared.plan.error_messages import quoted
from shared.problems import TooLarge, UnreadableList

if TYPE_CHECKING:  # openpyxl takes half a second to import: only who reads a workbook waits for it
    from openpyxl import Workbook


def workbook_sheets(file: str, body: bytes, archive: ZipFile) -> tuple[Sheet, ...]:
    """Return the visible sheets of a workbook; hidden ones are findings of the first.

    Raise `UnreadableList` where it is none, or could do harm.
    """
    check_xml(file, archive, tuple(archive.infolist()))
    book = _opened(file, body)
    visible = [each for each in book.worksheets if each.sheet_state == "visible"]
    hidden = tuple(_hidden(file, each.title) for each in book.worksheets if each.sheet_state != "visible")
    if not visible:
        raise UnreadableList(f"{quoted(file)} has no visible sheet", advice="Show the sheet that holds the list.")
    formulas = tuple(_formulas(file, body, archive))
    return tuple(
        Sheet(file, each.title, _walker(file, book, each.title), (hidden + formulas) if at == 0 else ())
        for at, each in enumerate(visible)
    )


def _opened(file: str, body: bytes, *, values: bool = True) -> "Workbook":
    from openpyxl import load_workbook  # noqa: PLC0415 - see above

    try:
        with _silent():
            return load_workbook(io.BytesIO(body), read_only=True, data_only=values, keep_links=False)
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever its parts do on a broken workbook
        raise _broken(file, error) from None


@contextmanager
def _silent() -> Iterator[None]:
    """Keep quiet about styles and extensions, which say nothing of values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _broken(file: str, error: Exception) -> UnreadableList:
    return UnreadableList(
        f"{quoted(file)} is no workbook that can be read ({type(error).__name__})",
        advice="Open it in Excel and save it as XLSX again.",
    )


def _hidden(file: str, sheet: str) -> Finding:
    message = "is a hidden sheet and was not read"
    return CellPlace(file, sheet).finding(Severity.INFORMATION, message, "Show the sheet if it holds machines.")


def _walker(file: str, book: "Workbook", title: str) -> Callable[[], NumberedRows]:
    def walk() -> NumberedRows:
        filled = 0
        for number, cells in _rows(file, book, title):
            if all(each is None for each in cells):
                continue  # a stray cell at the end of a sheet makes a million of them
            filled += 1
            if filled > MOST_ROWS:
                raise TooLarge(f"sheet {quoted(title)} has more than {MOST_ROWS:,} rows")
            yield number, cells[:MOST_COLUMNS]

    return walk


def _rows(file: str, book: "Workbook", title: str) -> NumberedRows:
    """Yield every row of a sheet. Raise `UnreadableList` where it is broken."""
    sheet: Any = book[title]
    sheet.reset_dimensions()  # what the file says of its size may be anything
    try:
        yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    except (KeyError, ValueError, TypeError, IndexError, SyntaxError) as error:  # SyntaxError: XML's ParseError
        raise _broken(file, error) from None


def _formulas(file: str, body: bytes, archive: ZipFile) -> Iterator[Finding]:
    """Yield the formulas whose value was never stored: they read as empty cells."""
    sheets = (each.filename for each in archive.infolist() if each.filename.startswith("xl/worksheets/"))
    if not any(_holds(archive, each) for each in sheets):
        return
    values, formulas = _opened(file, body), _opened(file, body, values=False)
    for sheet in formulas.worksheets:
        if sheet.sheet_state == "visible":
            both = zip(_rows(file, formulas, sheet.title), _rows(file, values, sheet.title), strict=False)
            for (number, cells), (_, stored) in both:
                yield from _unstored(CellPlace(file, sheet.title, number), cells, stored)


def _unstored(row: CellPlace, cells: Cells, stored: Cells) -> Iterator[Finding]:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - see above

    for column, (cell, value) in enumerate(zip(cells, stored, strict=False), start=1):
        formula = getattr(cell, "text", cell)  # an array formula is an object
        if value is None and isinstance(formula, str) and formula.startswith("="):
            message = "is a formula whose value is not stored: it was read as empty"
            place = replace(row, column=get_column_letter(column), read=formula)
            yield place.finding(Severity.WARNING, message, "Open the workbook in Excel and save it, or paste values.")


def _holds(archive: ZipFile, member: str) -> bool:
    with archive.open(member) as stream:
        before = b""
        while part := stream.read(1024 * 1024):
            if b"<f>" in (before + part) or b"<f " in (before + part):
                return True
            before = part[-2:]
    return False
