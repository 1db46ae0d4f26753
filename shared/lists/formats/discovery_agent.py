"""AWS Application Discovery: the export of one agent's server, a ZIP of CSV files."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Final

from shared.lists.formats.list_format import TableFormat, value_at, values_at
from shared.lists.formats.words import addresses, systems
from shared.lists.options import ListOptions
from shared.lists.records import CellPlace, Finding, ListedMachine, ListedValue, ListReading
from shared.lists.sources import ListSource
from shared.lists.tables import TableRow
from shared.roads.scenarios import FROM_SERVERS

SYSTEM: Final = frozenset({"osname", "hostname", "cputype"})
CARDS: Final = frozenset({"ipaddress", "netmask", "macaddress"})
AGENT: Final = ("agent id", "agentid", "agent_id", "agentconfigurationid")
LOOPBACK: Final = ("127.", "169.254.")
READ_ANYWAY: Final = "the assessment reads it itself, or a plan has no word for it"


class DiscoveryAgent(TableFormat):
    """Rows of osInfo are servers, seen again and again; networkInterface has their addresses."""

    name: ClassVar[str] = "aws-discovery-agent"
    title: ClassVar[str] = "AWS Application Discovery export of an agent"
    usual_road: ClassVar[str] = FROM_SERVERS
    untaken: ClassVar[dict[str, str]] = {"": READ_ANYWAY}

    def missing(self, headers: frozenset[str]) -> str:
        """See that it is osInfo."""
        wanted = sorted(SYSTEM - headers)
        return f"no column {' and '.join(wanted)} (of osInfo)" if wanted else ""

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return the host's name, and its agent."""
        return row.text("hostname"), row.text(*AGENT)

    def takes(self, header: str) -> bool:
        """Take name and system; the agent joins the files."""
        return header in ("hostname", "osname", *AGENT)

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:  # noqa: ARG002
        """Yield the system."""
        yield from systems(value_at(row, "system", "osname"))

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:  # noqa: ARG002
        """Yield the name."""
        yield from values_at(row, (("name", ("hostname",)),))

    def read(self, source: ListSource, options: ListOptions) -> ListReading:
        """Read osInfo; addresses come from networkInterface."""
        reading = super().read(source, options)
        known = _addresses(source)
        machines = tuple(_with_address(each, known) for each in reading.machines)
        cards = {sheet.file for sheet in source.sheets if sheet.table(CARDS.issubset)}
        findings = tuple(each for each in reading.findings if each.file not in cards)
        return replace(reading, machines=machines, findings=findings)


def _addresses(source: ListSource) -> dict[str, tuple[str, CellPlace]]:
    """Give the first address of each agent that others may reach."""
    found: dict[str, tuple[str, CellPlace]] = {}
    for sheet in source.sheets:
        table = sheet.table(CARDS.issubset)
        for row in table.rows() if table else ():
            for each in addresses(row.text("ipaddress")):
                if not each.startswith(LOOPBACK):
                    found.setdefault(row.text(*AGENT).casefold(), (each, row.place("ipaddress")))
    return found


def _with_address(machine: ListedMachine, known: dict[str, tuple[str, CellPlace]]) -> ListedMachine:
    if machine.identity not in known:
        return machine
    address, place = known[machine.identity]
    return replace(machine, selectors=(ListedValue(("privateIp",), address, place), *machine.selectors))
