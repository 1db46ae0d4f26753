"""Cells of a worksheet: whatever a cell is, it comes as the value that was stored."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from shared.lists.row_patterns import CellShape

LETTERS: Final = 26
DIGITS: Final = "0123456789"
SPELLED: Final = "x005F_"  # stands before what would be taken for the spelling of a character
INLINE: Final = "inlineStr"
SHARED: Final = "s"
NUMBER: Final = "n"
TRUTH: Final = "b"
BROKEN: Final = frozenset(".eE")  # a number with one of these is no whole one
Element = ET.Element


@dataclass(frozen=True)
class CellKinds:
    """What cells need to know of their workbook."""

    strings: list[str]
    dates: frozenset[str]  # styles in which a number is a moment
    to_moment: Callable[[float], Any]

    def value(self, stored: str | None, kind: str, style: str | None) -> Any:
        """Give what stands in the value of a cell."""
        if not stored:
            return None
        if kind == SHARED:
            return self.strings[int(stored)]
        if kind == TRUTH:
            return stored.strip() not in ("0", "false")
        if kind != NUMBER:  # a text that a formula gave, an error, a date as text
            return stored
        return self.to_moment(number_of(stored)) if style in self.dates else number_of(stored)

    def reader(self, shape: CellShape) -> Callable[[str], Any]:
        """Give what reads the values of such cells."""
        kind, style = shape.kind or NUMBER, shape.style
        if (shape.holds == "t") != (kind == INLINE) or not shape.holds:
            return _nothing
        if kind == INLINE:
            return _text
        if kind == NUMBER and style not in self.dates:
            return _number
        return partial(self.value, kind=kind, style=style)


def number_of(stored: str) -> float:
    """Give a number, a whole one where it is written as such. Raise `ValueError` for what is none."""
    return int(stored) if stored.isdecimal() or BROKEN.isdisjoint(stored) else float(stored)


def _number(stored: str) -> float | None:
    return number_of(stored) if stored else None


def _text(stored: str) -> str | None:
    return as_shown(stored) or None


def _nothing(stored: str) -> None:  # noqa: ARG001 - as others that read
    return None


def column_of(reference: str, known: dict[str, int]) -> int:
    """Give the place of a column by its letters, `A` is 0. Raise `ValueError` for what is none."""
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


def value_of(cell: Element, kinds: CellKinds) -> Any:
    """Give the value of a cell's element; None where it has none, or none was stored."""
    kind = cell.get("t", NUMBER)
    if kind == INLINE:
        return text_in(cell) or None
    if len(cell) == 1 and cell[0].tag.endswith("v"):
        return kinds.value(cell[0].text, kind, cell.get("s"))
    stored = next((each.text for each in cell if each.tag.endswith("}v")), None)
    return kinds.value(stored, kind, cell.get("s"))


def formula_of(cell: Element) -> str | None:
    """Give the formula of a cell, as it stands in the file."""
    return next((each.text for each in cell if each.tag.endswith("}f")), None)


def text_in(element: Element) -> str:
    """Give the text of a string, put together where parts of it look differently; how it is spoken is no part of it."""
    return as_shown("".join(_texts(element)))


def as_shown(text: str) -> str:
    """Give a text without what only keeps it from being taken for the spelling of a character."""
    return text.replace(SPELLED, "")


def _texts(element: Element) -> Iterator[str]:
    for each in element:
        name = each.tag.rpartition("}")[2]
        if name == "t":
            yield each.text or ""
        elif name in ("r", "is"):
            yield from _texts(each)
