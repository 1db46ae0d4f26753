"""The provider of the configuration server, which Microsoft retired in 2026 (`InMageAzureV2`)."""

from typing import ClassVar

from shared.site_recovery.in_mage_azure_v2_target import beside, cards, disks, tags
from shared.site_recovery.provider import (
    PolicySettings,
    ReplicatedDisk,
    ReplicationSource,
    ReplicationStatus,
    ReplicationTarget,
)
from shared.site_recovery.wire import Json, without_empty

THRESHOLD = 15  # minutes without a recovery point before Site Recovery warns (recorded)


class InMageAzureV2:
    """Fills and reads InMageAzureV2; machines are named by the protectable item that they became when added."""

    name: ClassVar[str] = "InMageAzureV2"
    plans_failover: ClassVar[bool] = False
    commits: ClassVar[bool] = False

    def policy(self, settings: PolicySettings) -> Json:
        """Give a policy; what is sent as Disable reads back as Disabled (recorded)."""
        return {
            "instanceType": self.name,
            "recoveryPointThresholdInMinutes": THRESHOLD,
            "recoveryPointHistory": settings.retention,
            "crashConsistentFrequencyInMinutes": settings.crash_consistent_every,
            "appConsistentFrequencyInMinutes": settings.app_consistent_every,
            "multiVmSyncStatus": "Enable" if settings.multi_vm_sync else "Disable",
        }

    def mapping(self) -> Json:
        """Give the provider's name alone; a mapping reads back without details (recorded)."""
        return {"instanceType": self.name}

    def protectable_item(self, source: ReplicationSource) -> str:
        """Give the item that the machine became when it was added."""
        return source.machine_id

    def enable(self, source: ReplicationSource, target: ReplicationTarget) -> Json:
        """Give all disks to replication, as managed disks; the subnet is given by its name (as Azure's own tools do)."""
        return {
            "instanceType": self.name,
            "processServerId": source.process_server_id,
            "masterTargetId": source.master_target_id,
        } | without_empty(
            {
                "runAsAccountId": source.run_as_account_id,
                "multiVmGroupName": source.multi_vm_group,
                "logStorageAccountId": target.log_storage_account_id,
                "diskType": target.disk_type,
                "diskEncryptionSetId": target.disk_encryption_set_id,
                "disksToInclude": disks(target),
                "targetAzureV2ResourceGroupId": target.resource_group_id,
                "targetAzureNetworkId": target.network_id,
                "targetAzureSubnetId": target.subnet,
                "targetAzureVmName": target.vm_name,
                "targetVmSize": target.vm_size,
                "licenseType": target.license_type,
                "sqlServerLicenseType": target.sql_license_type,
                "targetAvailabilitySetId": target.availability_set_id,
                "targetAvailabilityZone": target.availability_zone,
                "targetProximityPlacementGroupId": target.proximity_placement_group_id,
                "seedManagedDiskTags": target.disk_tags,
                **tags(target),
            }
        )

    def update(self, target: ReplicationTarget) -> Json:
        """Give the VM's own facts beside the details, and what only this provider knows in them."""
        named = [{"diskId": each.disk_id, "targetDiskName": each.name} for each in target.disks if each.name]
        own = without_empty(
            {
                "recoveryAzureV2ResourceGroupId": target.resource_group_id,
                "targetAvailabilityZone": target.availability_zone,
                "targetProximityPlacementGroupId": target.proximity_placement_group_id,
                "sqlServerLicenseType": target.sql_license_type,
                "vmDisks": named,
                **tags(target),
            }
        )
        return {**beside(target), "providerSpecificDetails": {"instanceType": self.name, **own}}

    def test_failover(self, network_id: str, recovery_point_id: str) -> Json:  # noqa: ARG002 - the contract's
        """Give the point; the network stands beside these details, not in them."""
        return {"instanceType": self.name, **without_empty({"recoveryPointId": recovery_point_id})}

    def failover(self, recovery_point_id: str, *, shut_down: bool) -> Json:  # noqa: ARG002 - the contract's
        """Give the point; whether the source is shut down stands beside these details."""
        return {"instanceType": self.name, **without_empty({"recoveryPointId": recovery_point_id})}

    def plan_failover(self, point: str, *, together: bool = False) -> Json:
        """Give the kind of point that each machine of the plan fails over to."""
        shared = "true" if together else "false"
        return {"instanceType": self.name, "recoveryPointType": point, "useMultiVmSyncPoint": shared}

    def disable(self) -> Json | None:
        """Keep the VM in Azure, if there is one; the input bears the name of the older provider (documented)."""
        return {"instanceType": "InMage", "replicaVmDeletionStatus": "Retain"}

    def replication(self, details: Json) -> ReplicationStatus:
        """Read progress, lag and recovery points; -1 and Completed mean that the first copy is through (recorded)."""
        busy = str(details.get("totalProgressHealth") or "").lower() not in ("", "completed")
        running = details.get("vmProtectionState") == "InitialReplicationInProgress" or busy
        sent = max(int(details.get("totalDataTransferred") or 0), 0)
        names = {
            str(each.get("diskId")): each.get("targetDiskName") for each in details.get("protectedManagedDisks") or ()
        }
        found = [
            ReplicatedDisk.model_validate(_disk(disk, details, names)) for disk in details.get("protectedDisks") or ()
        ]
        renamed = {ours: details.get(theirs) for ours, theirs in _READ.items()}
        progress = {
            "progress": details.get("resyncProgressPercentage") if running else None,
            "progressHealth": details.get("totalProgressHealth") if running else "None",
            "processedBytes": sent,
            "transferredBytes": sent,
            "resyncRequired": any(str(each.get("resyncRequired")) == "Required" for each in _disks(details)),
            "disks": found,
            "cards": cards(details),
        }
        return ReplicationStatus.model_validate({**details, **renamed, **progress})


_READ = {
    "discoveryMachineId": "infrastructureVmId",
    "sourceIp": "ipAddress",
    "osName": "osVersion",
    "lagSeconds": "rpoInSeconds",
    "lagCalculatedAt": "lastRpoCalculatedTime",
    "lastRecoveryPointAt": "lastRecoveryPointReceived",
    "targetVmName": "recoveryAzureVMName",
    "targetVmSize": "recoveryAzureVMSize",
    "targetResourceGroupId": "recoveryAzureResourceGroupId",
    "targetNetworkId": "selectedRecoveryAzureNetworkId",
    "testNetworkId": "selectedTfoAzureNetworkId",
}


def _disks(details: Json) -> list[Json]:
    return list(details.get("protectedDisks") or ())


def _disk(disk: Json, details: Json, names: Json) -> Json:
    """Give a disk in the words that the app knows."""
    return {
        "diskId": disk.get("diskId"),
        "diskName": disk.get("diskName"),
        "customTargetDiskName": names.get(str(disk.get("diskId"))),
        "isOSDisk": disk.get("diskId") == details.get("osDiskId"),
        "capacityInBytes": disk.get("diskCapacityInBytes"),
        "dataPendingAtSourceAgentInMB": disk.get("sourceDataInMegaBytes"),
        "dataPendingInLogDataStoreInMB": disk.get("psDataInMegaBytes"),
    }
