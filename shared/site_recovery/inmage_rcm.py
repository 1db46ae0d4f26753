"""The provider of the replication appliance: EC2, physical and VMware machines with an agent (`InMageRcm`)."""

from typing import ClassVar

from shared.site_recovery.provider import Disk, PolicySettings, Replication, Source, Target
from shared.site_recovery.wire import Json, known


class InMageRcm:
    """Fills and reads InMageRcm; its flags are strings on the wire (recorded)."""

    name: ClassVar[str] = "InMageRcm"
    plans_failover: ClassVar[bool] = False
    commits: ClassVar[bool] = False

    def policy(self, settings: PolicySettings) -> Json:
        """Give a policy; several machines are not kept consistent with one another."""
        return {
            "instanceType": self.name,
            "recoveryPointHistoryInMinutes": settings.retention,
            "crashConsistentFrequencyInMinutes": settings.crash_consistent_every,
            "appConsistentFrequencyInMinutes": settings.app_consistent_every,
            "enableMultiVmSync": "false",
        }

    def mapping(self) -> Json:
        """Give the provider's name alone; agents upgrade themselves unless an update says otherwise (recorded)."""
        return {"instanceType": self.name}

    def protectable_item(self, source: Source) -> str:  # noqa: ARG002 - the contract's
        """Give nothing: this provider has no protectable items (recorded)."""
        return ""

    def enable(self, source: Source, target: Target) -> Json:
        """Give all disks to replication: physical machines cannot leave any out (documented)."""
        disks = {
            "logStorageAccountId": target.log_storage_account_id,
            "diskType": target.disk_type,
            "diskEncryptionSetId": target.disk_encryption_set_id,
        }
        return {
            "instanceType": self.name,
            "fabricDiscoveryMachineId": source.machine_id,
            "processServerId": source.process_server_id,
            "disksDefault": told(disks),
        } | told(
            {
                "targetResourceGroupId": target.resource_group_id,
                "targetSubnetName": target.subnet,
                "testSubnetName": target.test_subnet,
                "runAsAccountId": source.run_as_account_id,
                "multiVmGroupName": source.multi_vm_group,
                "targetVmTags": tags(target.tags),
                "targetManagedDiskTags": tags(target.tags),
                "targetNicTags": tags(target.tags),
                **_place(target),
            }
        )

    def update(self, target: Target) -> Json:
        """Give the target again; a licence is only taken from here, not from the top level (recorded)."""
        return {
            "instanceType": self.name,
            **told({"targetResourceGroupId": target.resource_group_id, "targetVmTags": tags(target.tags)}),
            **_place(target),
        }

    def test_failover(self, network_id: str, recovery_point_id: str) -> Json:
        """Give network and point."""
        return {"instanceType": self.name, **told({"networkId": network_id, "recoveryPointId": recovery_point_id})}

    def failover(self, recovery_point_id: str, *, shut_down: bool) -> Json:
        """Give whether Site Recovery shuts the source down, and the point."""
        shutdown = "true" if shut_down else "false"
        return {"instanceType": self.name, "performShutdown": shutdown, **told({"recoveryPointId": recovery_point_id})}

    def plan_failover(self, point: str) -> Json:
        """Give the kind of point that each machine of the plan fails over to."""
        return {"instanceType": self.name, "recoveryPointType": point, "useMultiVmSyncPoint": "false"}

    def disable(self) -> Json | None:
        """Give nothing: this provider asks for nothing."""
        return None

    def replication(self, details: Json) -> Replication:
        """Read progress, lag and recovery points."""
        agent = details.get("mobilityAgentDetails") or {}
        disks = [Disk.model_validate(disk) for disk in details.get("protectedDisks") or ()]
        renamed = {ours: details.get(theirs) for ours, theirs in _READ.items()}
        return Replication.model_validate({**details, **renamed, "agentVersion": agent.get("version"), "disks": disks})


_READ = {
    "discoveryMachineId": "fabricDiscoveryMachineId",
    "sourceIp": "primaryNicIpAddress",
    "progress": "initialReplicationProgressPercentage",
    "progressHealth": "initialReplicationProgressHealth",
    "processedBytes": "initialReplicationProcessedBytes",
    "transferredBytes": "initialReplicationTransferredBytes",
    "resyncProgress": "resyncProgressPercentage",
    "lagSeconds": "lastRpoInSeconds",
    "lagCalculatedAt": "lastRpoCalculatedTime",
    "lastRecoveryPointAt": "lastRecoveryPointReceived",
}


def _place(target: Target) -> Json:
    """Give what enable and update both take."""
    return told(
        {
            "targetVmName": target.vm_name,
            "targetVmSize": target.vm_size,
            "targetNetworkId": target.network_id,
            "testNetworkId": target.test_network_id,
            "licenseType": target.license_type,
            "targetAvailabilitySetId": target.availability_set_id,
            "targetAvailabilityZone": target.availability_zone,
            "targetProximityPlacementGroupId": target.proximity_placement_group_id,
            "targetBootDiagnosticsStorageAccountId": target.boot_diagnostics_account_id,
        }
    )


def told(body: Json) -> Json:
    """Leave out what says nothing: an empty id would be taken for an id."""
    return {name: value for name, value in body.items() if known(value) and value != []}


def tags(named: dict[str, str]) -> list[Json]:
    """Give tags in the provider's shape."""
    return [{"tagName": name, "tagValue": value} for name, value in named.items()]
