"""Microsoft's kit for Site Recovery at scale (configuration server): a row per machine with all of its target."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from shared.lists.formats.list_format import TableFormat, value_at, values_at
from shared.lists.options import ListOptions
from shared.lists.records import Finding, ListedMachine, ListedValue, ListReading, Severity
from shared.lists.sources import ListSource
from shared.lists.tables import TableRow
from shared.roads.scenarios import BY_CONFIGURATION_SERVER, FROM_VMWARE

KEY: Final = "source_machine_name"
MARKS: Final = ("target_machine_name", "vault_name", "configuration_server", "replication_policy")
OWN: Final = (
    ("target.name", ("target_machine_name",)),
    ("target.resourceGroup", ("target_resource_group",)),
    ("target.subnet", ("target_subnet",)),
    ("target.availabilitySet", ("availability_set",)),
    ("target.privateIp", ("private_ip",)),
    ("target.size", ("machine_size", "target_machine_size")),
)
OF_PLAN: Final = (
    ("target.subscriptionId", ("vault_subscription_id",)),
    ("target.resourceGroup", ("target_resource_group",)),
    ("target.network.vnet", ("target_vnet",)),
    ("target.network.resourceGroup", ("target_vnet_rg",)),
    ("target.network.subnet", ("target_subnet",)),
    ("target.network.testVnet", ("testfailover_vnet", "testfailover_vnet_name")),
    ("target.cacheStorageAccount", ("target_storage_account",)),
    ("target.cacheResourceGroup", ("target_storage_account_rg",)),
    ("target.vault.name", ("vault_name",)),
    ("replication.appliance.name", ("configuration_server",)),
    ("replication.appliance.runAsAccount", ("account_name",)),
)
# What machines of one plan share; the group and the subnet a machine may have of its own.
SHARED: Final = tuple(each for each in OF_PLAN if each[0] not in ("target.resourceGroup", "target.network.subnet"))


class AtScaleKit(TableFormat):
    """Rows are machines; where the first goes is the plan's target, and machines that go elsewhere are waves with their own."""

    name: ClassVar[str] = "asr-at-scale"
    title: ClassVar[str] = "ASR-at-scale kit CSV"
    usual_road: ClassVar[str] = FROM_VMWARE
    untaken: ClassVar[dict[str, str]] = {
        "replication_policy": "the file does not tell the policy's settings; write `policy` in the plan",
    }

    def missing(self, headers: frozenset[str]) -> str:
        """See that there are machines, and where they go."""
        wanted = [] if KEY in headers else [KEY]
        wanted += [] if headers & set(MARKS) else [f"one of {', '.join(MARKS)}"]
        return f"no column {' and '.join(wanted)}".upper().replace("NO COLUMN", "no column") if wanted else ""

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return the friendly name of the protectable item."""
        return row.text(KEY), ""

    def takes(self, header: str) -> bool:
        """Take what plans and machines have."""
        own = (header in headers for _, headers in (*OWN, *OF_PLAN))
        return any(own) or header in (KEY, "process_server", *_GROUPS)

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:  # noqa: ARG002
        """Yield the machine's target, and what the plan cannot say."""
        has_card = bool(row.text("target_nsg_name"))
        yield from (each for each in values_at(row, OWN) if not (has_card and each.path[-1] == "privateIp"))
        if group := value_at(row, "target.nics", "target_nsg_name"):
            yield replace(group, value=[_card(row, str(group.value))])
        test, network = row.text("testfailover_resource_group"), row.text("target_vnet_rg")
        if test and network and test.casefold() != network.casefold():
            message = f"the test network lies in {test}, the network in {network}; a plan has one group for both"
            yield row.place("testfailover_resource_group").finding(
                Severity.ERROR, message, "Put both networks into one resource group."
            )
        server, process = row.text("configuration_server"), row.text("process_server")
        if process and process.casefold() != server.casefold():
            message = f"is not the configuration server {server}; a plan has no further process servers"
            yield row.place("process_server").finding(
                Severity.WARNING, message, "See that the machine can reach that server."
            )

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:  # noqa: ARG002
        """Yield the name."""
        yield from values_at(row, (("name", (KEY,)),))

    def read(self, source: ListSource, options: ListOptions) -> ListReading:
        """Read row by row; what the first says of vault and networks is the plan's, and others have waves of their own."""
        reading = super().read(source, options)
        table = self.table(source)
        rows = {row.number: row for row in table.rows()} if table else {}
        first = next((rows[each.place.row] for each in reading.machines), None)
        if first is None:
            return reading
        faulty = {each.row for each in reading.findings if each.severity is Severity.ERROR}
        machines, waves, findings = list[ListedMachine](), dict[str, dict[str, Any]](), list[Finding]()
        for roads in _by_road([each for each in reading.machines if each.place.row not in faulty], rows, first):
            row = rows[roads[0].place.row]
            if wave := _wave(row, first):
                waves[str(wave.value)] = _road(row)
                message = f"goes elsewhere than row {first.number}: wave {wave.value} has a target of its own"
                findings.append(wave.place.finding(Severity.INFORMATION, message))
            machines += [replace(_beyond(each, row if wave else first), wave=wave) for each in roads]
        all_findings = (*reading.findings, *findings)
        return replace(reading, machines=tuple(machines), findings=all_findings, plan=_road(first), waves=waves)


_GROUPS: Final = ("target_nsg_name", "target_nsg_resource_group", "testfailover_resource_group")


def _card(row: TableRow, group: str) -> dict[str, str]:
    """Return the first card with its security group, by its id where it lies in another resource group."""
    where, own = row.text("target_nsg_resource_group"), row.text("target_resource_group")
    subscription = row.text("vault_subscription_id")
    if where and where.casefold() != own.casefold() and subscription:
        group = f"/subscriptions/{subscription}/resourceGroups/{where}/providers/Microsoft.Network/networkSecurityGroups/{group}"
    address = row.text("private_ip")
    return {"securityGroup": group} | ({"privateIp": address} if address else {})


def _by_road(
    machines: list[ListedMachine], rows: Mapping[int, TableRow], first: TableRow
) -> Iterator[list[ListedMachine]]:
    """Yield the machines that share vault, networks and server; an empty cell says what the first row says."""
    groups: dict[tuple[str, ...], list[ListedMachine]] = {}
    for each in machines:
        row = rows[each.place.row]
        key = tuple((row.text(*headers) or first.text(*headers)).casefold() for _, headers in SHARED)
        groups.setdefault(key, []).append(each)
    yield from groups.values()


def _wave(row: TableRow, first: TableRow) -> ListedValue | None:
    """Return the wave of machines that go elsewhere than those of the first row, named by what differs."""
    other = [
        headers
        for _, headers in SHARED
        if (read := row.text(*headers)) and read.casefold() != first.text(*headers).casefold()
    ]
    title = " ".join(row.text(*headers) for headers in other)
    return ListedValue(("wave",), title, row.place(*other[0])) if other else None


def _road(row: TableRow) -> dict[str, Any]:
    """Return target and replication as a row tells them."""
    road = _nested(row)
    install = "push" if row.text("account_name") else "manual"
    road.setdefault("replication", {}).update(mode=BY_CONFIGURATION_SERVER, agent={"install": install})
    return road


def _beyond(machine: ListedMachine, first: TableRow) -> ListedMachine:
    """Return a machine without what the plan says for it."""
    usual: dict[tuple[str, ...], str] = {
        ("target", "resourceGroup"): first.text("target_resource_group"),
        ("target", "subnet"): first.text("target_subnet"),
    }
    return replace(machine, values=tuple(each for each in machine.values if usual.get(each.path) != each.value))


def _nested(row: TableRow) -> dict[str, Any]:
    """Return what a row says of the plan, as a plan's document."""
    found: dict[str, Any] = {}
    for path, headers in OF_PLAN:
        if read := row.text(*headers):
            *above, last = path.split(".")
            part = found
            for step in above:
                part = part.setdefault(step, {})
            part[last] = read
    return found
