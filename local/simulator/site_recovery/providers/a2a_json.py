"""An A2A item's providerSpecificDetails."""

from datetime import timedelta

from ...operations import stamp
from .. import replication
from ..azure_fabric import location_of
from ..ids import guid
from ..state import Item, Json, Place
from .a2a_cards import card_json
from .a2a_target import (
    SourceDisk,
    disks_of,
    network_of,
    region_of,
    source_nics,
    source_of,
    subnet_of,
    target_sku,
    test_name,
)

_NEVER = "9999-12-31T23:59:59.9999999"
_MB = 1024 * 1024
_JUMPS = 12  # of the percentage in a copy (assumed: recorded are 4, 32, 32, 32, 33, 43, 43 at looks of five minutes)


def details(place: Place) -> Json:
    """Return the shape after the SDK's model; values without a source are assumed.

    Recorded: the progress fields, the disks' state, what is empty until the machine is protected (cards, tags, network,
    life cycle), and that a key which comes late is absent until then (agentCertificateExpiryDate).
    """
    item, world = place.item, place.vault.world
    points = replication.catch_up(place)
    last = points[-1].at if points else None
    running = item.state not in ("enabling", "enabling-failed")
    copied = item.protected_at is not None
    tags = dict(source_of(world, item).get("tags") or {}) if copied else {}
    return {
        "instanceType": "A2A",
        "fabricObjectId": item.machine.azure_id.lower(),  # recorded: in lower case as a whole
        **_places(place),
        **_target(place),
        **_group(place),
        "managementId": guid(item.internal_id, "management"),
        "protectedDisks": None,  # recorded: null with managed disks
        "unprotectedDisks": _unprotected(place) or None,  # recorded: null where all are replicated
        "protectedManagedDisks": [_disk(place, each) for each in disks_of(place) if each.settings is not None],
        "osType": item.machine.os_type,
        "vmNics": _cards(place) if copied else [],
        "vmSyncedConfigDetails": {"tags": tags, "inputEndpoints": []},
        **_progress(place),
        "lastHeartbeat": stamp(world.now) if running and item.source_on else None,
        "agentVersion": item.agent_version if running else "",
        "agentExpiryDate": _NEVER if running else None,
        "isReplicationAgentUpdateRequired": False,
        "isReplicationAgentCertificateUpdateRequired": False,
        **({"agentCertificateExpiryDate": _certificate_ends(item)} if copied else {}),
        "recoveryFabricObjectId": item.vm or None,
        "vmProtectionState": _vm_state(item)[0],
        "vmProtectionStateDescription": _vm_state(item)[1],
        "lifecycleId": guid(item.internal_id, "lifecycle") if copied else None,
        "testFailoverRecoveryFabricObjectId": item.test_vm or None,
        "rpoInSeconds": int((world.now - last).total_seconds()) if last else None,
        "lastRpoCalculatedTime": stamp(world.now) if last else None,
        "rtoInSeconds": None,
        "vmEncryptionType": "NotEncrypted",
        "churnOptionSelected": "Normal",
        "isAgentUpgradeInProgress": False,
    }


def _places(place: Place) -> Json:
    """Return where the machine comes from and goes to; `initial…` stays as it was when replication was enabled."""
    item = place.item
    zone = next(iter(source_of(place.vault.world, item).get("zones") or []), None)
    primary, recovery = location_of(place.fabric), region_of(place)
    first = item.inputs.get("initial") or {"primary": primary, "recovery": recovery, "zone": zone}
    return {
        "initialPrimaryZone": first["zone"] or "",  # recorded: empty, while the zones of today are null
        "initialPrimaryFabricLocation": first["primary"],
        "initialRecoveryZone": item.inputs.get("recoveryAvailabilityZone") or "",
        "initialPrimaryExtendedLocation": None,
        "initialRecoveryExtendedLocation": None,
        "initialRecoveryFabricLocation": first["recovery"],
        "primaryFabricLocation": primary,
        "recoveryFabricLocation": recovery,
        "primaryAvailabilityZone": zone,
        "recoveryAvailabilityZone": item.inputs.get("recoveryAvailabilityZone") or None,
        "primaryExtendedLocation": None,
        "recoveryExtendedLocation": None,
    }


def _target(place: Place) -> Json:
    """Return what the machine becomes in the recovery region (recorded: what nobody asked for is null)."""
    item, inputs = place.item, place.item.inputs
    network = network_of(place, {}, test=False) if item.protected_at is not None else ""
    name = inputs.get("recoveryAzureVMName") or item.machine.name
    return {
        "recoveryBootDiagStorageAccountId": inputs.get("recoveryBootDiagStorageAccountId"),
        "recoveryAzureVMSize": inputs["recoveryAzureVMSize"],
        "recoveryAzureVMName": name,
        "recoveryAzureResourceGroupId": inputs["recoveryResourceGroupId"],
        "recoveryCloudService": inputs.get("recoveryCloudServiceId") or None,
        "recoveryAvailabilitySet": inputs.get("recoveryAvailabilitySetId") or None,
        "selectedRecoveryAzureNetworkId": network or None,
        "selectedTfoAzureNetworkId": inputs.get("selectedTfoAzureNetworkId"),
        "tfoAzureVMName": inputs.get("tfoAzureVMName") or f"{name}-test",
        "recoveryAzureGeneration": "V2" if item.machine.firmware == "UEFI" else "V1",
        "recoveryProximityPlacementGroupId": inputs.get("recoveryProximityPlacementGroupId"),
        "autoProtectionOfDataDisk": inputs.get("autoProtectionOfDataDisk") or "Disabled",
        "recoveryVirtualMachineScaleSetId": inputs.get("recoveryVirtualMachineScaleSetId"),
        "recoveryCapacityReservationGroupId": inputs.get("recoveryCapacityReservationGroupId"),
        "platformFaultDomain": inputs.get("platformFaultDomain"),
    }


def _group(place: Place) -> Json:
    inputs = place.item.inputs
    own = guid(place.item.internal_id, "group")
    named = inputs.get("multiVmGroupName")
    return {
        "multiVmGroupId": inputs.get("multiVmGroupId") or own,
        "multiVmGroupName": named or "",  # recorded: empty without a group
        "multiVmGroupCreateOption": "UserSpecified" if named else "AutoCreated",
    }


def _unprotected(place: Place) -> list[Json]:
    rows = [each for each in disks_of(place) if not each.disk.os_disk]
    status = place.item.inputs.get("autoProtectionOfDataDisk") or "Disabled"
    return [
        {"diskLunId": lun, "diskAutoProtectionStatus": status} for lun, disk in enumerate(rows) if disk.settings is None
    ]


def _progress(place: Place) -> Json:
    """Return how far the first synchronisation is.

    Recorded: null at first, then percentages that jump and never reach 100; the last one stays with the item.
    """
    copied = replication.told_bytes(place)
    if copied is None:
        return {"monitoringPercentageCompletion": None, "monitoringJobType": None}
    jump = copied * _JUMPS // replication.total_bytes(place.item)
    return {"monitoringPercentageCompletion": jump * 96 // _JUMPS, "monitoringJobType": "InitialReplication"}


def _disk_progress(place: Place) -> Json:
    """Return the same of a disk, which forgets it when the machine is protected (recorded)."""
    if place.item.state in ("initial", "finalizing"):
        return _progress(place)
    return {"monitoringPercentageCompletion": None, "monitoringJobType": None}


def _disk_state(item: Item) -> str:
    """Return a disk's state (recorded: pending until the machine is protected)."""
    return "Protected" if item.protected_at is not None else "InitialReplicationPending"


def _disk(place: Place, disk: SourceDisk) -> Json:
    item, settings = place.item, disk.settings or {}
    group = settings.get("recoveryResourceGroupId") or item.inputs["recoveryResourceGroupId"]
    home = f"{group}/providers/Microsoft.Compute/disks"
    made = f"{home}/{settings.get('failoverDiskName') or disk.disk.name}"
    left = replication.total_bytes(item) - replication.copied_bytes(item, place.vault.world.now)
    pending = left if item.state == "initial" else disk.disk.churn
    return {
        "diskId": disk.id.lower(),  # recorded: in lower case as a whole
        "recoveryResourceGroupId": group,
        "recoveryTargetDiskId": made if item.vm else None,  # recorded: null on a protected item
        "recoveryReplicaDiskId": f"{home}/{disk.disk.name}-ASRReplica",
        # recorded (so spelt): null before, an id after the failover, empty once replication was turned round
        "recoveryOrignalTargetDiskId": "" if item.inputs.get("initial") else (made if item.vm else None),
        "recoveryReplicaDiskAccountType": settings.get("recoveryReplicaDiskAccountType") or disk.sku or "Standard_LRS",
        "recoveryTargetDiskAccountType": target_sku(disk),
        "recoveryDiskEncryptionSetId": settings.get("recoveryDiskEncryptionSetId"),
        "primaryDiskEncryptionSetId": None,
        "diskName": disk.disk.name,
        "diskCapacityInBytes": disk.disk.bytes_in_all,
        "primaryStagingAzureStorageAccountId": settings.get("primaryStagingAzureStorageAccountId"),
        "diskType": "OperatingSystem" if disk.disk.os_disk else "DataDisk",  # the second is assumed
        "resyncRequired": item.resync,
        **_disk_progress(place),
        "dataPendingInStagingStorageAccountInMB": 0.0,
        "dataPendingAtSourceAgentInMB": round(pending / _MB, 6) if item.source_on else 0.0,
        "diskState": _disk_state(item),
        "allowedDiskLevelOperation": [],
        "isDiskEncrypted": False,
        "secretIdentifier": None,
        "dekKeyVaultArmId": None,
        "isDiskKeyEncrypted": False,
        "keyIdentifier": None,
        "kekKeyVaultArmId": None,
        # recorded: both are there without anybody asking
        "failoverDiskName": settings.get("failoverDiskName") or disk.disk.name,
        "tfoDiskName": settings.get("tfoDiskName") or test_name(disk),
    }


def _cards(place: Place) -> list[Json]:
    network = network_of(place, {}, test=False)
    subnet = subnet_of(place, network, test=False)
    return [card_json(place, each, network, subnet) for each in source_nics(place)]


def _certificate_ends(item: Item) -> str | None:
    """Return when the agent's certificate ends (recorded: a date three years on, without fractions)."""
    ends = item.created + timedelta(days=3 * 365)
    return f"{ends:%Y-%m-%dT%H:%M:%SZ}"


def _vm_state(item: Item) -> tuple[str, str]:
    """Return the VM's own protection state (recorded: it is being enabled until the item is protected)."""
    if item.protected_at is None:
        return "UnprotectedStatesBegin", "Enabling protection"
    return "Protected", "Protected"
