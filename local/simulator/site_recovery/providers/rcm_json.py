"""An InMageRcm item's providerSpecificDetails as recorded."""

from datetime import datetime, timedelta

from ...machines import Disk
from ...operations import stamp
from ...services.vmware_machines import dns_name, vcenter_id
from .. import replication
from ..ids import guid
from ..state import Item, Json, Place
from .first_copy import first_copy
from .rcm_target import disk_id, disk_input, is_primary, nic_ids, nic_said, size_of, text

_AS_SENT = (
    "sqlServerLicenseType",
    "linuxLicenseType",
    "targetCapacityReservationGroupId",
    "targetVmTags",
    "targetManagedDiskTags",
    "targetNicTags",
)


def details(place: Place, *, full: bool) -> Json:
    """Return the recorded shape: keys absent until set, booleans as strings, arrays empty in a listing."""
    item, target, machine = place.item, place.item.inputs, place.item.machine
    points = replication.catch_up(place)
    last = points[-1] if points else None
    last_id = f"{place.internal_id}/recoveryPoints/{last.id}" if last else None
    now = place.vault.world.now
    details: Json = {
        "instanceType": "InMageRcm",
        "internalIdentifier": item.internal_id,
        "fabricDiscoveryMachineId": target["fabricDiscoveryMachineId"],
        "multiVmGroupName": target.get("multiVmGroupName"),
        "discoveryType": "VCenter" if machine.vcenter else "Physical",
        "processServerId": target["processServerId"],
        "processorCoreCount": machine.cores,
        "allocatedMemoryInMB": float(machine.memory_mb),
        "processServerName": _server_name(place),
        "runAsAccountId": target.get("runAsAccountId") or "",
        "osType": machine.os_type,
        "firmwareType": machine.firmware,
        "primaryNicIpAddress": machine.ip,
        "targetGeneration": "V2" if machine.firmware == "UEFI" else "V1",
        "licenseType": target.get("licenseType") or "NotSpecified",
        "storageAccountId": None,
        "targetVmName": target.get("targetVmName") or machine.name,
        "targetVmSize": size_of(item),
        "targetResourceGroupId": target["targetResourceGroupId"],
        "targetLocation": place.vault.location,
        "targetAvailabilitySetId": target.get("targetAvailabilitySetId") or "",
        "targetAvailabilityZone": target.get("targetAvailabilityZone") or "",
        "targetProximityPlacementGroupId": target.get("targetProximityPlacementGroupId") or "",
        "targetBootDiagnosticsStorageAccountId": target.get("targetBootDiagnosticsStorageAccountId") or "",
        "targetNetworkId": target.get("targetNetworkId") or "",
        "testNetworkId": target.get("testNetworkId") or "",
        "failoverRecoveryPointId": place.failover_point_id,
    }
    if last is not None:
        details["lastRecoveryPointReceived"] = stamp(last.at)
        details["lastRpoInSeconds"] = int((now - last.at).total_seconds())
        details["lastRpoCalculatedTime"] = stamp(now)
    details["lastRecoveryPointId"] = last_id
    details.update(_progress(place))
    details.update(_agent(item, place, full=full))
    details["protectedDisks"] = [_disk(place, disk, n) for n, disk in enumerate(machine.disks)] if full else []
    details["vmNics"] = [_nic(item, each, ip) for each, ip in _cards(item)] if full else []
    details.update({name: target[name] for name in _AS_SENT if target.get(name)})
    details["discoveredVmDetails"] = _discovered(item, now - timedelta(minutes=7)) if machine.vcenter else None
    return details


def _progress(place: Place) -> Json:
    """Return how far the first copy is.

    Recorded: null for the first minutes; then it stands still at its last value until the machine is protected.
    """
    item = place.item
    copied = replication.told_bytes(place) if item.state in ("initial", "finalizing") else None
    stalled = item.state == "initial" and item.copy_rate == 0
    going = "NoProgress" if stalled else "InProgress"
    return {
        "initialReplicationProgressPercentage": None if copied is None else _percent(item, copied),
        "initialReplicationProcessedBytes": copied,
        "initialReplicationTransferredBytes": copied,
        "initialReplicationProgressHealth": "None" if copied is None else going,
        "resyncProgressPercentage": None,
        "resyncProcessedBytes": None,
        "resyncTransferredBytes": None,
        "resyncProgressHealth": "None",
        "resyncRequired": text(item.resync),
        "resyncState": "None",
        "agentUpgradeState": "None",
        "lastAgentUpgradeType": None,
        "agentUpgradeJobId": None,
        "agentUpgradeAttemptToVersion": None,
    }


def _percent(item: Item, copied: int) -> int:
    return copied * 100 // replication.total_bytes(item)


def _agent(item: Item, place: Place, *, full: bool) -> Json:
    blocking = {
        "errorCode": "InMageRcmUpgradeBlockedAlreadyOnLatestVersion",
        "errorMessage": f"The Mobility agent of source machine '{item.machine.name}' cannot be updated.",
        "possibleCauses": f" The Mobility agent of source machine '{item.machine.name}' is already on latest version "
        f"'{item.agent_version}'.",
        "recommendedAction": "No action is needed as agent is already on the latest version.",
        "errorMessageParameters": {
            "vmName": item.machine.name,
            "rcmUri": place.fabric.details.get("controlPlaneUri"),
            "applianceName": _server_name(place),
            "agentVersion": item.agent_version,
            "latestVersion": None,
        },
        "errorTags": {"category": "ClientError"},
    }
    return {
        "isLastUpgradeSuccessful": "false",
        "isAgentRegistrationSuccessfulAfterFailover": True if item.failed_over_at else None,
        "mobilityAgentDetails": {
            "version": item.agent_version,
            "latestVersion": None,
            "latestAgentReleaseDate": None,
            "driverVersion": item.agent_version,
            "latestUpgradableVersionWithoutReboot": None,
            "lastHeartbeatUtc": stamp(place.vault.world.now),
            "reasonsBlockingUpgrade": ["AlreadyOnLatestVersion"],
            "isUpgradeable": "false",
        },
        "lastAgentUpgradeErrorDetails": [],
        "agentUpgradeBlockingErrorDetails": [blocking] if full else [],
    }


def _disk(place: Place, disk: Disk, number: int) -> Json:
    item = place.item
    chosen = disk_input(item, disk, number)
    group = item.inputs["targetResourceGroupId"]
    done = item.state not in ("enabling", "enabling-failed", "initial")
    seed = guid(item.internal_id, str(number), "seed")
    custom = (item.inputs.get("diskNames") or {}).get(disk_id(item, disk, number))
    vm = (item.inputs.get("targetVmName") or item.machine.name).replace("-", "_")
    target = f"{group}/providers/Microsoft.Compute/disks/{disk.name}-{vm}"
    return {
        "diskId": disk_id(item, disk, number),
        "diskName": disk.name,
        "isOSDisk": text(disk.os_disk),
        "capacityInBytes": disk.bytes_in_all,
        "logStorageAccountId": chosen.get("logStorageAccountId"),
        "diskEncryptionSetId": chosen.get("diskEncryptionSetId"),
        "seedManagedDiskId": f"{group}/providers/Microsoft.Compute/disks/asrseeddisk-{vm[:8]}-{disk.name[:8]}-{seed}",
        "seedBlobUri": None,
        "targetManagedDiskId": target if item.vm else None,
        "targetBlobUri": None,
        "diskType": chosen.get("diskType") or "Standard_LRS",
        "dataPendingInLogDataStoreInMB": 0.0,
        "dataPendingAtSourceAgentInMB": round(disk.churn / 1024 / 1024, 6),
        "isInitialReplicationComplete": text(done),
        **({"irDetails": first_copy(place, disk)} if item.state == "initial" else {}),
        **({"customTargetDiskName": custom} if custom else {}),
    }


def _cards(item: Item) -> list[tuple[str, str]]:
    return list(zip(nic_ids(item), [item.machine.ip, *item.machine.more_ips], strict=True))


def _nic(item: Item, nic_id: str, ip: str) -> Json:
    nic, target = nic_said(item, nic_id), item.inputs
    address, test = nic.get("targetStaticIPAddress") or "", nic.get("testStaticIPAddress")
    shown = {
        "nicId": nic_id,
        "isPrimaryNic": text(is_primary(item, nic_id)),
        "isSelectedForFailover": text(nic.get("isSelectedForFailover", "true")),
        "sourceIPAddress": ip,
        "sourceIPAddressType": "Static",
        "sourceNetworkId": "VM Network" if item.machine.vcenter else None,
        "sourceSubnetName": None,
        "targetIPAddress": address,
        "targetIPAddressType": "Static" if address else "Dynamic",
        "targetSubnetName": nic.get("targetSubnetName") or target.get("targetSubnetName"),
        "testSubnetName": nic.get("testSubnetName") or target.get("testSubnetName"),
        "testIPAddress": test,
        "testIPAddressType": "Static" if test else "Dynamic",
    }
    return shown | ({"targetNicName": nic["targetNicName"]} if nic.get("targetNicName") else {})


def _discovered(item: Item, seen: datetime) -> Json:
    """Return what the appliance last discovered of the machine (recorded: two of the dates are written otherwise)."""
    machine, site = item.machine, str(item.inputs["fabricDiscoveryMachineId"]).partition("/machines/")[0]
    return {
        "vCenterId": vcenter_id(site, machine.vcenter),
        "vCenterFqdn": "",
        "datastores": ["Datastore 1"],
        "ipAddresses": [machine.ip] if machine.powered_on else [],
        "vmwareToolsStatus": "OK" if machine.powered_on else "NotRunning",
        "powerStatus": "ON" if machine.powered_on else "OFF",
        "vmFqdn": dns_name(machine),
        "osName": machine.os_name,
        "createdTimestamp": item.created.isoformat(),
        "updatedTimestamp": seen.isoformat(),
        "isDeleted": machine.deleted,
        "lastDiscoveryTimeInUtc": stamp(seen),
    }


def _server_name(place: Place) -> str:
    wanted = place.item.inputs["processServerId"]
    return next((each.name for each in place.fabric.appliances if each.id == wanted), "")
