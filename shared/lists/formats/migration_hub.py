"""AWS Migration Hub and Application Discovery: the import template."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Final

from shared.lists.formats.list_format import TableFormat, value_at, values_at
from shared.lists.formats.words import addresses, one_application, systems, tag_values
from shared.lists.options import ListOptions
from shared.lists.records import Finding, ListedValue
from shared.lists.sources import ListSource
from shared.lists.tables import Sheet, Table, TableRow
from shared.roads.scenarios import FROM_SERVERS, FROM_VMWARE

NAMES: Final = ("hostname", "vmware.vmname", "externalid")
IDENTIFYING: Final = ("externalid", "hostname", "ipaddress", "macaddress", "vmware.morefid")
MARKS: Final = (
    "vmware.", "cpu.", "ram.", "os.", "diskreads", "diskwrites", "networkreads", "networkwrites", "applicationwave",
    "smbiosid", "serverid",
)  # fmt: skip
MEASURED: Final = "sizes and loads are read by the assessment; a plan names a size in Azure (target.size)"


class MigrationHubInventory(TableFormat):
    """Rows are servers; cells with several values part them by commas."""

    name: ClassVar[str] = "migration-hub"
    title: ClassVar[str] = "AWS Migration Hub import CSV"
    wave_headers: ClassVar[tuple[str, ...]] = ("applicationwave",)
    untaken: ClassVar[dict[str, str]] = {
        "cpu.": MEASURED,
        "ram.": MEASURED,
        "disk": MEASURED,
        "network": MEASURED,
        "vmware.": "a plan finds machines by name or address",
        "externalid": "it is an id of the tool that wrote the list",
        "smbiosid": "a plan finds machines by name or address",
        "macaddress": "a plan finds machines by name or address",
        "serverid": "it is an id of Migration Hub",
        "os.version": "the assessment reads the system itself",
    }

    def missing(self, headers: frozenset[str]) -> str:
        """See that something identifies servers, and that another column is Migration Hub's own."""
        wanted = [] if headers & set(IDENTIFYING) else [f"one of {', '.join(IDENTIFYING)}"]
        marked = any(header.startswith(MARKS) for header in headers)
        wanted += [] if marked else ["one that begins with OS., CPU., RAM. or VMware."]
        return f"no column {' and '.join(wanted)}" if wanted else ""

    def is_certain(self, source: ListSource) -> bool:
        """See whether it is an export of all servers, which holds a template beside other files."""
        return any(map(_is_template, source.sheets))

    def table(self, source: ListSource) -> Table | None:
        """Return the template of an export, else the first sheet that fits."""
        first = sorted(source.sheets, key=lambda each: not _is_template(each))
        return super().table(replace(source, sheets=tuple(first)))

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return the host's name, else the VM's, else the id."""
        return row.text(*NAMES), row.text("externalid", "vmware.morefid")

    def takes(self, header: str) -> bool:
        """Take name, address, system, application and tags."""
        return header in ("hostname", "vmware.vmname", "ipaddress", "os.name", "applications", "tags")

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:  # noqa: ARG002
        """Yield application, system and tags."""
        yield from one_application(value_at(row, "application", "applications"))
        yield from systems(value_at(row, "system", "os.name"))
        yield from tag_values(value_at(row, "tags", "tags"), ",", ":")

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:  # noqa: ARG002
        """Yield the first address, and the names."""
        for each in addresses(row.text("ipaddress"))[:1]:
            yield ListedValue(("privateIp",), each, row.place("ipaddress"))
        yield from values_at(row, (("name", ("vmware.vmname",)), ("name", ("hostname",))))

    def road(self, table: Table) -> str:
        """Speak of VMware where a row names a VM of it."""
        names = ("vmware.vmname", "vmware.morefid")
        has = any(each in table.positions for each in names) and any(row.text(*names) for row in table.rows())
        return FROM_VMWARE if has else FROM_SERVERS


def _is_template(sheet: Sheet) -> bool:
    return sheet.file.casefold().endswith("_importtemplate.csv")
