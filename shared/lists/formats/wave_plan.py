"""Azure Migrate: the CSV that maps the inventory to waves."""

from collections.abc import Iterator
from typing import ClassVar, Final

from shared.lists.formats.list_format import TableFormat, value_at, values_at
from shared.lists.formats.words import one_application
from shared.lists.options import ListOptions
from shared.lists.records import Finding, ListedValue
from shared.lists.tables import TableRow
from shared.roads.scenarios import FROM_VMWARE

WAVE: Final = "wave name"
NAMES: Final = ("workload name", "machine name", "server name", "name")
KINDS: Final = ("workload type", "type", "category", "workload category")
APPLICATIONS: Final = ("application name(s)", "application names", "application name", "applications", "application")
SERVERS: Final = ("server", "machine", "vm", "virtual", "physical", "host")
INVENTORY: Final = "of this list only the waves count, as in Azure Migrate itself"


class AzureWavePlan(TableFormat):
    """Rows are workloads with the wave that each goes with."""

    name: ClassVar[str] = "azure-wave-plan"
    title: ClassVar[str] = "Azure Migrate wave plan CSV"
    usual_road: ClassVar[str] = FROM_VMWARE
    wave_headers: ClassVar[tuple[str, ...]] = (WAVE,)
    untaken: ClassVar[dict[str, str]] = {"": INVENTORY}

    def missing(self, headers: frozenset[str]) -> str:
        """See that there are waves, and machines."""
        wanted = [] if WAVE in headers else [WAVE]
        wanted += [] if headers & set(NAMES) else [f"one of {', '.join(NAMES)}"]
        return f"no column {' and '.join(wanted)}" if wanted else ""

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return the workload's name."""
        return row.text(*NAMES), ""

    def left_out(self, row: TableRow) -> str:
        """Leave out databases and web apps."""
        kind = row.text(*KINDS)
        is_server = not kind or any(each in kind.casefold() for each in SERVERS)
        is_database = "sql server" in kind.casefold() or "database" in kind.casefold()
        return "" if is_server and not is_database else f"it is no server but a {kind}"

    def takes(self, header: str) -> bool:
        """Take the name, the kind and the application."""
        return header in (*NAMES, *KINDS, *APPLICATIONS)

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:  # noqa: ARG002
        """Yield the application."""
        yield from one_application(value_at(row, "application", *APPLICATIONS))

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:  # noqa: ARG002
        """Yield the name."""
        yield from values_at(row, (("name", NAMES),))
