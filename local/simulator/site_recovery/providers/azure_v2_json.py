"""An InMageAzureV2 item's providerSpecificDetails as recorded."""

from datetime import timedelta

from ...machines import Disk
from ...operations import stamp
from .. import replication
from ..ids import guid
from ..state import Item, Json, Place
from .azure_v2_target import nic_of
from .rcm_target import size_of

_NEVER = "9999-12-31T23:59:59.9999999"
_MB = 1024 * 1024


def details(place: Place, *, full: bool) -> Json:
    """Return the recorded shape: states as words, no recovery point id, arrays empty in a listing (assumed)."""
    item, target, machine, world = place.item, place.item.inputs, place.item.machine, place.vault.world
    points = replication.catch_up(place)
    vm_id = item.protectable.rpartition("/")[2]
    group = target.get("multiVmGroupId") or guid(item.internal_id, "group")
    sync = place.vault.policy(item.policy).settings["multiVmSyncStatus"]
    last = points[-1].at if points else None
    return {
        "instanceType": "InMageAzureV2",
        "infrastructureVmId": vm_id,
        "vCenterInfrastructureId": "6",
        "protectionStage": _stage(item),
        "vmId": vm_id,
        "vmProtectionState": _vm_state(item)[0],
        "vmProtectionStateDescription": _vm_state(item)[1],
        **_progress(item, place),
        "rpoInSeconds": int((world.now - last).total_seconds()) if last else None,
        "compressedDataRateInMB": 0.0,
        "uncompressedDataRateInMB": 0.0,
        "ipAddress": machine.ip,
        "agentVersion": item.agent_version,
        "agentExpiryDate": _NEVER,
        "isAgentUpdateRequired": "NotRequired",
        "isRebootAfterUpdateRequired": "NotRequired",
        "lastHeartbeat": stamp(world.now) if item.source_on else stamp(world.now - timedelta(minutes=15)),
        "processServerId": target["processServerId"],
        "processServerName": place.fabric.appliances[0].name if place.fabric.appliances else "",
        "multiVmGroupId": group,
        "multiVmGroupName": target.get("multiVmGroupName") or group,
        "multiVmSyncStatus": sync,
        "protectedDisks": [_disk(place, disk, n) for n, disk in enumerate(machine.disks)] if full else [],
        "diskResized": "NotResized",
        "masterTargetId": target["masterTargetId"],
        "sourceVmCpuCount": machine.cores,
        "sourceVmRamSizeInMB": machine.memory_mb,
        "osType": machine.os_type,
        "vhdName": r"\\.\PHYSICALDRIVE0" if machine.os_type == "Windows" else "/dev/sda",
        "osDiskId": _disk_id(item, 0),
        "azureVMDiskDetails": [],
        "discoveryType": "vCenter" if machine.vcenter else "Physical",
        "datastores": [],
        **_target(place, full=full),
        "validationErrors": [],
        "lastRpoCalculatedTime": stamp(world.now) if last else None,
        "lastUpdateReceivedTime": stamp(world.now),
        "replicaId": f"{vm_id}_replica_cloud_{place.fabric.internal_id}",
        "osVersion": f"Microsoft {machine.os_name}" if machine.os_type == "Windows" else machine.os_name,
        "protectedManagedDisks": [_managed(place, disk, n) for n, disk in enumerate(machine.disks)] if full else [],
        "lastRecoveryPointReceived": stamp(last) if last else None,
        "firmwareType": machine.firmware,
        "azureVmGeneration": "V2" if machine.firmware == "UEFI" else "V1",
        "isAdditionalStatsAvailable": item.state == "initial",
    }


def _target(place: Place, *, full: bool) -> Json:
    """Return what the item becomes in Azure; before the failover the VM's id ends without its name (recorded)."""
    item, target, machine = place.item, place.item.inputs, place.item.machine
    made = item.vm or f"{target['targetAzureV2ResourceGroupId']}/providers/Microsoft.Compute/virtualMachines/"
    return {
        "recoveryAzureVMName": target.get("targetAzureVmName") or machine.name,
        "recoveryAzureVMSize": size_of(item),
        "recoveryAzureStorageAccount": None,
        "recoveryAzureLogStorageAccountId": target["logStorageAccountId"],
        "vmNics": [_nic(item)] if full else [],
        "selectedRecoveryAzureNetworkId": target.get("targetAzureNetworkId"),
        "selectedTfoAzureNetworkId": target.get("testNetworkId"),
        "selectedSourceNicId": _nic_id(item),
        "enableRdpOnTargetOption": target.get("enableRdpOnTargetOption") or "Never",
        "targetVmId": made,
        "recoveryAzureResourceGroupId": target["targetAzureV2ResourceGroupId"],
        "recoveryAvailabilitySetId": target.get("targetAvailabilitySetId"),
        "targetAvailabilityZone": target.get("targetAvailabilityZone"),
        "targetProximityPlacementGroupId": target.get("targetProximityPlacementGroupId"),
        "useManagedDisks": "true",
        "licenseType": target.get("licenseType") or "NotSpecified",
        "sqlServerLicenseType": target.get("sqlServerLicenseType") or "NotSpecified",
        "targetVmTags": target.get("targetVmTags") or {},
        "seedManagedDiskTags": target.get("seedManagedDiskTags"),
        "targetManagedDiskTags": target.get("targetManagedDiskTags"),
        "targetNicTags": target.get("targetNicTags") or {},
    }


def _stage(item: Item) -> str:
    """Return the stage; recorded is DifferentialSync, the others are assumed after the documented stages."""
    return {"enabling": "None", "enabling-failed": "None", "initial": "InitialSync"}.get(item.state, "DifferentialSync")


def _vm_state(item: Item) -> tuple[str, str]:
    """Return the VM's own protection state (recorded: while it is enabled it still is UnprotectedStatesBegin)."""
    if item.state in ("enabling", "enabling-failed"):
        return "UnprotectedStatesBegin", "Enabling protection"
    if item.state == "initial":
        return "InitialReplicationInProgress", "Initial replication is in progress"
    return "Protected", "Protected"


def _progress(item: Item, place: Place) -> Json:
    """Return how far the first synchronisation is; -1 and Completed once it is through (recorded)."""
    running = item.state == "initial"
    copied = int(replication.copied_bytes(item, place.vault.world.now))
    health = "NoProgress" if item.copy_rate == 0 else "InProgress"
    return {
        "resyncProgressPercentage": copied * 100 // replication.total_bytes(item) if running else 0,
        "totalDataTransferred": copied if running else -1,
        "totalProgressHealth": health if running else "Completed",
    }


def _disk_id(item: Item, number: int) -> str:
    return f"{{{guid(item.internal_id, str(number)).upper()}}}"


def _disk(place: Place, disk: Disk, number: int) -> Json:
    item = place.item
    running = item.state == "initial"
    share = replication.copied_bytes(item, place.vault.world.now) / replication.total_bytes(item) if running else 0
    return {
        "diskId": _disk_id(item, number),
        "diskName": f"Disk{number}",
        "protectionStage": _stage(item),
        "healthErrorCode": None,
        "rpoInSeconds": None if running else 200,
        "resyncRequired": "Required" if item.resync else "NotRequired",
        "resyncProgressPercentage": int(share * 100),
        "resyncDurationInSeconds": 0,
        "diskCapacityInBytes": disk.bytes_in_all,
        "fileSystemCapacityInBytes": disk.bytes_in_all,
        "sourceDataInMegaBytes": round(disk.churn / _MB, 2),
        "psDataInMegaBytes": 0.0,
        "targetDataInMegaBytes": 0.0,
        "diskResized": "NotResized",
        "lastRpoCalculatedTime": stamp(place.vault.world.now),
        "resyncProcessedBytes": int(share * disk.bytes_to_copy),
        "resyncTotalTransferredBytes": int(share * disk.bytes_to_copy),
        "resyncLast15MinutesTransferredBytes": 0,
        "resyncLastDataTransferTimeUTC": stamp(place.vault.world.now) if running else None,
        "resyncStartTime": None,
        "progressHealth": _progress(item, place)["totalProgressHealth"],
        "progressStatus": "Green" if running else "Grey",
    }


def _managed(place: Place, disk: Disk, number: int) -> Json:
    item = place.item
    group, vm = item.inputs["targetAzureV2ResourceGroupId"], item.machine.name.replace("-", "_")[:8]
    seed = f"asrseeddisk-{vm}-{disk.name[:8]}-{guid(item.internal_id, str(number), 'seed')}"
    return {
        "diskId": _disk_id(item, number),
        "seedManagedDiskId": f"{group}/providers/Microsoft.Compute/disks/{seed}",
        "replicaDiskType": item.inputs.get("diskType") or "Standard_LRS",
        "diskEncryptionSetId": item.inputs.get("diskEncryptionSetId"),
    }


def _nic_id(item: Item) -> str:
    return item.machine.mac or guid(item.internal_id, "nic")


def _nic(item: Item) -> Json:
    """Return the network card with its one address (recorded, the spelling of isSeletedForFailover too)."""
    settings, target = nic_of(item), str(item.inputs.get("targetAzureSubnetId") or "").rpartition("/")[2]
    fixed, tested = settings.get("recoveryStaticIPAddress"), settings.get("tfoStaticIPAddress")
    config = {
        "name": None,
        "isPrimary": True,
        "subnetName": None,
        "staticIPAddress": item.machine.ip,
        "ipAddressType": "Static",
        "isSeletedForFailover": True,
        "recoverySubnetName": settings.get("recoverySubnetName") or target,
        "recoveryStaticIPAddress": fixed,
        "recoveryIPAddressType": "Static" if fixed else "Dynamic",
        "tfoSubnetName": settings.get("tfoSubnetName"),
        "tfoStaticIPAddress": tested,
    }
    names = ("targetNicName", "recoveryNetworkSecurityGroupId", "tfoNetworkSecurityGroupId")
    return {name: settings[name] for name in names if settings.get(name)} | {
        "nicId": _nic_id(item),
        "replicaNicId": None,
        "sourceNicArmId": None,
        "vMNetworkName": None,
        "recoveryVMNetworkId": item.inputs.get("targetAzureNetworkId"),
        "ipConfigs": [config],
        "selectionType": "SelectedByUser",
        "tfoVMNetworkId": item.inputs.get("testNetworkId"),
    }
