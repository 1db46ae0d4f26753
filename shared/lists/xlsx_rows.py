"""Rows of a worksheet's XML as it goes by: whatever a cell is, it comes as the value that was stored, and memory holds one row.

openpyxl reads a workbook of 20,000 machines in 25 s of CPU, most of it in a parser in Python that looks out for entities. What is
parsed here has no document type, `limits` saw to that, so the parser in C may do it (docs/decisions).
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final

from shared.lists.limits import LARGEST_ROW, MOST_COLUMNS
from shared.problems import TooLarge

LETTERS: Final = 26
DIGITS: Final = "0123456789"
Element = ET.Element


@dataclass(frozen=True)
class CellKinds:
    """What cells need to know of their workbook."""

    strings: list[str]
    dates: frozenset[str]  # styles in which a number is a moment
    to_moment: Callable[[float], Any]


@dataclass(frozen=True)
class SheetRow:
    """A row: its number, its values by column, and the formulas whose value was never stored."""

    number: int
    cells: list[Any]
    unstored: Mapping[int, str]  # by column, as it stands in the file


def sheet_rows(stream: IO[bytes], kinds: CellKinds) -> Iterator[SheetRow]:
    """Yield the rows that a worksheet has. Raise `ParseError`, `ValueError`, `KeyError`, `IndexError` for a broken one."""
    columns: dict[str, int] = {}
    number, elements, space = 0, 0, ""
    for _, element in ET.iterparse(stream):  # noqa: S314 - `limits` saw that nothing declares entities
        elements += 1
        tag = element.tag
        if tag == space or (not space and tag.endswith("}row")):
            space = tag
            number = int(element.get("r") or number + 1)
            yield _row(element, number, columns, kinds)
            element.clear()
            elements = 0
        elif elements > LARGEST_ROW:
            raise TooLarge(f"row {number + 1} of a sheet has more than {LARGEST_ROW:,} parts")


def _row(element: Element, number: int, columns: dict[str, int], kinds: CellKinds) -> SheetRow:
    cells: list[Any] = []
    unstored: dict[int, str] = {}
    at = -1
    for cell in element:
        reference = cell.get("r")
        at = _column(reference, columns) if reference else at + 1
        if at >= MOST_COLUMNS:
            continue
        if at >= len(cells):
            cells.extend([None] * (at + 1 - len(cells)))
        value = cells[at] = _value(cell, kinds)
        if value is None and len(cell):
            formula = next((each.text for each in cell if each.tag.endswith("}f")), None)
            if formula:
                unstored[at] = f"={formula}"
    return SheetRow(number, cells, unstored)


def _column(reference: str, known: dict[str, int]) -> int:
    """Give the place of a column by its letters, `A` is 0."""
    letters = reference.rstrip(DIGITS)
    found = known.get(letters)
    if found is None:
        found = 0
        for letter in letters.upper():
            found = found * LETTERS + ord(letter) - ord("A") + 1
        if not 0 < found <= LETTERS**3 + LETTERS**2 + LETTERS or not letters.isalpha():
            raise ValueError(f"{reference!r} is no cell")
        known[letters] = found = found - 1
    return found


def _value(cell: Element, kinds: CellKinds) -> Any:
    kind = cell.get("t", "n")
    stored = (
        cell[0].text if len(cell) == 1 and kind != "inlineStr" and cell[0].tag.endswith("v") else _stored(cell, kind)
    )
    if stored is None or kind == "inlineStr":
        return stored
    if kind == "s":
        return kinds.strings[int(stored)]
    return _plain(stored, kind, cell, kinds)


def _stored(cell: Element, kind: str) -> str | None:
    """Give what stands in a cell beside a formula, or in itself."""
    if kind == "inlineStr":
        return text_in(cell) or None
    return next((each.text for each in cell if each.tag.endswith("}v")), None)


def _plain(stored: str, kind: str, cell: Element, kinds: CellKinds) -> Any:
    if kind == "b":
        return stored.strip() not in ("0", "false")
    if kind != "n":  # a text that a formula gave, an error, a date as text
        return stored
    number = float(stored) if "." in stored or "e" in stored.lower() else int(stored)
    return kinds.to_moment(number) if cell.get("s") in kinds.dates else number


def text_in(element: Element) -> str:
    """Give the text of a string, put together where parts of it look differently; how it is spoken is no part of it."""
    return "".join(_texts(element)).replace("x005F_", "")


def _texts(element: Element) -> Iterator[str]:
    for each in element:
        name = each.tag.rpartition("}")[2]
        if name == "t":
            yield each.text or ""
        elif name in ("r", "is"):
            yield from _texts(each)
