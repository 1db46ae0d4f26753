"""The parts of an XLSX workbook beside its rows: which sheets it has, its strings, and in which styles a number is a date."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from posixpath import join, normpath
from typing import Final
from zipfile import ZipFile

from shared.lists.xlsx_cells import CellKinds, Element, text_in

BOOK: Final = "xl/workbook.xml"
LARGEST_PART: Final = 64 * 1024 * 1024  # of those that are held whole


@dataclass(frozen=True)
class SheetPart:
    """A sheet as the workbook names it: where its rows are; `kind` is worksheet, chartsheet, dialogsheet."""

    name: str
    path: str
    kind: str
    visible: bool


@dataclass(frozen=True)
class BookParts:
    """What a workbook says of itself."""

    sheets: tuple[SheetPart, ...]
    kinds: CellKinds


def read_book(archive: ZipFile) -> BookParts:
    """Read everything but the rows. Raise `ParseError`, `KeyError`, `ValueError` where it is broken."""
    at = _book_path(archive)
    book = _tree(archive, at)
    related = _related(archive, at)
    by_kind = dict(related.values())
    sheets = tuple(_sheets(book, related))
    strings = list(_strings(archive, by_kind.get("sharedStrings", "")))
    dates = frozenset(_date_styles(archive, by_kind.get("styles", "")))
    old = any(each.get("date1904") in ("1", "true") for each in _named(book, "workbookPr"))
    return BookParts(sheets, CellKinds(strings, dates, partial(_moment, old=old)))


def _moment(number: float, *, old: bool) -> object:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel  # noqa: PLC0415 - slow

    try:
        return from_excel(number, CALENDAR_MAC_1904 if old else CALENDAR_WINDOWS_1900)
    except (OverflowError, ValueError):
        return number  # no calendar has it


def _book_path(archive: ZipFile) -> str:
    related = _related(archive, "") if "_rels/.rels" in archive.namelist() else {}
    return next((path for kind, path in related.values() if kind == "officeDocument" and path), BOOK)


def _related(archive: ZipFile, path: str) -> Mapping[str, tuple[str, str]]:
    """Give what a part refers to, by id: the kind, and the path in the archive."""
    folder, _, name = path.rpartition("/")
    at = join(folder, "_rels", f"{name}.rels")
    if at not in archive.namelist():
        return {}
    return {
        each.get("Id", ""): (each.get("Type", "").rpartition("/")[2], _absolute(folder, each.get("Target", "")))
        for each in _tree(archive, at)
    }


def _absolute(folder: str, target: str) -> str:
    path = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
    return path if path.lower().endswith(".xml") else ""  # nothing else was looked at for what it declares


def _sheets(book: Element, related: Mapping[str, tuple[str, str]]) -> Iterator[SheetPart]:
    for each in _named(book, "sheet"):
        reference = next((value for name, value in each.items() if name.endswith("}id")), "")
        kind, path = related.get(reference, ("", ""))
        if path:
            yield SheetPart(each.get("name", ""), path, kind, each.get("state", "visible") == "visible")


def _strings(archive: ZipFile, path: str) -> Iterator[str]:
    if path not in archive.namelist():
        return
    with archive.open(path) as stream:
        for _, element in ET.iterparse(stream):  # noqa: S314 - `limits` saw that nothing declares entities
            if element.tag.endswith("}si"):
                yield text_in(element)
                element.clear()


def _date_styles(archive: ZipFile, path: str) -> Iterator[str]:
    """Yield the numbers of the styles in which a number is shown as a date or a time."""
    if path not in archive.namelist():
        return
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format  # noqa: PLC0415 - slow

    styles = _tree(archive, path)
    own = {each.get("numFmtId", ""): each.get("formatCode", "") for each in _named(styles, "numFmt")}
    formats = next(_named(styles, "cellXfs"), ())
    for number, each in enumerate(formats):
        code = each.get("numFmtId", "0")
        if is_date_format(own.get(code) or BUILTIN_FORMATS.get(int(code), "")):
            yield str(number)


def _named(root: Element, name: str) -> Iterator[Element]:
    return (each for each in root.iter() if each.tag.rpartition("}")[2] == name)


def _tree(archive: ZipFile, path: str) -> Element:
    if archive.getinfo(path).file_size > LARGEST_PART:
        raise ValueError(f"{path} is too large")
    return ET.fromstring(archive.read(path))  # noqa: S314 - the same
