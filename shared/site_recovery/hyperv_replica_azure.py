"""The provider of Hyper-V hosts, alone or under VMM (`HyperVReplicaAzure`): the host itself replicates its machines."""

from math import ceil
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

SECONDS = {True: 30, False: 300}  # between two transfers of changes; the service takes these two (documented)
MB = 1024 * 1024


class HyperVReplicaAzure:
    """Fills and reads HyperVReplicaAzure; machines are named by their protectable item, disks go straight to managed ones."""

    name: ClassVar[str] = "HyperVReplicaAzure"
    plans_failover: ClassVar[bool] = True
    commits: ClassVar[bool] = False

    def policy(self, settings: PolicySettings) -> Json:
        """Give a policy; this provider counts in hours, and the retention reads back under another name (recorded)."""
        return {
            "instanceType": self.name,
            "recoveryPointHistoryDuration": ceil(settings.retention / 60),
            "applicationConsistentSnapshotFrequencyInHours": ceil(settings.app_consistent_every / 60),
            "replicationInterval": SECONDS[settings.crash_consistent_every < 1],
        }

    def mapping(self) -> Json:
        """Give the provider's name alone; a mapping reads back without details (recorded)."""
        return {"instanceType": self.name}

    def protectable_item(self, source: ReplicationSource) -> str:
        """Give the item under which its host shows the machine."""
        return source.machine_id

    def enable(self, source: ReplicationSource, target: ReplicationTarget) -> Json:
        """Give the machine as Hyper-V knows it; all disks are replicated unless the target names single ones."""
        own = {
            "hvHostVmId": source.vm_id,
            "vmName": source.name,
            "osType": source.os_type,
            "userSelectedOSName": target.os_name,
            "vhdId": next((each.disk_id for each in target.disks if each.os_disk), source.os_disk_id),
            "logStorageAccountId": target.log_storage_account_id,
            "diskType": target.disk_type,
            "diskEncryptionSetId": target.disk_encryption_set_id,
            "disksToIncludeForManagedDisks": disks(target),
            "seedManagedDiskTags": target.disk_tags,
            **tags(target),
            **_place(target),
        }
        managed = {"useManagedDisks": "true", "useManagedDisksForReplication": "true"}
        return {"instanceType": self.name, "enableRdpOnTargetOption": "Never", **managed, **without_empty(own)}

    def update(self, target: ReplicationTarget) -> Json:
        """Give the VM's own facts beside the details, and what only this provider knows in them."""
        named = [{"diskId": each.disk_id, "targetDiskName": each.name} for each in target.disks if each.name]
        own = without_empty(
            {
                "recoveryAzureV2ResourceGroupId": target.resource_group_id,
                "targetAvailabilityZone": target.availability_zone,
                "targetProximityPlacementGroupId": target.proximity_placement_group_id,
                "targetCapacityReservationGroupId": target.capacity_reservation_group_id,
                "sqlServerLicenseType": target.sql_license_type,
                "linuxLicenseType": target.linux_license_type,
                "userSelectedOSName": target.os_name,
                "vmDisks": named,
                **tags(target),
            }
        )
        return {**beside(target), "providerSpecificDetails": {"instanceType": self.name, **own}}

    def test_failover(self, network_id: str, recovery_point_id: str) -> Json:  # noqa: ARG002 - the contract's
        """Give the point; the network stands beside these details, not in them."""
        return {"instanceType": self.name, **without_empty({"recoveryPointId": recovery_point_id})}

    def failover(self, recovery_point_id: str, *, shut_down: bool) -> Json:  # noqa: ARG002 - the contract's
        """Give the point, for a planned failover as for an unplanned one: both know the same words."""
        return {"instanceType": self.name, **without_empty({"recoveryPointId": recovery_point_id})}

    def plan_failover(self, point: str, *, together: bool = False) -> Json:  # noqa: ARG002 - it knows no groups
        """Give the kind of point; the service has no crash-consistent kind here, the latest processed is one (documented)."""
        kind = "LatestProcessed" if point == "LatestCrashConsistent" else point
        return {"instanceType": self.name, "recoveryPointType": kind}

    def disable(self) -> Json | None:
        """Give nothing: this provider asks for nothing."""
        return None

    def replication(self, details: Json) -> ReplicationStatus:
        """Read progress, lag and recovery points; names are compared without case: they have changed it (recorded)."""
        lowered = {name.lower(): value for name, value in details.items()}
        renamed = {ours: lowered.get(theirs.lower()) for ours, theirs in _READ.items()}
        percent = (details.get("initialReplicationDetails") or {}).get("initialReplicationProgressPercentage")
        progress = {
            "progress": int(percent or 0),  # told at all times: see Item.progress
            "osType": (details.get("oSDetails") or {}).get("osType"),
            "disks": [_disk(each) for each in lowered.get("azurevmdiskdetails") or ()],
            "cards": cards(
                {"vmNics": lowered.get("vmnics"), "selectedSourceNicId": lowered.get("selectedsourcenicid")}
            ),
        }
        return ReplicationStatus.model_validate({"instanceType": self.name, **renamed, **progress})


_READ = {
    "discoveryMachineId": "vmId",
    "lagSeconds": "rpoInSeconds",
    "lagCalculatedAt": "lastRpoCalculatedTime",
    "lastRecoveryPointAt": "lastRecoveryPointReceived",
    "targetVmName": "recoveryAzureVmName",
    "targetVmSize": "recoveryAzureVMSize",
    "targetResourceGroupId": "recoveryAzureResourceGroupId",
    "targetNetworkId": "selectedRecoveryAzureNetworkId",
}


def _place(target: ReplicationTarget) -> Json:
    """Give where the machine goes; the subnet is given by its name (as Azure's own tools do)."""
    return {
        "targetAzureV2ResourceGroupId": target.resource_group_id,
        "targetAzureNetworkId": target.network_id,
        "targetAzureSubnetId": target.subnet,
        "targetAzureVmName": target.vm_name,
        "targetVmSize": target.vm_size,
        "licenseType": target.license_type,
        "sqlServerLicenseType": target.sql_license_type,
        "linuxLicenseType": target.linux_license_type,
        "targetAvailabilitySetId": target.availability_set_id,
        "targetAvailabilityZone": target.availability_zone,
        "targetProximityPlacementGroupId": target.proximity_placement_group_id,
        "targetCapacityReservationGroupId": target.capacity_reservation_group_id,
    }


def _disk(disk: Json) -> ReplicatedDisk:
    """Give a disk in the words that the app knows."""
    return ReplicatedDisk(
        disk_id=str(disk.get("diskId") or disk.get("vhdId") or ""),
        disk_name=str(disk.get("vhdName") or ""),
        isOSDisk=disk.get("vhdType") == "OperatingSystem",
        capacity_in_bytes=int(float(disk.get("maxSizeMB") or 0)) * MB,
    )
