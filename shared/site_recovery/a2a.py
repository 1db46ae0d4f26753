"""The provider between Azure regions (`A2A`): no server stands between, a storage account caches the data."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from pydantic import TypeAdapter

from shared.site_recovery import in_mage_azure_v2_target
from shared.site_recovery.provider import (
    DiskPlacement,
    PolicySettings,
    ReplicatedDisk,
    ReplicationSource,
    ReplicationStatus,
    ReplicationTarget,
    SourceDisk,
)
from shared.site_recovery.wire import Json, Moment, aware, known, without_empty


class AzureToAzure:
    """Fills and reads A2A; a VM is named by its ARM id, and each of its disks is asked for by itself."""

    name: ClassVar[str] = "A2A"
    plans_failover: ClassVar[bool] = False
    commits: ClassVar[bool] = True

    def policy(self, settings: PolicySettings) -> Json:
        """Give a policy; machines of a group are kept consistent with one another where that is wanted."""
        return {
            "instanceType": self.name,
            "recoveryPointHistory": settings.retention,
            "crashConsistentFrequencyInMinutes": settings.crash_consistent_every,
            "appConsistentFrequencyInMinutes": settings.app_consistent_every,
            "multiVmSyncStatus": "Enable" if settings.multi_vm_sync else "Disable",
        }

    def mapping(self) -> Json:
        """Give the mapping's input: agents are not updated meanwhile, that would need an automation account."""
        return {"instanceType": self.name, "agentAutoUpdateStatus": "Disabled"}

    def protectable_item(self, source: ReplicationSource) -> str:  # noqa: ARG002 - the contract's
        """Give nothing: this provider has no protectable items."""
        return ""

    def enable(self, source: ReplicationSource, target: ReplicationTarget) -> Json:
        """Give every managed disk with its cache account (in the source's region) and its type at the target."""
        return {
            "instanceType": self.name,
            "fabricObjectId": source.machine_id,
            "recoveryContainerId": target.container_id,
            "recoveryResourceGroupId": target.resource_group_id,
            "vmManagedDisks": _disks(source, target),
        } | without_empty(
            {
                "multiVmGroupName": source.multi_vm_group,
                "recoveryAzureNetworkId": target.network_id,
                "recoverySubnetName": target.subnet,
                "recoveryAvailabilitySetId": target.availability_set_id,
                "recoveryAvailabilityZone": target.availability_zone,
                "recoveryProximityPlacementGroupId": target.proximity_placement_group_id,
                "recoveryCapacityReservationGroupId": target.capacity_reservation_group_id,
                "recoveryBootDiagStorageAccountId": target.boot_diagnostics_account_id,
            }
        )

    def update(self, target: ReplicationTarget) -> Json:
        """Give name, size, licence and cards, which enabling does not take (its model), and this provider's own part."""
        licence = "" if target.license_type == "NoLicenseType" else target.license_type  # as the source's
        named = [{"diskId": each.disk_id, "failoverDiskName": each.name} for each in target.disks if each.name]
        own = without_empty(
            {
                "recoveryResourceGroupId": target.resource_group_id,
                "recoveryAvailabilityZone": target.availability_zone,
                "recoveryProximityPlacementGroupId": target.proximity_placement_group_id,
                "recoveryCapacityReservationGroupId": target.capacity_reservation_group_id,
                "recoveryBootDiagStorageAccountId": target.boot_diagnostics_account_id,
                "managedDiskUpdateDetails": named,
            }
        )
        beside = in_mage_azure_v2_target.beside(target.replace(license_type=licence))
        return {**beside, "providerSpecificDetails": {"instanceType": self.name, **own}}

    def test_failover(self, network_id: str, recovery_point_id: str) -> Json:  # noqa: ARG002 - the contract's
        """Give the point; the network stands beside these details, not in them."""
        return {"instanceType": self.name, **without_empty({"recoveryPointId": recovery_point_id})}

    def failover(self, recovery_point_id: str, *, shut_down: bool) -> Json:  # noqa: ARG002 - the contract's
        """Give the point; whether the source is shut down stands beside these details."""
        return {"instanceType": self.name, **without_empty({"recoveryPointId": recovery_point_id})}

    def plan_failover(self, point: str, *, together: bool = False) -> Json:
        """Give the kind of point that each machine of the plan fails over to."""
        return {
            "instanceType": self.name,
            "recoveryPointType": point,
            "multiVmSyncPointOption": "UseMultiVmSyncRecoveryPoint" if together else "UsePerVmRecoveryPoint",
        }

    def disable(self) -> Json | None:
        """Give nothing: this provider asks for nothing."""
        return None

    def replication(self, details: Json) -> ReplicationStatus:
        """Read progress, lag and recovery points; of the last point only its age is told."""
        disks = [ReplicatedDisk.model_validate(_disk(disk)) for disk in details.get("protectedManagedDisks") or ()]
        renamed = {ours: details.get(theirs) for ours, theirs in _READ.items()}
        progress = {
            "progress": details.get(
                "monitoringPercentageCompletion"
            ),  # the last one stays (recorded): see Item.progress
            "resyncRequired": any(
                bool(disk.get("resyncRequired")) for disk in details.get("protectedManagedDisks") or ()
            ),
            "lastRecoveryPointAt": _last_point(details),
            "disks": disks,
            "cards": in_mage_azure_v2_target.cards(details),
        }
        return ReplicationStatus.model_validate({**details, **renamed, **progress})


_MOMENT: Final = TypeAdapter(datetime)
_READ = {
    "discoveryMachineId": "fabricObjectId",
    "lagSeconds": "rpoInSeconds",
    "lagCalculatedAt": "lastRpoCalculatedTime",
    "targetVmName": "recoveryAzureVMName",
    "targetVmSize": "recoveryAzureVMSize",
    "targetResourceGroupId": "recoveryAzureResourceGroupId",
    "targetNetworkId": "selectedRecoveryAzureNetworkId",
    "testNetworkId": "selectedTfoAzureNetworkId",
}


def _disks(source: ReplicationSource, target: ReplicationTarget) -> list[Json]:
    """Give the disks to replicate: all, but for those that the plan leaves out."""
    own = {each.disk_id.lower(): each for each in target.disks}
    pairs = ((disk, own.get(disk.id.lower(), DiskPlacement())) for disk in source.disks)
    return [_asked(disk, disk_target, target) for disk, disk_target in pairs if not disk_target.left_out]


def _asked(disk: SourceDisk, own: DiskPlacement, target: ReplicationTarget) -> Json:
    """Give a disk to replicate; without a type of the plan's it keeps the one that it has."""
    wanted = own.disk_type or target.disk_type or disk.type
    return {
        "diskId": disk.id,
        "primaryStagingAzureStorageAccountId": target.log_storage_account_id,
        "recoveryResourceGroupId": target.resource_group_id,
    } | without_empty(
        {
            "recoveryReplicaDiskAccountType": wanted,
            "recoveryTargetDiskAccountType": wanted,
            "recoveryDiskEncryptionSetId": own.encryption_set_id or target.disk_encryption_set_id,
        }
    )


def _disk(disk: Json) -> Json:
    """Give a disk in the words that the app knows."""
    return {
        "diskId": disk.get("diskId"),
        "diskName": disk.get("diskName"),
        "customTargetDiskName": disk.get("failoverDiskName"),
        "isOSDisk": str(disk.get("diskType") or "").lower() == "operatingsystem",
        "capacityInBytes": disk.get("diskCapacityInBytes"),
        "dataPendingAtSourceAgentInMB": disk.get("dataPendingAtSourceAgentInMB"),
        "dataPendingInLogDataStoreInMB": disk.get("dataPendingInStagingStorageAccountInMB"),
    }


def _last_point(details: Json) -> Moment | None:
    """Give the moment of the last recovery point: so long before the last look as the lag then was."""
    at, lag = details.get("lastRpoCalculatedTime"), details.get("rpoInSeconds")
    if lag is None or not known(at):
        return None
    return aware(_MOMENT.validate_python(at)) - timedelta(seconds=int(lag))
