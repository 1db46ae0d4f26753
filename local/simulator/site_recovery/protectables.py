"""Protectable items: machines of a configuration server, of Hyper-V hosts; a replication appliance has none."""

from ..arm import Call, Reply, Route
from ..errors import ArmError, bad_request
from ..machines import Disk, SourceMachine
from ..services.offazure import disk_uuid
from . import ids, jobs
from .containers import container_json
from .hyperv_json import protectable_rows
from .lookup import container_of
from .state import Container, Fabric, Json, Protectable, SrVault, container_id, fabric_id, protectable_id
from .vcenter_machines import protectables_of
from .wire import listing, route

_ITEMS = f"{ids.CONTAINER}/replicationProtectableItems"
_CLASSIC = ("InMage", "InMageAzureV2")


def protectable_json(vault: SrVault, fabric: Fabric, container: Container, protectable: Protectable) -> Json:
    """Return a protectable item (recorded shape; recorded too: a physical machine always says that it is off)."""
    machine = vault.world.machine_by_ip(protectable.ip)
    # Seen by a vCenter, not added by its address.
    seen = machine is not None and protectable.id not in container.protectables
    installed = machine is not None and machine.agent_registered
    own = protectable_id(vault, fabric, container, protectable)
    item = next((each for each in container.items.values() if each.protectable.lower() == own.lower()), None)
    home = f"{container_id(vault, fabric, container)}/replicationProtectedItems"
    server = fabric.appliances[0].dra if fabric.appliances else ""
    details: Json = {
        "instanceType": "VMwareVirtualMachine",
        "agentGeneratedId": ids.guid(protectable.id, "agent") if installed else None,
        "agentInstalled": "Installed" if installed else "NotInstalled",
        "osType": protectable.os_type.upper(),
        "agentVersion": machine.agent_version if machine and installed else None,
        "ipAddress": protectable.ip,
        "poweredOn": "On" if seen and machine and machine.powered_on else "Off",
        "vCenterInfrastructureId": "9" if seen else "6",
        "discoveryType": "vCenter" if seen else "Physical",
        "diskDetails": [_disk(machine, disk) for disk in machine.disks] if seen and machine else [],
        "validationErrors": [],
    }
    properties = {
        "friendlyName": protectable.name,
        "protectionStatus": "Protected" if item else "Unprotected",
        "replicationProtectedItemId": f"{home}/{item.name}" if item else None,
        "recoveryServicesProviderId": f"{fabric_id(vault, fabric)}/replicationRecoveryServicesProviders/{server}",
        "protectionReadinessErrors": [],
        "supportedReplicationProviders": list(_CLASSIC),
        "customDetails": details,
    }
    return {"id": own, "name": protectable.id, "type": ids.PROTECTABLE_TYPE, "properties": properties}


def _list(call: Call) -> Reply:
    """Answer all of them on the first page, which links to a second one that is empty (recorded)."""
    vault, fabric, container = container_of(call)
    if "$skiptoken" in call.query:
        return listing(call, [])
    return listing(call, _rows(vault, fabric, container), {"$skipToken": "ReplicationGroup:Begin"})


def _rows(vault: SrVault, fabric: Fabric, container: Container) -> list[Json]:
    if fabric.kind in ("HyperVSite", "VMM"):
        return protectable_rows(vault, fabric, container)
    known = protectables_of(vault.world, fabric, container)
    return [protectable_json(vault, fabric, container, each) for each in known.values()]


def _disk(machine: SourceMachine, disk: Disk) -> Json:
    """Return a disk that the vCenter tells of (names and meanings of the SDK's model; the words themselves are assumed)."""
    return {
        "diskId": disk_uuid(machine, disk),
        "diskName": disk.name,
        "diskSizeInMB": str(disk.size_gb * 1024),
        "diskType": "System" if disk.os_disk else "Data",
        "diskConfiguration": "Basic",
        "volumeList": [],
    }


def _get(call: Call) -> Reply:
    wanted = call.params["protectable"].lower()
    found = next((row for row in _rows(*container_of(call)) if row["name"].lower() == wanted), None)
    if found is None:
        path = f"The protectable item '{call.params['protectable']}' could not be found."
        raise ArmError(404, "ResourceNotFound", path)
    return Reply(200, found)


def _discover(call: Call) -> Reply:
    """Add a physical machine by its address; whether anything answers there is not looked at (unknown: assumed)."""
    vault, fabric, container = container_of(call)
    sent = call.properties()
    name, ip, system = (str(sent.get(key) or "") for key in ("friendlyName", "ipAddress", "osType"))
    if fabric.kind != "VMware":
        raise bad_request(f"Machines cannot be added to a fabric of the type '{fabric.kind}'.")
    if not name or not ip or system.lower() not in ("windows", "linux"):
        raise bad_request("Give friendlyName, ipAddress and osType (Windows or Linux).")
    known = next((each for each in container.protectables.values() if each.ip == ip), None)
    # unknown: what adding an address twice does; assumed that it stays one machine
    protectable = known or Protectable(vault.world.new_guid(), name, ip, system)

    def added() -> Json | None:
        container.protectables[protectable.id] = protectable
        return None

    order = jobs.Order(
        "DiscoverPhysicalMachine",
        call.activity_id,
        protectable.id,
        protectable.name,
        "ProtectionEntity",
        effects={"DiscoverPhysicalMachineTask": added},
        known_as=(ip,),
        details=lambda _: _affected(fabric, container, protectable),
        result=lambda: container_json(vault, fabric, container),
    )
    return jobs.reply(call, vault, jobs.start(vault, order), container_id(vault, fabric, container), names_job=False)


def _affected(fabric: Fabric, container: Container, machine: Protectable) -> Json:
    """Return the job's customDetails (recorded: nothing of Azure's side in them)."""
    about = {
        "primaryVmId": machine.id,
        "primaryVmName": machine.name,
        "primaryCloudId": f"cloud_{fabric.internal_id}",
        "primaryCloudName": container.shown,
        "primaryVmmId": fabric.internal_id,
        "primaryVmmName": fabric.shown,
        "primaryFabricProviderId": fabric.kind,
    }
    return {"instanceType": "AsrJobDetails", "affectedObjectDetails": about}


ROUTES: tuple[Route, ...] = (
    route("GET", _ITEMS, _list),
    route("GET", f"{_ITEMS}/{{protectable}}", _get),
    route("POST", f"{ids.CONTAINER}/discoverProtectableItem", _discover),
)
