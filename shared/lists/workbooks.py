"""Sheets of XLSX workbooks, read row by row: values only, as they were stored."""

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from shared.lists.limits import MOST_ROWS, check_xml
from shared.lists.records import CellPlace, Finding, Severity
from shared.lists.tables import NumberedRows, Sheet
from shared.lists.xlsx_parts import BookParts, SheetPart, read_book
from shared.lists.xlsx_rows import SheetRow, sheet_rows
from shared.plan.error_messages import quoted
from shared.problems import TooLarge, UnreadableList

WORKSHEET: Final = "worksheet"
BROKEN: Final = (ParseError, KeyError, ValueError, IndexError, TypeError, BadZipFile, zlib.error, EOFError)


def workbook_sheets(file: str, body: bytes, archive: ZipFile) -> tuple[Sheet, ...]:
    """Return the visible sheets of a workbook; hidden ones, and charts, are findings of the first.

    Raise `UnreadableList` where it is none, or could do harm.
    """
    check_xml(file, archive, tuple(archive.infolist()))
    with _told_broken(file):
        book = read_book(archive)
    tables = [each for each in book.sheets if each.kind == WORKSHEET]
    visible = [each for each in tables if each.visible]
    if not visible:
        raise UnreadableList(f"{quoted(file)} has no visible sheet", advice="Show the sheet that holds the list.")
    findings = (
        *(_hidden(file, each.name) for each in tables if not each.visible),
        *(_no_table(file, each) for each in book.sheets if each.kind != WORKSHEET),
        *_formulas(file, archive, book, visible),
    )
    return tuple(
        Sheet(file, each.name, _walker(file, body, book, each), findings if at == 0 else ())
        for at, each in enumerate(visible)
    )


@contextmanager
def _told_broken(file: str) -> Iterator[None]:
    """Raise `UnreadableList` where a part of the workbook is broken."""
    try:
        yield
    except BROKEN as error:
        raise UnreadableList(
            f"{quoted(file)} is no workbook that can be read ({type(error).__name__})",
            advice="Open it in Excel and save it as XLSX again.",
        ) from None


def _hidden(file: str, sheet: str) -> Finding:
    message = "is a hidden sheet and was not read"
    return CellPlace(file, sheet).finding(Severity.INFORMATION, message, "Show the sheet if it holds machines.")


def _no_table(file: str, sheet: SheetPart) -> Finding:
    """Say of a chart on a sheet of its own, or of a dialog, that it holds no rows."""
    return CellPlace(file, sheet.name).finding(Severity.INFORMATION, f"is a {sheet.kind}, which has no rows")


def _walker(file: str, body: bytes, book: BookParts, sheet: SheetPart) -> Callable[[], NumberedRows]:
    def walk() -> NumberedRows:
        filled = 0
        with _told_broken(file), ZipFile(io.BytesIO(body)) as archive:
            for row in _rows(archive, book, sheet):
                if all(each is None for each in row.cells):
                    continue  # a stray cell at the end of a sheet makes a million of them
                filled += 1
                if filled > MOST_ROWS:
                    raise TooLarge(f"sheet {quoted(sheet.name)} has more than {MOST_ROWS:,} rows")
                yield row.number, row.cells

    return walk


def _rows(archive: ZipFile, book: BookParts, sheet: SheetPart) -> Iterator[SheetRow]:
    with archive.open(sheet.path) as stream:
        yield from sheet_rows(stream, book.kinds)


def _formulas(file: str, archive: ZipFile, book: BookParts, sheets: list[SheetPart]) -> Iterator[Finding]:
    """Yield the formulas whose value was never stored: they read as empty cells."""
    for sheet in sheets:
        with _told_broken(file):
            if not _holds(archive, sheet.path):
                continue
            for row in _rows(archive, book, sheet):
                for at, formula in row.unstored.items():
                    yield _unstored(replace(CellPlace(file, sheet.name, row.number), read=formula), at)


def _unstored(place: CellPlace, at: int) -> Finding:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - openpyxl takes half a second to import

    message = "is a formula whose value is not stored: it was read as empty"
    advice = "Open the workbook in Excel and save it, or paste values."
    return replace(place, column=get_column_letter(at + 1)).finding(Severity.WARNING, message, advice)


def _holds(archive: ZipFile, member: str) -> bool:
    with archive.open(member) as stream:
        before = b""
        while part := stream.read(1024 * 1024):
            if b"f>" in (before + part) or b"<f " in (before + part):
                return True
            before = part[-2:]
    return False
