"""What every format of lists can do: say whether a file is of it, and read it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar, Protocol

from shared.lists.cells import header_of, text_of
from shared.lists.options import ListOptions
from shared.lists.records import CellPlace, Finding, ListedMachine, ListedValue, ListReading, Severity
from shared.lists.sources import ListSource
from shared.lists.tables import Table, TableRow

SOURCE_ADDRESSES = "--source-addresses"
NO_COUNTERPART = "has no counterpart in a plan"


class ListFormat(Protocol):
    """One module per format implements this."""

    name: ClassVar[str]  # what `--format` calls it
    title: ClassVar[str]  # what people call it

    def why_not(self, source: ListSource) -> str:
        """Say why a file is not of this format; empty where it is."""

    def is_certain(self, source: ListSource) -> bool:  # noqa: ARG002 - most tell it by headers alone
        """Whether the names of an archive's files leave no doubt."""
        return False

    def read(self, source: ListSource, options: ListOptions) -> ListReading:
        """Return everything that a file of this format says, with every finding."""


class TableFormat(ListFormat):
    """A format whose machines are the rows of one sheet."""

    usual_road: ClassVar[str] = ""  # the road that such lists usually speak of
    wave_headers: ClassVar[tuple[str, ...]] = ()
    untaken: ClassVar[dict[str, str]] = {}  # columns that are known and not taken over, with the reason

    def missing(self, headers: frozenset[str]) -> str:
        """Say which headers are missing for this format; empty where none is."""
        raise NotImplementedError

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return what the list calls the machine of a row, and what tells it from others of that name."""
        raise NotImplementedError

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:
        """Yield what a row says of the machine."""
        raise NotImplementedError

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:
        """Yield how the machine of a row may be found at its source."""
        raise NotImplementedError

    def left_out(self, row: TableRow) -> str:  # noqa: ARG002 - most leave nothing out
        """Say why the row is no machine to be listed; empty where it is one."""
        return ""

    def takes(self, header: str) -> bool:
        """Whether a column is taken over."""
        raise NotImplementedError

    def road(self, table: Table) -> str:  # noqa: ARG002 - most tell none
        """Name the scenario that the list speaks of; empty where it does not tell."""
        return self.usual_road

    def table(self, source: ListSource) -> Table | None:
        """Return the first sheet's table that fits."""
        found = (sheet.table(lambda headers: not self.missing(headers)) for sheet in source.sheets)
        return next((each for each in found if each), None)

    def why_not(self, source: ListSource) -> str:
        """Say which headers are missing, of the row that comes nearest."""
        if not source.sheets:
            return "it holds no sheet"
        if self.table(source) is not None:
            return ""
        rows = [frozenset(map(header_of, cells)) for sheet in source.sheets for _, cells in sheet.top]
        return min((self.missing(each) for each in rows), key=len, default="it is empty")

    def read(self, source: ListSource, options: ListOptions) -> ListReading:
        """Read row by row."""
        table = self.table(source)
        if table is None:
            raise AssertionError("a format is asked to read what fits it")
        table = self.prepared(table)
        findings, machines, rows = list[Finding](), list[ListedMachine](), 0
        untaken = UntakenColumns(self, table, options)
        for row in table.rows():
            rows += 1
            untaken.look(row)
            findings += table.findings(row)
            if machine := self._machine(row, options, findings):
                machines.append(machine)
        if not rows:
            findings.append(
                table.place.finding(Severity.WARNING, "has no row below its header", "Is it the right file?")
            )
        return ListReading(
            format=self.name,
            machines=tuple(machines),
            findings=(*findings, *untaken.findings(), *_others(source, table)),
            scenario=self.road(table),
            rows=rows,
        )

    def prepared(self, table: Table) -> Table:
        """Return the table with what this format knows of its headers."""
        return table

    def _machine(self, row: TableRow, options: ListOptions, findings: list[Finding]) -> ListedMachine | None:
        key, identity = self.key(row)
        if reason := self.left_out(row):
            findings.append(row.place().finding(Severity.INFORMATION, f"{key or 'the row'} is left out: {reason}"))
            return None
        if not key:
            message = "names no machine"
            findings.append(row.place().finding(Severity.ERROR, message, "Give the machine a name, or delete the row."))
            return None
        values = list[ListedValue]()
        for each in self.values(row, options):
            if isinstance(each, Finding):
                findings.append(each)
            else:
                values.append(each)
        return ListedMachine(
            key=key,
            identity=identity.casefold(),
            place=replace(row.place(), read=key),
            wave=self.wave(row, options),
            values=tuple(values),
            selectors=tuple(self.selectors(row, options)),
        )

    def wave(self, row: TableRow, options: ListOptions) -> ListedValue | None:
        """Return the wave that a row names."""
        headers = (header_of(options.wave_column),) if options.wave_column else self.wave_headers
        return value_at(row, "wave", *headers)


def value_at(row: TableRow, path: str, *headers: str) -> ListedValue | None:
    """Return what the first filled of some columns says for a field; None where nothing is said."""
    place = row.place(*headers)
    return ListedValue(tuple(path.split(".")), place.read, place) if place.read else None


def values_at(row: TableRow, columns: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[ListedValue]:
    """Yield what a row says for fields, each with its columns."""
    for path, headers in columns:
        if found := value_at(row, path, *headers):
            yield found


def with_value(listed: ListedValue, value: object) -> ListedValue:
    """Return it with another value, of the same place."""
    return replace(listed, value=value)


class UntakenColumns:
    """Columns that say something and are not taken over, each with the first row that fills it."""

    def __init__(self, form: TableFormat, table: Table, options: ListOptions) -> None:
        self._form, self._table = form, table
        wanted = header_of(options.wave_column)
        self._unseen = [
            at
            for at, header in enumerate(table.keys)
            if header and header != wanted and header not in form.wave_headers and not form.takes(header)
            if not (options.source_addresses and SOURCE_ADDRESSES in self._reason(header))
        ]
        self._seen: dict[int, CellPlace] = {}

    def look(self, row: TableRow) -> None:
        """Note which columns this row fills."""
        for at in [each for each in self._unseen if each < len(row.cells) and text_of(row.cells[each])]:
            self._unseen.remove(at)
            sheet = self._table.sheet
            read = text_of(row.cells[at])
            self._seen[at] = CellPlace(sheet.file, sheet.name, row.number, self._table.headers[at], read)

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for each such column."""
        for at, place in sorted(self._seen.items()):
            reason = self._reason(self._table.keys[at])
            yield place.finding(Severity.INFORMATION, f"the column is not taken over: {reason}")

    def _reason(self, header: str) -> str:
        known = (why for start, why in self._form.untaken.items() if header.startswith(start))
        return next(known, f"it is none that {self._form.title} has" if self._form.untaken else NO_COUNTERPART)


def _others(source: ListSource, table: Table) -> Iterator[Finding]:
    """Yield the sheets that were not read."""
    for sheet in source.sheets:
        if sheet is not table.sheet and sheet.top:
            yield CellPlace(sheet.file, sheet.name).finding(Severity.INFORMATION, "the sheet was not read")
