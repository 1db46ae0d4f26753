"""Microsoft.OffAzure: an appliance's sites with the machines and accounts it has discovered.

A physical machine whose Mobility agent registered, or that somebody added to the appliance, appears under every ServerSites
site; one that a vCenter runs appears under every VMwareSites site, agent or not. Sites are put by whoever registers an appliance (Site Recovery's control API) or by a PUT.
Names of properties follow api-version 2023-06-06; what a physical machine leaves out is not recorded: unknown, assumed.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..arm import Call, Reply, Route
from ..errors import not_found
from ..machines import Disk, SourceMachine
from ..operations import stamp
from ..provider import Provider
from ..resources import Resource
from ..world import World
from .kinds import Kind, delete, get, listed, listed_everywhere, paged, put, retag
from .vmware_machines import vcenter_name, vmware_adapter, vmware_disk, vmware_properties

SERVER_SITE = Kind("Microsoft.OffAzure", ("ServerSites",))
VMWARE_SITE = Kind("Microsoft.OffAzure", ("VMwareSites",))
# The accounts that somebody gave to the appliance: name, credentialType.
_ACCOUNTS = {
    "ServerSites": (("agent", "LinuxServer"), ("root", "LinuxServer"), ("administrator", "WindowsServer")),
    "VMwareSites": (("vcenter", "VMwareFabric"), ("linux", "LinuxGuest"), ("windows", "WindowsGuest")),
}
_FIRST_SEEN = "2026-11-01T08:00:00.0000000Z"
VERSIONS = frozenset({"2020-01-01", "2020-07-07", "2023-06-06", "2024-12-01-preview"})


def site_of(world: World, machine_id: str) -> Resource | None:
    """Return the site that a machine's ARM id lies under."""
    return world.resources.get(machine_id.partition("/machines/")[0])


def machine_of(world: World, machine_id: str) -> SourceMachine | None:
    """Return the source machine an OffAzure machine id names, if its site shows it."""
    site = site_of(world, machine_id)
    if site is None:
        return None
    wanted = machine_id.rstrip("/").rpartition("/")[2].lower()
    return next((each for each in shown_under(world, site) if each.discovery_name == wanted), None)


def shown_under(world: World, site: Resource) -> list[SourceMachine]:
    """Return the machines that a site shows."""
    physical = site["type"].lower() == SERVER_SITE.name.lower()
    machines = world.machines.values()
    if not physical:
        return [each for each in machines if each.vcenter]
    outside = [each for each in machines if not each.vcenter and not each.hyperv]
    return [each for each in outside if each.agent_registered or each.discovered]


def machine_id(site: Resource, machine: SourceMachine) -> str:
    """Return the ARM id of a machine under a site."""
    return f"{site['id']}/machines/{machine.discovery_name}"


def machine_json(world: World, site: Resource, machine: SourceMachine) -> Resource:
    """Return a discovered machine as ARM shows it."""
    common = _properties(machine, stamp(world.now) or "")
    common |= {} if machine.vcenter else {"siteId": site["id"]}
    extra = vmware_properties(machine, site) if machine.vcenter else _physical(machine, site)
    named = {"id": machine_id(site, machine), "name": machine.discovery_name, "type": f"{site['type']}/machines"}
    tags = {"tags": extra["tags"]} if "tags" in extra else {}  # recorded: a vCenter's bear them twice
    return {**named, **tags, "properties": {**common, **extra}}


def _properties(machine: SourceMachine, seen: str) -> dict[str, Any]:
    system = {"osType": machine.os_type, "osName": machine.os_name, "osVersion": "", "osArchitecture": "x64"}
    return {
        "displayName": machine.name,
        "firmware": machine.firmware,
        "biosSerialNumber": str(uuid5(NAMESPACE_URL, f"bios:{machine.name}")),
        "biosGuid": str(uuid5(NAMESPACE_URL, f"guid:{machine.name}")),
        "numberOfProcessorCore": machine.cores,
        "allocatedMemoryInMB": machine.memory_mb,
        "disks": [_disk(machine, index) for index in range(len(machine.disks))],
        "networkAdapters": [vmware_adapter(machine) if machine.vcenter else _adapter(machine)],
        "operatingSystemDetails": system,
        "guestOSDetails": system,
        "powerStatus": "ON" if machine.powered_on else "OFF",
        "isDeleted": machine.deleted,
        "isGuestDetailsDiscoveryInProgress": False,
        "errors": [],
        "createdTimestamp": seen,
        "updatedTimestamp": seen,
    }


def disk_uuid(machine: SourceMachine, disk: Disk) -> str:
    """Return the id by which a discovered machine's disk is named."""
    return str(uuid5(NAMESPACE_URL, f"disk:{machine.name.lower()}:{disk.name}"))


def _disk(machine: SourceMachine, index: int) -> dict[str, Any]:
    disk = machine.disks[index]
    if machine.vcenter:
        return vmware_disk(machine, index, disk_uuid(machine, disk))
    return {
        "uuid": disk_uuid(machine, disk),
        "label": disk.name,
        "name": disk.name,
        "maxSizeInBytes": disk.bytes_in_all,
        "diskType": "SCSI",
        "lun": index,
        "path": disk.name,
        "isOSDisk": disk.os_disk,
    }


def _adapter(machine: SourceMachine) -> dict[str, Any]:
    address = {"ipAddressList": [machine.ip], "ipAddressType": "Ipv4"}
    return {"label": "eth0", "nicId": "0", "macAddress": machine.mac, "networkName": "", "adapterType": "", **address}


def _physical(machine: SourceMachine, site: Resource) -> dict[str, Any]:
    host = machine.hostname or machine.name
    return {
        "hostName": host,
        "fqdn": host,
        "agentVersion": machine.agent_version,
        "runAsAccountId": f"{site['id']}/runasaccounts/agent",
        "validationRequired": "",
    }


def _vcenters(call: Call) -> Reply:
    site = VMWARE_SITE.stored(call)
    known = sorted({machine.vcenter for machine in shown_under(call.world, site)})
    return paged(call, [_vcenter(site, each) for each in known])


def _vcenter(site: Resource, vcenter: str) -> Resource:
    name = vcenter_name(vcenter)
    shown = {"friendlyName": vcenter, "fqdn": vcenter, "port": "443", "version": "8.0.2", "errors": []}
    account = {"runAsAccountId": f"{site['id']}/runasaccounts/vcenter"}
    own = {"id": f"{site['id']}/vcenters/{name}", "name": name, "type": f"{site['type']}/vcenters"}
    return {**own, "properties": {**shown, **account}}


def _machines(kind: Kind) -> Route:
    def handle(call: Call) -> Reply:
        site = kind.stored(call)
        return paged(call, [machine_json(call.world, site, each) for each in shown_under(call.world, site)])

    return Route("GET", f"{kind.template}/machines", handle, VERSIONS)


def _machine(kind: Kind) -> Route:
    def handle(call: Call) -> Reply:
        site = kind.stored(call)
        wanted = f"{site['id']}/machines/{call.params['machine']}"
        found = machine_of(call.world, wanted)
        if found is None:
            raise not_found(wanted)
        return Reply(200, machine_json(call.world, site, found))

    return Route("GET", f"{kind.template}/machines/{{machine}}", handle, VERSIONS)


def _accounts(kind: Kind) -> Route:
    def handle(call: Call) -> Reply:
        site = kind.stored(call)
        return Reply(200, {"value": [_account(site, *each) for each in _ACCOUNTS[kind.types[0]]], "nextLink": None})

    return Route("GET", f"{kind.template}/runasaccounts", handle, VERSIONS)


def _account(site: Resource, name: str, system: str) -> Resource:
    account = {"id": f"{site['id']}/runasaccounts/{name}", "name": name, "type": f"{site['type']}/runasaccounts"}
    seen = {"createdTimestamp": _FIRST_SEEN, "updatedTimestamp": _FIRST_SEEN, "applianceName": None}
    shown = {"displayName": name, "credentialType": system, **seen}
    return {**account, "properties": shown}


def _routes(kind: Kind) -> tuple[Route, ...]:
    plain = (get(kind), listed(kind), listed_everywhere(kind), put(kind), retag(kind), delete(kind))
    return (*plain, _machines(kind), _machine(kind), _accounts(kind))


OFF_AZURE = Provider(
    "Microsoft.OffAzure",
    routes=(
        *_routes(SERVER_SITE),
        *_routes(VMWARE_SITE),
        Route("GET", f"{VMWARE_SITE.template}/vcenters", _vcenters, VERSIONS),
    ),
)
