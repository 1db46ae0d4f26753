"""Azure Migrate: the CSV of its inventory import (server name, cores, memory, system, disks)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Final

from shared.lists.formats.list_format import TableFormat, value_at, values_at
from shared.lists.formats.words import addresses, systems
from shared.lists.options import ListOptions
from shared.lists.records import Finding, ListedValue, ListReading, Severity
from shared.lists.sources import ListSource
from shared.lists.tables import Table, TableRow
from shared.roads.scenarios import FROM_HYPERV, FROM_SERVERS, FROM_VMWARE

NAME: Final = "server name"
ADDRESSES: Final = ("ip addresses", "ip address")
SYSTEM: Final = ("os name", "operating system")
MARKS: Final = (
    ("cores", "number of cores"),
    ("memory (in mb)", "memory", "memory (mb)", "memory in mb"),
    SYSTEM,
    ADDRESSES,
)
ROADS: Final = {"vmware": FROM_VMWARE, "hyper-v": FROM_HYPERV, "hyperv": FROM_HYPERV}
MEASURED: Final = "sizes and loads are read by the assessment; a plan names a size in Azure (target.size)"


class AzureMigrateInventory(TableFormat):
    """Rows are servers; a `*` before a header means that Azure Migrate wants it filled."""

    name: ClassVar[str] = "azure-migrate"
    title: ClassVar[str] = "Azure Migrate inventory CSV"
    usual_road: ClassVar[str] = FROM_SERVERS
    untaken: ClassVar[dict[str, str]] = {
        "cores": MEASURED,
        "number of cores": MEASURED,
        "memory": MEASURED,
        "cpu utilization": MEASURED,
        "network": MEASURED,
        "disk": "disks are read by the assessment; a plan names only those that are treated otherwise",
        "number of disks": "disks are read by the assessment; a plan names only those that are treated otherwise",
        "total disks": MEASURED,
        "storage": MEASURED,
        "*storage": MEASURED,
        "os version": "the assessment reads the system itself",
        "os architecture": "the assessment reads the system itself",
        "server type": "it tells the road of a new plan, nothing of the machine",
        "hypervisor": "it tells the road of a new plan, nothing of the machine",
        "boot type": "Site Recovery keeps it",
        "firmware type": "Site Recovery keeps it",
        "mac address": "a plan finds machines by name or address",
    }

    def missing(self, headers: frozenset[str]) -> str:
        """See that there are servers, and two more columns of the template."""
        wanted = [] if NAME in headers else [NAME]
        known = sum(bool(headers & set(each)) for each in MARKS)
        wanted += [] if known >= 2 else ["two of cores, memory, os name, ip addresses"]
        return f"no column {' and '.join(wanted)}" if wanted else ""

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return the server's name."""
        return row.text(NAME), ""

    def takes(self, header: str) -> bool:
        """Take name, addresses and system."""
        return header in (NAME, *ADDRESSES, *SYSTEM)

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:  # noqa: ARG002
        """Yield the system; say which addresses are none of IPv4."""
        yield from systems(value_at(row, "system", *SYSTEM))
        if (read := row.text(*ADDRESSES)) and not addresses(read):
            message = "holds no IPv4 address; nothing of it is taken over"
            yield row.place(*ADDRESSES).finding(Severity.WARNING, message, "Write an address such as 10.0.2.15.")

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:  # noqa: ARG002
        """Yield the first address, and the name."""
        for each in addresses(row.text(*ADDRESSES))[:1]:
            yield ListedValue(("privateIp",), each, row.place(*ADDRESSES))
        yield from values_at(row, (("name", (NAME,)),))

    def road(self, table: Table) -> str:
        """Speak of the hypervisor that most rows name."""
        if "hypervisor" not in table.positions:
            return self.usual_road
        first = next((found for row in table.rows() if (found := row.text("hypervisor"))), "")
        return ROADS.get(first.casefold(), self.usual_road)

    def read(self, source: ListSource, options: ListOptions) -> ListReading:
        """Read row by row; a file without a single address cannot be joined with anything but names."""
        reading = super().read(source, options)
        if any(each.path == ("privateIp",) for machine in reading.machines for each in machine.selectors):
            return reading
        table = self.table(source)
        message = "no row has an address; converters of RVTools exports lose them, and cut names at 25 characters"
        advice = "Import the RVTools export itself, or see that the names are the machines' own."
        lost = [table.place.finding(Severity.WARNING, message, advice)] if table and reading.machines else []
        return replace(reading, findings=(*reading.findings, *lost))
