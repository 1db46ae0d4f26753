"""A HyperVReplicaAzure item's providerSpecificDetails.

Recorded in 2017 with other capitals (recoveryAzureVMName, azureVMDiskDetails); named here as api-version 2025-08-01 does.
"""

from datetime import timedelta

from ...machines import Disk, SourceMachine
from ...operations import stamp
from .. import replication
from ..hyperv import vhd_id, vm_id
from ..hyperv_json import os_details
from ..ids import guid
from ..state import Item, Json, Place
from .azure_v2_target import nic_of
from .rcm_target import disk_input, size_of


def details(place: Place) -> Json:
    """Return the recorded shape; a listing shows disks and NICs too (recorded)."""
    item, target, machine = place.item, place.item.inputs, place.item.machine
    state, description = _vm_state(item)
    copied = item.protected_at is not None  # recorded: cards and network are told once it is protected
    return {
        "instanceType": "HyperVReplicaAzure",
        "azureVmDiskDetails": [_disk(place, disk, number) for number, disk in enumerate(included(item))],
        "recoveryAzureVmName": target.get("targetAzureVmName") or machine.name,
        "recoveryAzureVMSize": size_of(item),
        "recoveryAzureStorageAccount": target.get("targetStorageAccountId"),
        "recoveryAzureLogStorageAccountId": target.get("logStorageAccountId"),
        **_points(place),
        "vmId": vm_id(machine),
        "vmProtectionState": state,
        "vmProtectionStateDescription": description,
        "initialReplicationDetails": {
            "initialReplicationType": "InitialReplication",
            # recorded: the last one that was told stays
            "initialReplicationProgressPercentage": str(_percent(place)),
        },
        "vmNics": [_nic(item, machine)] if copied else [],
        "selectedRecoveryAzureNetworkId": target.get("targetAzureNetworkId") if copied else None,
        "selectedSourceNicId": _nic_id(item) if copied else None,
        "encryption": "Disabled",
        "oSDetails": os_details(machine),
        "sourceVmRamSizeInMB": machine.memory_mb,
        "sourceVmCpuCount": machine.cores,
        "enableRdpOnTargetOption": target.get("enableRdpOnTargetOption"),
        "recoveryAzureResourceGroupId": target["targetAzureV2ResourceGroupId"],
        "recoveryAvailabilitySetId": target.get("targetAvailabilitySetId") or None,
        "targetAvailabilityZone": target.get("targetAvailabilityZone"),
        "targetProximityPlacementGroupId": target.get("targetProximityPlacementGroupId"),
        "useManagedDisks": str(target.get("useManagedDisks") or "false").lower(),
        "licenseType": target.get("licenseType") or "NotSpecified",
        "sqlServerLicenseType": target.get("sqlServerLicenseType") or "NotSpecified",
        "linuxLicenseType": target.get("linuxLicenseType") or "NotSpecified",
        "targetVmTags": target.get("targetVmTags") or {},
        "seedManagedDiskTags": target.get("seedManagedDiskTags"),
        "targetManagedDiskTags": target.get("targetManagedDiskTags"),
        "targetNicTags": target.get("targetNicTags") or ({} if copied else None),
        "protectedManagedDisks": [_managed(item, disk, number) for number, disk in enumerate(included(item))]
        if target.get("useManagedDisksForReplication") == "true"
        else [],
    }


def included(item: Item) -> list[Disk]:
    """Return the disks that are replicated; without a choice all of them."""
    chosen = {str(each).lower() for each in item.inputs.get("includedVhds") or []}
    return [disk for disk in item.machine.disks if not chosen or vhd_id(item.machine, disk).lower() in chosen]


def _points(place: Place) -> Json:
    """Return how far the replica lags: changes are sent every 30 seconds or 5 minutes, whatever the recovery points."""
    item, world = place.item, place.vault.world
    points = replication.catch_up(place)
    if not points or item.protected_at is None:
        return {"lastReplicatedTime": None, "rpoInSeconds": None, "lastRpoCalculatedTime": None}
    every = int(place.vault.policy(item.policy).settings["replicationInterval"]) if item.policy else 300
    alive = item.source_on and item.state == "protected"
    last = max(points[-1].at, world.now - timedelta(seconds=every)) if alive else points[-1].at
    lag = int((world.now - last).total_seconds())
    return {
        "lastReplicatedTime": stamp(last),
        "rpoInSeconds": lag,
        "lastRpoCalculatedTime": stamp(world.now),
        "lastRecoveryPointReceived": stamp(points[-1].at),
    }


def _vm_state(item: Item) -> tuple[str, str]:
    """Return the VM's own protection state (recorded: it is being enabled until the item is protected)."""
    if item.protected_at is None:
        return "UnprotectedStatesBegin", "Enabling protection"
    return "Protected", "Protected"


def _percent(place: Place) -> int:
    return (replication.told_bytes(place) or 0) * 100 // replication.total_bytes(place.item)


def _disk(place: Place, disk: Disk, number: int) -> Json:
    item = place.item
    return {
        "vhdType": "OperatingSystem" if _is_system(item, disk) else "DataDisk",
        "vhdId": vhd_id(item.machine, disk),
        "diskId": vhd_id(item.machine, disk),
        "vhdName": disk.name,
        "maxSizeMB": str(disk.size_gb * 1024),
        "targetDiskLocation": None,
        "targetDiskName": None,
        "lunId": str(number),
        "diskEncryptionSetId": disk_input(item, disk, number).get("diskEncryptionSetId"),
        "customTargetDiskName": None,
    }


def _is_system(item: Item, disk: Disk) -> bool:
    return vhd_id(item.machine, disk).lower() == str(item.inputs.get("vhdId") or "").lower()


def _managed(item: Item, disk: Disk, number: int) -> Json:
    group = item.inputs["targetAzureV2ResourceGroupId"]
    seed = f"asrseeddisk-{item.machine.name[:8]}-{disk.name[:8]}-{guid(item.internal_id, str(number), 'seed')}"
    settings = disk_input(item, disk, number)
    kind = settings.get("diskType") or item.inputs.get("diskType") or "Standard_LRS"
    return {
        "diskId": vhd_id(item.machine, disk),
        "seedManagedDiskId": f"{group}/providers/Microsoft.Compute/disks/{seed}",
        "replicaDiskType": kind,
        "diskEncryptionSetId": settings.get("diskEncryptionSetId"),
        "targetDiskAccountType": kind,
    }


def _nic(item: Item, machine: SourceMachine) -> Json:
    settings = nic_of(item)
    address = settings.get("recoveryStaticIPAddress") or ""
    config = {
        "name": None,
        "isPrimary": True,
        "subnetName": None,
        "staticIPAddress": machine.ip or None,
        "ipAddressType": "Static" if machine.ip else "Dynamic",
        "isSeletedForFailover": settings.get("isSeletedForFailover", True),
        "recoverySubnetName": settings.get("recoverySubnetName")
        or str(item.inputs.get("targetAzureSubnetId") or "").rpartition("/")[2],
        "recoveryStaticIPAddress": address,  # recorded: empty where none is fixed
        "recoveryIPAddressType": "Static" if address else "Dynamic",
        "recoveryPublicIPAddressId": settings.get("recoveryPublicIPAddressId"),
        "recoveryLBBackendAddressPoolIds": settings.get("recoveryLBBackendAddressPoolIds"),
        "tfoSubnetName": settings.get("tfoSubnetName"),
        "tfoStaticIPAddress": settings.get("tfoStaticIPAddress"),
        "tfoPublicIPAddressId": settings.get("tfoPublicIPAddressId"),
        "tfoLBBackendAddressPoolIds": settings.get("tfoLBBackendAddressPoolIds"),
    }
    return {
        "nicId": _nic_id(item),
        "replicaNicId": None,
        "sourceNicArmId": None,
        "vMNetworkName": "VM Network",
        "recoveryVMNetworkId": item.inputs.get("targetAzureNetworkId"),
        "ipConfigs": [config],
        "selectionType": "SelectedByUser",
        "recoveryNetworkSecurityGroupId": settings.get("recoveryNetworkSecurityGroupId"),
        "enableAcceleratedNetworkingOnRecovery": None,
        "tfoVMNetworkId": item.inputs.get("testNetworkId"),
        "tfoNetworkSecurityGroupId": settings.get("tfoNetworkSecurityGroupId"),
        "enableAcceleratedNetworkingOnTfo": None,
        "recoveryNicName": None,
        "recoveryNicResourceGroupName": None,
        "reuseExistingNic": False,
        "tfoRecoveryNicName": None,
        "tfoRecoveryNicResourceGroupName": None,
        "tfoReuseExistingNic": False,
        "targetNicName": settings.get("targetNicName") or nic_name(item),
    }


def _nic_id(item: Item) -> str:
    return item.machine.mac or guid(item.internal_id, "nic")


def nic_name(item: Item) -> str:
    """Return how the VM's card is called unless an update says otherwise (recorded)."""
    return f"nic-{item.inputs.get('targetAzureVmName') or item.machine.name}-00"
