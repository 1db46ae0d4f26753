"""RVTools: the workbook, or a ZIP or folder of the CSV files that it writes for each sheet."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import ClassVar, Final

from shared.lists.cells import is_true
from shared.lists.formats.list_format import TableFormat, value_at, values_at
from shared.lists.formats.words import addresses, systems
from shared.lists.options import ListOptions
from shared.lists.records import CellPlace, Finding, ListedMachine, ListedValue, ListReading, Severity
from shared.lists.sources import ListSource
from shared.lists.tables import Sheet, Table, TableRow
from shared.roads.scenarios import FROM_VMWARE

NAME: Final = ("vm", "vinfovmname")
POWER: Final = ("powerstate", "vinfopowerstate")
TEMPLATE: Final = ("template", "vinfotemplate")
PLACEHOLDER: Final = ("srm placeholder", "vinfosrmplaceholder")
REPORTED: Final = ("os according to the vmware tools", "vinfoostools")
CONFIGURED: Final = ("os according to the configuration file", "vinfoos")
ADDRESS: Final = ("primary ip address", "vinfoprimaryipaddress")
IDS: Final = (  # by what a machine is known in every sheet, the surest first
    ("vm uuid", ("vm uuid", "vinfouuid")),
    ("vm id", ("vm id", "vinfovmid")),
    ("vm", NAME),
)
CARD: Final = ("ipv4 address", "ip address")
MOST_CARDS: Final = 8  # of a plan's machine
PLACES: Final = "it may name the waves: `--wave-column`"
READ_ANYWAY: Final = "the assessment reads it itself, or a plan has no word for it"


class RvTools(TableFormat):
    """Rows of vInfo are machines; vNetwork adds their cards."""

    name: ClassVar[str] = "rvtools"
    title: ClassVar[str] = "RVTools export"
    usual_road: ClassVar[str] = FROM_VMWARE
    untaken: ClassVar[dict[str, str]] = {"datacenter": PLACES, "cluster": PLACES, "folder": PLACES, "": READ_ANYWAY}

    def missing(self, headers: frozenset[str]) -> str:
        """See that it is vInfo: machines with their power and their size."""
        wanted = [each[0] for each in (NAME, POWER) if not headers & set(each)]
        sizes = {"memory", "vinfomemory", "provisioned mib", "provisioned mb", "vinfoprovisioned", "primary ip address"}
        wanted += [] if headers & sizes and "size mib" not in headers else ["memory (of sheet vInfo)"]
        return f"no column {' and '.join(wanted)}" if wanted else ""

    def table(self, source: ListSource) -> Table | None:
        """Return vInfo, found by its name or its headers."""
        first = sorted(source.sheets, key=lambda each: not _is_called(each, "vinfo"))
        return super().table(replace(source, sheets=tuple(first)))

    def prepared(self, table: Table) -> Table:
        """Take of several columns `Datacenter` the one before `Cluster`: another is a custom attribute."""
        return replace(table, directly_before={"datacenter": "cluster"})

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return the display name, which is not unique, and the id in its vCenter, which is."""
        return row.text(*NAME), "|".join((row.text("vi sdk uuid", "vi sdk server"), *_ids(row)))

    def left_out(self, row: TableRow) -> str:
        """Leave out templates and placeholders, and what stands below the machines."""
        if not row.text(*NAME):
            return "it names no VM"
        if is_true(row.text(*TEMPLATE)):
            return "it is a template"
        return "it is a placeholder of Site Recovery Manager" if is_true(row.text(*PLACEHOLDER)) else ""

    def takes(self, header: str) -> bool:
        """Take name, address, system and power; ids join the sheets."""
        return header in (*NAME, *POWER, *TEMPLATE, *PLACEHOLDER, *REPORTED, *CONFIGURED, *ADDRESS) or (
            header.startswith(("vi sdk", "vm uuid", "vm id", "vinfouuid", "vinfovmid"))
        )

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:  # noqa: ARG002
        """Yield the system; say which machines are off."""
        yield from systems(value_at(row, "system", *REPORTED, *CONFIGURED))
        power = row.text(*POWER)
        if power and power.casefold() != "poweredon":
            message = "the machine does not run: it has no address, and only replication without agents copies it"
            yield row.place(*POWER).finding(Severity.WARNING, message, "Start it, or choose `mode: agentless`.")

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:  # noqa: ARG002
        """Yield name and address."""
        yield from values_at(row, (("name", NAME),))
        for each in addresses(row.text(*ADDRESS))[:1]:
            yield ListedValue(("privateIp",), each, row.place(*ADDRESS))

    def read(self, source: ListSource, options: ListOptions) -> ListReading:
        """Read vInfo; the cards of machines that have several come from vNetwork."""
        reading = super().read(source, options)
        network = next((found for each in source.sheets if (found := each.table(_is_network))), None)
        if network is None:
            return reading
        cards = _cards(network)
        machines = tuple(_with_cards(each, cards) for each in reading.machines)
        unread = tuple(
            each
            for each in reading.findings
            if (each.file, each.sheet) != (network.sheet.file, network.sheet.name) or each.row
        )
        return replace(reading, machines=machines, findings=unread)


def _is_called(sheet: Sheet, name: str) -> bool:
    return sheet.name.casefold() == name or f"tab{name}." in sheet.file.casefold()


def _is_network(headers: frozenset[str]) -> bool:
    return bool(headers & set(NAME) and headers & set(CARD) and headers & {"nic label", "adapter", "mac address"})


def _ids(row: TableRow) -> tuple[str, ...]:
    """Give what a machine is known by in every sheet, the surest first."""
    known = ((header, row.text(*headers)) for header, headers in IDS)
    return tuple(f"{header}={found}".casefold() for header, found in known if found)


def _cards(network: Table) -> dict[str, list[tuple[str, CellPlace]]]:
    """Give the first address of each connected card, by every id of its machine."""
    found: dict[str, list[tuple[str, CellPlace]]] = {}
    for row in network.rows():
        connected = row.text("connected")
        address = next(iter(addresses(row.text(*CARD))), "")
        if address and (not connected or is_true(connected)):
            for each in _ids(row):
                found.setdefault(each, []).append((address, row.place(*CARD)))
    return found


def _with_cards(machine: ListedMachine, cards: Mapping[str, list[tuple[str, CellPlace]]]) -> ListedMachine:
    """Return a machine with its cards, where it has several: a single one needs no word in a plan."""
    own = next((cards[each] for each in machine.identity.split("|") if each in cards), [])
    if len(own) < 2:
        return machine
    value = [{"sourceIp": address} for address, _ in own[:MOST_CARDS]]
    return replace(machine, values=(*machine.values, ListedValue(("target", "nics"), value, own[0][1])))
