"""A migration item (VMwareCbt) as the wire shows it.

Recorded: keys of moments are absent until there is one, while the status beside them is null; booleans are strings; a
listing has empty disk and NIC arrays.
"""

from ..machines import Disk
from ..operations import stamp
from ..services.offazure import disk_uuid
from . import ids, replication
from .fabric_json import dra_name
from .ids import guid
from .job_state import Job
from .migration_states import REPLICATION
from .providers.rcm_target import size_of
from .state import Item, Json, Place, SrVault, fabric_id
from .states import allowed_operations, state_of, test_of

_IDLE = "1753-01-01T01:01:01Z"


def migration_json(place: Place, *, full: bool = True) -> Json:
    """Return a migration item; a listing is not full."""
    vault, item = place.vault, place.item
    state, test = state_of(item), test_of(item)
    server = place.fabric.appliances[0] if place.fabric.appliances else None
    dra = dra_name(server) if server else guid(vault.id, place.fabric.name)
    properties: Json = {
        "machineName": item.machine.name,
        "policyId": f"{vault.id}/replicationPolicies/{item.policy}",
        "policyFriendlyName": item.policy,
        "recoveryServicesProviderId": f"{fabric_id(vault, place.fabric)}/replicationRecoveryServicesProviders/{dra}",
        "replicationStatus": REPLICATION.get(item.state, "None"),
        "migrationState": state.protection,
        "migrationStateDescription": state.description,
    }
    if item.tested_at is not None:
        properties["lastTestMigrationTime"] = stamp(item.tested_at)
    properties["lastTestMigrationStatus"] = item.test_status or None
    if item.failed_over_at is not None:
        properties["lastMigrationTime"] = stamp(item.failed_over_at)
    properties["lastMigrationStatus"] = "Succeeded" if item.failed_over_at else None
    live = item.state in ("protected", "initial", "finalizing")
    return {
        "id": place.id,
        "name": item.name,
        "type": ids.MIGRATION_TYPE,
        "properties": {
            **properties,
            "testMigrateState": test.state,
            "testMigrateStateDescription": test.description,
            # recorded: Normal can stand beside an error; None while it is paused and once it is migrated
            "health": ("Critical" if item.state.endswith("failed") else "None") if not live else "Normal",
            "healthErrors": _health_errors(item),
            "allowedOperations": allowed_operations(item),
            "currentJob": _job_json(vault, item.scenario or item.test_job),
            "criticalJobHistory": [],
            "eventCorrelationId": guid(item.internal_id, "events"),
            "providerSpecificDetails": _details(place) | ({} if full else {"protectedDisks": [], "vmNics": []}),
        },
    }


def _job_json(vault: SrVault, job: Job | None) -> Json:
    """Return the current job; a test's stays until it is cleaned up (recorded)."""
    if job is None:
        return {"jobName": "None", "jobId": f"{vault.id}/replicationJobs/None", "startTime": _IDLE}
    started = stamp(job.started or job.created)
    return {"jobName": job.extra.get("shown"), "jobId": f"{vault.id}/replicationJobs/{job.id}", "startTime": started}


def _health_errors(item: Item) -> list[Json]:
    """Return the error of a machine that was never tested (recorded, word for word)."""
    if item.state != "protected" or item.test_status == "Succeeded":
        return []
    about = f"No successful test migration has been done on the virtual machine '{item.machine.name}'."
    error: Json = {
        "innerHealthErrors": [],
        "errorSource": "ReplicationUnitFailoverValidatorError",
        "errorType": "8010",
        "errorLevel": "Error",
        "errorCategory": "TestFailover",
        "errorCode": "110084",
        "summaryMessage": "",
        "errorMessage": about,
        "possibleCauses": "No successful test migration has been done on the virtual machine after it was replicated.",
        "recommendedAction": "Do a test migration on the virtual machine.",
        "creationTimeUtc": stamp(item.protected_at),
        "recoveryProviderErrorMessage": None,
        "entityId": item.internal_id,
        "errorId": "6:8010",
        "customerResolvability": "NotAllowed",
    }
    return [error]


def target_location(place: Place) -> str:
    """Return the region that the mapping of the item's policy names."""
    mapping = next(each for each in place.container.mappings.values() if each.policy == place.item.policy)
    return str((mapping.details or {}).get("targetLocation") or place.vault.location)


def _details(place: Place) -> Json:
    item, target, machine = place.item, place.item.inputs, place.item.machine
    points = replication.catch_up(place)
    last = points[-1] if points else None
    used = f"{place.id}/migrationRecoveryPoints/{item.failover_point.id}" if item.failover_point else None
    running = item.state == "initial"
    percent = int(replication.copied_bytes(item, place.vault.world.now)) * 100 // replication.total_bytes(item)
    return {
        "instanceType": "VMwareCbt",
        "vmwareMachineId": target["vmwareMachineId"],
        "osType": machine.os_type,
        "osName": machine.os_name,
        "firmwareType": "EFI" if machine.firmware == "UEFI" else "BIOS",
        "targetGeneration": "V2" if machine.firmware == "UEFI" else "V1",
        "licenseType": target.get("licenseType") or "NoLicenseType",
        "sqlServerLicenseType": target.get("sqlServerLicenseType") or "NotSpecified",
        "linuxLicenseType": target.get("linuxLicenseType") or "NoLicenseType",
        "dataMoverRunAsAccountId": target["dataMoverRunAsAccountId"],
        "snapshotRunAsAccountId": target["snapshotRunAsAccountId"],
        "storageAccountId": None,
        "targetVmName": target.get("targetVmName") or machine.name,
        "targetVmSize": size_of(item),
        "targetLocation": target_location(place),
        "targetResourceGroupId": target["targetResourceGroupId"],
        "targetAvailabilitySetId": target.get("targetAvailabilitySetId") or "",
        "targetAvailabilityZone": target.get("targetAvailabilityZone") or "",
        "targetProximityPlacementGroupId": target.get("targetProximityPlacementGroupId") or "",
        "targetBootDiagnosticsStorageAccountId": target.get("targetBootDiagnosticsStorageAccountId"),
        "targetVmTags": target.get("targetVmTags") or {},
        "protectedDisks": [_disk(place, disk, number) for number, disk in enumerate(replicated(item))],
        "targetNetworkId": target["targetNetworkId"],
        "testNetworkId": target.get("testNetworkId") or "",
        "vmNics": [_nic(item)],
        "targetNicTags": target.get("targetNicTags") or {},
        "migrationRecoveryPointId": used,
        "lastRecoveryPointReceived": stamp(last.at) if last else None,
        "lastRecoveryPointId": f"{place.id}/migrationRecoveryPoints/{last.id}" if last else None,
        "initialSeedingProgressPercentage": percent if running else None,
        "migrationProgressPercentage": None,
        "resyncProgressPercentage": None,
        "resumeProgressPercentage": None,
        "deltaSyncProgressPercentage": None,
        "isCheckSumResyncCycle": None,
        "initialSeedingRetryCount": 0,
        "resyncRetryCount": 0,
        "resumeRetryCount": 0,
        "deltaSyncRetryCount": 0,
        "resyncRequired": str(item.resync).lower(),
        "resyncState": "None",
        "performAutoResync": str(target.get("performAutoResync") or "false").lower(),
        "seedDiskTags": target.get("seedDiskTags"),
        "targetDiskTags": target.get("targetDiskTags") or {},
        "operationName": None,
    }


def replicated(item: Item) -> list[Disk]:
    """Return the disks that were chosen, in the machine's order."""
    chosen = {str(each["diskId"]).lower() for each in item.inputs["disksToInclude"]}
    return [disk for disk in item.machine.disks if disk_uuid(item.machine, disk).lower() in chosen]


def disk_said(item: Item, disk: Disk) -> Json:
    """Return what the enable call said of a disk."""
    own = disk_uuid(item.machine, disk).lower()
    return next(each for each in item.inputs["disksToInclude"] if str(each["diskId"]).lower() == own)


def disk_name(item: Item, disk: Disk, number: int) -> str:
    """Return the managed disk's name (recorded form)."""
    vm = item.inputs.get("targetVmName") or item.machine.name
    system = str(disk_said(item, disk).get("isOSDisk")).lower() == "true"
    return str(disk_said(item, disk).get("targetDiskName") or f"{vm}-{'OSdisk' if system else 'datadisk'}-{number:02}")


def _disk(place: Place, disk: Disk, number: int) -> Json:
    item, settings = place.item, disk_said(place.item, disk)
    group, vm = item.inputs["targetResourceGroupId"], item.machine.name.replace("-", "_")[:8]
    seed = f"asrseeddisk-{vm}-{disk.name[:8]}-{guid(item.internal_id, str(number), 'seed')}"
    home, name = f"{group}/providers/Microsoft.Compute/disks", disk_name(item, disk, number)
    return {
        "diskId": disk_uuid(item.machine, disk),
        "diskName": disk.name,
        "diskType": settings.get("diskType") or "Standard_LRS",
        "diskPath": f"[datastore1] {item.machine.name}/{disk.name}.vmdk",
        "isOSDisk": str(settings.get("isOSDisk")).lower(),
        "capacityInBytes": disk.bytes_in_all,
        "logStorageAccountId": settings.get("logStorageAccountId"),
        "logStorageAccountSasSecretName": settings.get("logStorageAccountSasSecretName"),
        "diskEncryptionSetId": settings.get("diskEncryptionSetId"),
        "seedManagedDiskId": f"{home}/{seed}",
        "seedBlobUri": None,
        "targetManagedDiskId": f"{home}/{name}" if item.vm else None,
        "targetBlobUri": None,
        "targetDiskName": name,
    }


def _nic(item: Item) -> Json:
    settings, target = item.inputs.get("nic") or {}, item.inputs
    address, tested = settings.get("targetStaticIPAddress") or "", settings.get("testStaticIPAddress")
    return {
        "nicId": guid(item.internal_id, "nic"),
        "isPrimaryNic": "true",
        "sourceIPAddress": item.machine.ip or None,
        "sourceIPAddressType": "Static",
        "sourceNetworkId": "VM Network",
        "targetIPAddress": address,
        "targetIPAddressType": "Static" if address else "Dynamic",
        "targetSubnetName": settings.get("targetSubnetName") or target.get("targetSubnetName"),
        "testNetworkId": target.get("testNetworkId"),
        "testSubnetName": settings.get("testSubnetName") or target.get("testSubnetName"),
        "testIPAddress": tested,
        "testIPAddressType": "Static" if tested else "Dynamic",
        "targetNicName": settings.get("targetNicName")
        or f"nic-{item.inputs.get('targetVmName') or item.machine.name}-00",
        "isSelectedForMigration": str(settings.get("isSelectedForMigration", "true")).lower(),
    }
