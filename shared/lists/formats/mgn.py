"""AWS Application Migration Service (MGN): the CSV of its import and export."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from shared.lists.formats.list_format import TableFormat, value_at, values_at
from shared.lists.formats.words import is_ipv4, systems
from shared.lists.options import ListOptions
from shared.lists.records import CellPlace, Finding, ListedValue, Severity
from shared.lists.tables import Table, TableRow
from shared.roads.scenarios import FROM_AWS, FROM_SERVERS

KEY: Final = "mgn:server:user-provided-id"
FQDN: Final = ("mgn:server:fqdn-for-action-framework", "mgn:server:fqdn", "mgn:server:hostname")
ADDRESS: Final = "mgn:launch:nic:0:private-ip:0"
SERVER_TAG: Final = "mgn:server:tag:"
LAUNCH_TAG: Final = "mgn:launch:tag:instance:"
MARKERS: Final = ("[RESET_VALUE]", "[DELETE_TAG]")
EC2: Final = re.compile(r"i-[0-9a-f]{8,17}")
OF_AWS: Final = "it is about the target in AWS"


class MgnInventory(TableFormat):
    """Rows are servers with their application, wave and launch settings repeated."""

    name: ClassVar[str] = "mgn"
    title: ClassVar[str] = "AWS MGN import/export CSV"
    wave_headers: ClassVar[tuple[str, ...]] = ("mgn:wave:name",)
    untaken: ClassVar[dict[str, str]] = {
        "mgn:account-id": OF_AWS,
        "mgn:region": OF_AWS,
        "mgn:wave:": "a plan's wave has a name only; write it as a comment",
        "mgn:app:": "a plan's application has a name only",
        "mgn:server:id": "it is an id of MGN",
        "mgn:server:lifecycle-state": "it is a state of MGN",
        "mgn:server:replication": "it is a state of MGN",
        "mgn:launch:instance-type": "a size of AWS is none of Azure; name target.size, or let Site Recovery choose",
        ADDRESS: "it is the address at the target in AWS; `--source-addresses` takes it for that of the source",
        "mgn:launch:": OF_AWS,
    }

    def missing(self, headers: frozenset[str]) -> str:
        """See that there are servers, by the id that the agent was given; tools that know none write the host name."""
        return "" if headers & {KEY, *FQDN} else f"no column {KEY}"

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return the id that the agent was given."""
        return row.text(*((KEY,) if KEY in row.table.positions else FQDN)), ""

    def left_out(self, row: TableRow) -> str:
        """Leave out rows that describe a wave or an application alone."""
        of_server = [each for each in row.table.positions if each.startswith(("mgn:server:", "mgn:launch:"))]
        alone = row.text("mgn:wave:name", "mgn:app:name") and not row.text(*of_server)
        return "it describes a wave or an application, no server" if alone else ""

    def takes(self, header: str) -> bool:
        """Take platform, name, application and tags."""
        own = (KEY, *FQDN, "mgn:app:name", "mgn:server:platform")
        return header in own or header.startswith((SERVER_TAG, LAUNCH_TAG))

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:  # noqa: ARG002
        """Yield application, system and tags."""
        for each in values_at(row, (("application", ("mgn:app:name",)),)):
            yield from _unless_marker(each)
        yield from systems(value_at(row, "system", "mgn:server:platform"))
        seen = set[str]()
        for start in (SERVER_TAG, LAUNCH_TAG):
            for each in _tags(row, start):
                if each.path[-1].casefold() not in seen:
                    seen.add(each.path[-1].casefold())
                    yield from _unless_marker(each)

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:
        """Yield the instance, the name, and the address where it is known to be the source's."""
        if (key := value_at(row, "instanceId", KEY)) and EC2.fullmatch(str(key.value)):
            yield key
        for header in FQDN:
            if found := value_at(row, "name", header):
                kind = "privateIp" if is_ipv4(str(found.value)) else "name"
                yield ListedValue((kind,), found.value, found.place)
        if options.source_addresses and (found := value_at(row, "privateIp", ADDRESS)):
            yield found
        if key and not EC2.fullmatch(str(key.value)):
            yield ListedValue(("name",), key.value, key.place)

    def road(self, table: Table) -> str:
        """Speak of EC2 where the ids are EC2's."""
        first = next((row for row in table.rows() if row.text(KEY)), None)
        return FROM_AWS if first and EC2.fullmatch(first.text(KEY)) else FROM_SERVERS


def _tags(row: TableRow, start: str) -> Iterator[ListedValue]:
    """Yield the tags of a row; the case of their names is kept."""
    for header, raw in zip(row.table.keys, row.table.headers, strict=True):
        if header.startswith(start) and (read := row.text(header)):
            yield ListedValue(("target", "tags", raw.lstrip("*").strip()[len(start) :]), read, row.place(header))


def _unless_marker(listed: ListedValue) -> Iterator[ListedValue | Finding]:
    if listed.value not in MARKERS:
        yield listed
        return
    place: CellPlace = listed.place
    message = f"asks MGN to clear {'.'.join(listed.path)}; nothing is taken over"
    yield place.finding(Severity.INFORMATION, message, "Delete the field in the plan if it is there.")
