"""A sheet as a table: rows by headers, told apart by how they are spelled, wherever on the sheet they begin."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Final

from shared.lists.cells import header_of, is_error, text_of
from shared.lists.records import CellPlace, Finding, Severity

CANDIDATES: Final = 30  # filled rows among which the header is: titles and notes may stand above it

Cells = Sequence[Any]
NumberedRows = Iterator[tuple[int, Cells]]


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, or a CSV file: its rows can be walked again and again."""

    file: str
    name: str  # empty for a CSV file
    walk: Callable[[], NumberedRows]
    findings: tuple[Finding, ...] = ()

    @cached_property
    def top(self) -> tuple[tuple[int, Cells], ...]:
        """Give the first filled rows, one of which is the header."""
        filled = ((number, cells) for number, cells in self.walk() if any(text_of(each) for each in cells))
        return tuple(islice(filled, CANDIDATES))

    def table(self, fits: Callable[[frozenset[str]], bool]) -> "Table | None":
        """Return the table below the first row whose headers fit; None when none does."""
        for number, cells in self.top:
            known = frozenset(header for each in cells if (header := header_of(each)))
            if known and fits(known):
                return Table(self, number, tuple(text_of(each) for each in cells))
        return None


@dataclass(frozen=True)
class TableRow:
    """One filled row."""

    table: "Table"
    number: int
    cells: Cells

    def text(self, *headers: str) -> str:
        """Return what the first filled of these columns says; Excel's error values are nothing."""
        for header in headers:
            if read := self._in(self.table.positions.get(header, ())):
                return read
        return ""

    def _in(self, columns: tuple[int, ...]) -> str:
        for at in columns:
            if at < len(self.cells) and (read := text_of(self.cells[at])) and not is_error(read):
                return read
        return ""

    def place(self, *headers: str) -> CellPlace:
        """Return where the first filled of these columns stands in this row; without any, the row itself."""
        sheet, column, read = self.table.sheet, "", ""
        for header in headers:
            at = self.table.positions.get(header, ())
            read = self._in(at)
            if at and (read or not column):
                column = self.table.headers[at[0]]
            if read:
                break
        return CellPlace(sheet.file, sheet.name, self.number, column, read)


@dataclass(frozen=True)
class Table:
    """Rows below a header."""

    sheet: Sheet
    header_row: int
    headers: tuple[str, ...]
    directly_before: Mapping[str, str] = field(default_factory=dict)  # of a repeated header the one before this counts
    spellings: Mapping[str, str] = field(default_factory=dict)  # a header -> how the format calls it

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Give the headers in the form in which they are compared."""
        return tuple(self.spellings.get(key, key) for key in map(header_of, self.headers))

    @cached_property
    def positions(self) -> dict[str, tuple[int, ...]]:
        """Give where each header stands; several times where it is repeated."""
        found: dict[str, list[int]] = {}
        for at, header in enumerate(self.keys):
            if header:
                found.setdefault(header, []).append(at)
        return {header: self._chosen(header, at) for header, at in found.items()}

    def _chosen(self, header: str, at: list[int]) -> tuple[int, ...]:
        after = self.directly_before.get(header)
        chosen = [each for each in at if each + 1 < len(self.keys) and self.keys[each + 1] == after] if after else []
        return tuple(chosen or at)

    @property
    def place(self) -> CellPlace:
        """Give where the header stands."""
        return CellPlace(self.sheet.file, self.sheet.name, self.header_row)

    def rows(self) -> Iterator[TableRow]:
        """Yield the filled rows below the header; a header that comes again, as in files put together, is none."""
        for number, cells in self.sheet.walk():
            if number > self.header_row and _is_filled(cells) and not self._is_header(cells):
                yield TableRow(self, number, cells)

    def _is_header(self, cells: Cells) -> bool:
        """Whether a row says the header again; most rows differ from it in their first cell already."""
        pairs = zip(self.headers, cells, strict=False)
        return all(header_of(cell) == header_of(header) for header, cell in pairs)

    @cached_property
    def repeated(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Give the headers that stand several times, with their places."""
        return tuple((header, at) for header, at in self.positions.items() if len(at) > 1)

    def findings(self, row: TableRow) -> Iterator[Finding]:
        """Yield what is wrong with a row whatever its columns mean."""
        beyond = [read for each in row.cells[len(self.headers) :] if (read := text_of(each))]
        if beyond:
            place = CellPlace(self.sheet.file, self.sheet.name, row.number, "", beyond[0])
            yield place.finding(
                Severity.WARNING,
                f"has {len(row.cells)} cells where the header has {len(self.headers)}",
                "Put values that hold the separator into quotes, or delete what stands beside the table.",
            )
        if [each for each in row.cells if each.__class__ is str and each[:1] == "#"]:  # hardly any row has one
            yield from self._errors(row)
        for header, places in self.repeated:
            yield from self._contradicting(row, header, places)

    def _errors(self, row: TableRow) -> Iterator[Finding]:
        for at, cell in enumerate(row.cells[: len(self.headers)]):
            if isinstance(cell, str) and cell.startswith("#") and is_error(cell.strip()):
                place = CellPlace(self.sheet.file, self.sheet.name, row.number, self.headers[at], cell)
                message = "is an error of the spreadsheet; nothing was read"
                yield place.finding(Severity.WARNING, message, "Correct the formula.")

    def _contradicting(self, row: TableRow, header: str, at: tuple[int, ...]) -> Iterator[Finding]:
        different = dict.fromkeys(read for each in at if each < len(row.cells) and (read := text_of(row.cells[each])))
        if len(different) > 1:
            yield row.place(header).finding(
                Severity.WARNING,
                f"stands in several columns of this name, and they differ: {', '.join(different)}; the first counts",
                "Leave one of them.",
            )


def _is_filled(cells: Cells) -> bool:
    return any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in cells)
