"""A Hyper-V machine as a protectable item (recorded shapes)."""

from ..machines import SourceMachine
from . import ids
from .fabric_json import dra_name
from .hyperv import machines_of, vhd_id, vm_id
from .state import Container, Fabric, Json, SrVault, container_id, fabric_id


def protectable_rows(vault: SrVault, fabric: Fabric, container: Container) -> list[Json]:
    """Return the machines of a site or a cloud as protectable items."""
    return [_row(vault, fabric, container, each) for each in machines_of(vault.world, fabric, container)]


def _row(vault: SrVault, fabric: Fabric, container: Container, machine: SourceMachine) -> Json:
    home, name = container_id(vault, fabric, container), protectable_name(fabric, machine)
    own = f"{home}/replicationProtectableItems/{name}"
    item = next((each for each in container.items.values() if each.protectable.lower() == own.lower()), None)
    server = dra_name(fabric.appliances[0]) if fabric.appliances else ""
    properties: Json = {
        "friendlyName": machine.name,
        "protectionStatus": "Protected" if item else "Unprotected",
        "replicationProtectedItemId": f"{home}/replicationProtectedItems/{item.name}" if item else None,
        "recoveryServicesProviderId": f"{fabric_id(vault, fabric)}/replicationRecoveryServicesProviders/{server}",
        "protectionReadinessErrors": [],
        "supportedReplicationProviders": ["HyperVReplicaAzure"],
        "customDetails": {
            "instanceType": "HyperVVirtualMachine",
            "sourceItemId": vm_id(machine),
            "generation": "2" if machine.firmware == "UEFI" else "1",
            # recorded: null for some; assumed while no guest answers
            "osDetails": os_details(machine) if machine.powered_on else None,
            # recorded: every disk is Data here, the system's too
            "diskDetails": [
                {
                    "maxSizeMB": disk.size_gb * 1024,
                    "vhdType": "Data",
                    "vhdId": vhd_id(machine, disk),
                    "vhdName": disk.name,
                }
                for disk in machine.disks
            ],
            "hasPhysicalDisk": "NotPresent",
            "hasFibreChannelAdapter": "NotPresent",
            "hasSharedVhd": "NotPresent" if fabric.kind == "VMM" else "Unknown",
            "hyperVHostId": _host_id(fabric, machine),
        },
    }
    return {"id": own, "name": name, "type": ids.PROTECTABLE_TYPE, "properties": properties}


def protectable_name(fabric: Fabric, machine: SourceMachine) -> str:
    """Return a protectable item's name: Hyper-V's own id on a site, another one under VMM (recorded)."""
    return ids.guid(fabric.internal_id, vm_id(machine)) if fabric.kind == "VMM" else vm_id(machine)


def _host_id(fabric: Fabric, machine: SourceMachine) -> str:
    if fabric.kind == "VMM":
        return ids.guid(fabric.internal_id, machine.hyperv, "host")
    return machine.hyperv.lower().replace(".", "_")


def os_details(machine: SourceMachine) -> Json:
    """Return what Hyper-V knows of a guest's system (recorded for Windows; assumed for Linux)."""
    windows = machine.os_type == "Windows"
    return {
        "osType": machine.os_type,
        "productType": "VER_NT_SERVER" if windows else "UNKNOWN",
        "osEdition": "Datacenter" if windows else "",
        "oSVersion": "10.0" if windows else "",
        "oSMajorVersion": "10" if windows else "0",
        "oSMinorVersion": "0",
    }
