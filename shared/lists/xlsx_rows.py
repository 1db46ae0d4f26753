"""Rows of a worksheet's XML as it goes by; memory holds a few of them.

openpyxl reads a workbook of 20,000 machines in 25 s of CPU, most of it in a parser in Python that looks out for entities. What is
parsed here has no document type, `limits` saw to that, so the parser in C may do it; and it need not see what is plain (docs/decisions).
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

from shared.lists.limits import LARGEST_ROW, MOST_COLUMNS
from shared.lists.plain_rows import KnownHeads, PlainRow, parts_of
from shared.lists.row_patterns import CellShape
from shared.lists.xlsx_cells import CellKinds, Element, column_of, formula_of, value_of
from shared.problems import TooLarge

Plan = list[tuple[int, Callable[[str], Any]]]  # of cells: in which column each is, and what reads its value


@dataclass(frozen=True)
class SheetRow:
    """A row: its number, its values by column, and the formulas whose value was never stored."""

    number: int
    cells: list[Any]
    unstored: Mapping[int, str]  # by column, as it stands in the file


def sheet_rows(stream: IO[bytes], kinds: CellKinds) -> Iterator[SheetRow]:
    """Yield the rows that a worksheet has. Raise `ParseError`, `ValueError`, `KeyError`, `IndexError` for a broken one."""
    rows, known = _SheetRows(kinds), KnownHeads()
    for part in parts_of(stream, known):
        if isinstance(part, PlainRow):
            yield rows.plain(part)
            continue
        before = rows.given
        yield from rows.parsed(part.xml)
        known.judge(part, is_row=rows.given == before + 1 and rows.after_row)
    yield from rows.ended()


class _SheetRows:
    """A worksheet on its way: what the parser has of it, and where its rows stand."""

    def __init__(self, kinds: CellKinds) -> None:
        self.given, self.after_row = 0, False
        self._kinds = kinds
        self._parser: ET.XMLPullParser[Element] = ET.XMLPullParser()  # `limits` saw that nothing declares entities
        self._tag = ""  # of rows
        self._number, self._elements = 0, 0
        self._columns: dict[str, int] = {}
        self._shapes = tuple[CellShape, ...]()
        self._plan: Plan = []

    def parsed(self, xml: bytes) -> Iterator[SheetRow]:
        """Yield the rows that end in a part."""
        self._parser.feed(xml)
        return self._ready()

    def ended(self) -> Iterator[SheetRow]:
        """Yield what the parser held back. Raise `ParseError` where the end is missing."""
        self._parser.close()
        return self._ready()

    def _ready(self) -> Iterator[SheetRow]:
        ended = cast(Iterator[tuple[str, Element]], self._parser.read_events())  # it was asked for no other events
        for _, element in ended:
            self._elements += 1
            tag = element.tag
            self.after_row = tag == self._tag or (not self._tag and tag.endswith("}row"))
            if self.after_row:
                self._tag = tag
                self._number = int(element.get("r") or self._number + 1)
                self._elements = 0
                self.given += 1
                yield _row(element, self._number, self._columns, self._kinds)
                element.clear()
            elif self._elements > LARGEST_ROW:
                raise TooLarge(f"row {self._number + 1} of a sheet has more than {LARGEST_ROW:,} parts")

    def plain(self, row: PlainRow) -> SheetRow:
        """Give a row that no parser had to read."""
        self._number, self._elements = row.number, 0
        if row.cells.shapes is not self._shapes:  # nearly all rows have those of the row before
            self._shapes = row.cells.shapes
            self._plan = [(column_of(each.column, self._columns), self._kinds.reader(each)) for each in self._shapes]
        return SheetRow(row.number, _placed(self._plan, row.cells.values), {})


def _row(element: Element, number: int, columns: dict[str, int], kinds: CellKinds) -> SheetRow:
    cells: list[Any] = []
    unstored: dict[int, str] = {}
    at = -1
    for cell in element:
        reference = cell.get("r")
        at = column_of(reference, columns) if reference else at + 1
        if at >= MOST_COLUMNS:
            continue
        if at >= len(cells):
            cells.extend([None] * (at + 1 - len(cells)))
        value = cells[at] = value_of(cell, kinds)
        if value is None and len(cell) and (formula := formula_of(cell)):
            unstored[at] = f"={formula}"
    return SheetRow(number, cells, unstored)


def _placed(plan: Plan, values: Sequence[str | None]) -> list[Any]:
    cells: list[Any] = []
    for (at, read), value in zip(plan, values, strict=True):
        if value is None or at >= MOST_COLUMNS:
            continue
        if at == len(cells):
            cells.append(read(value))
            continue
        cells.extend([None] * (at + 1 - len(cells)))
        cells[at] = read(value)
    return cells
