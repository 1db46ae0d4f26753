"""Cloud Migration Factory on AWS: its intake form, as CSV or workbook."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Final

from shared.lists.cells import header_of
from shared.lists.formats.list_format import TableFormat, value_at, values_at
from shared.lists.formats.words import strategies, systems, tag_values
from shared.lists.options import ListOptions
from shared.lists.records import Finding, ListedValue
from shared.lists.tables import Table, TableRow
from shared.roads.scenarios import FROM_SERVERS

SCHEMA: Final = re.compile(r"^\[(wave|application|app|server|database)\]\s*")
MARKS: Final = ("app_name", "wave_name", "r_type", "server_os_family", "aws_accountid")
OF_AWS: Final = "it is about the target in AWS"
STATE: Final = "it is a state of the factory"


class CmfIntake(TableFormat):
    """Rows are servers with application and wave repeated; headers may name their schema in brackets."""

    name: ClassVar[str] = "cmf"
    title: ClassVar[str] = "Cloud Migration Factory intake form"
    usual_road: ClassVar[str] = FROM_SERVERS
    wave_headers: ClassVar[tuple[str, ...]] = ("wave_name", "wave_id")
    untaken: ClassVar[dict[str, str]] = {
        "wave_start_time": "the form tells no time zone; write cutover.windows of the wave",
        "wave_end_time": "the form tells no time zone; write cutover.windows of the wave",
        "wave_": STATE,
        "aws_": OF_AWS,
        "subnet_ids": OF_AWS,
        "securitygroup_ids": OF_AWS,
        "network_interface_id": OF_AWS,
        "private_ip": "it is the address at the target in AWS; `--source-addresses` takes it for that of the source",
        "secondary_private_ip": OF_AWS,
        "instancetype": "a size of AWS is none of Azure; name target.size, or let Site Recovery choose",
        "iamrole": OF_AWS,
        "tenancy": OF_AWS,
        "dedicated_host_id": OF_AWS,
        "target_instance_id": OF_AWS,
        "ebs_": OF_AWS,
        "server_mgn_post_launch": OF_AWS,
        "secret_name": "no secret is taken into a plan",
        "migration_status": STATE,
        "replication_status": STATE,
        "cloudendure_projectname": STATE,
        "server_os_version": "the assessment reads the system itself",
        "database_": "it is about a database, not a machine",
    }

    def missing(self, headers: frozenset[str]) -> str:
        """See that there are servers, and something else that only this form has."""
        bare = {_bare(each) for each in headers}
        wanted = [] if "server_name" in bare else ["server_name"]
        wanted += [] if bare & set(MARKS) else [f"one of {', '.join(MARKS)}"]
        return f"no column {' and '.join(wanted)}" if wanted else ""

    def prepared(self, table: Table) -> Table:
        """Take the schema out of the headers; columns of a database keep theirs, so that they are not taken for others."""
        return replace(table, spellings={each: _bare(each) for each in map(header_of, table.headers)})

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return the server's name."""
        return row.text("server_name"), ""

    def left_out(self, row: TableRow) -> str:
        """Leave out rows of databases, and of waves and applications alone."""
        if row.text("server_name"):
            return ""
        if row.text("[database]database_name", "database_name"):
            return "it is a database"
        alone = row.text("wave_name", "app_name") and not row.text("server_fqdn", "server_os_family", "r_type", "tags")
        return "it describes a wave or an application, no server" if alone else ""

    def takes(self, header: str) -> bool:
        """Take what a plan's machine has, too."""
        return header in (
            "server_name", "server_fqdn", "app_name", "server_os_family", "r_type", "server_tier", "server_environment",
            "tags",
        )  # fmt: skip

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:  # noqa: ARG002
        """Yield application, system, strategy and tags."""
        own = (
            ("application", ("app_name",)),
            ("target.tags.server_tier", ("server_tier",)),
            ("target.tags.server_environment", ("server_environment",)),
        )
        yield from values_at(row, own)
        yield from systems(value_at(row, "system", "server_os_family"))
        yield from strategies(value_at(row, "strategy", "r_type"))
        yield from tag_values(value_at(row, "tags", "tags"), ";", "=")

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:
        """Yield the address where it is known to be the source's, and the names."""
        if options.source_addresses and (found := value_at(row, "privateIp", "private_ip")):
            yield found
        yield from values_at(row, (("name", ("server_fqdn",)), ("name", ("server_name",))))


def _bare(header: str) -> str:
    return header if header.startswith("[database]") else SCHEMA.sub("", header)
