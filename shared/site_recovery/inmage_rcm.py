"""The provider of the replication appliance: EC2, physical and VMware machines with an agent (`InMageRcm`)."""

from typing import ClassVar

from shared.site_recovery.inmage_rcm_target import cards, disks, nic, place, tags
from shared.site_recovery.provider import (
    PolicySettings,
    ReplicatedDisk,
    ReplicationSource,
    ReplicationStatus,
    ReplicationTarget,
)
from shared.site_recovery.wire import Json, without_empty


class InMageRcm:
    """Fills and reads InMageRcm; its flags are strings on the wire (recorded)."""

    name: ClassVar[str] = "InMageRcm"
    plans_failover: ClassVar[bool] = False
    commits: ClassVar[bool] = False

    def policy(self, settings: PolicySettings) -> Json:
        """Give a policy; its switch for groups of machines is a string (recorded)."""
        return {
            "instanceType": self.name,
            "recoveryPointHistoryInMinutes": settings.retention,
            "crashConsistentFrequencyInMinutes": settings.crash_consistent_every,
            "appConsistentFrequencyInMinutes": settings.app_consistent_every,
            "enableMultiVmSync": "true" if settings.multi_vm_sync else "false",
        }

    def mapping(self) -> Json:
        """Give the provider's name alone; agents upgrade themselves unless an update says otherwise (recorded)."""
        return {"instanceType": self.name}

    def protectable_item(self, source: ReplicationSource) -> str:  # noqa: ARG002 - the contract's
        """Give nothing: this provider has no protectable items (recorded)."""
        return ""

    def enable(self, source: ReplicationSource, target: ReplicationTarget) -> Json:
        """Give all disks one target, or each its own; disks left out are refused for physical machines (documented)."""
        return {
            "instanceType": self.name,
            "fabricDiscoveryMachineId": source.machine_id,
            "processServerId": source.process_server_id,
            **disks(target),
        } | without_empty(
            {
                "targetSubnetName": target.subnet,
                "testSubnetName": target.test_subnet,
                "runAsAccountId": source.run_as_account_id,
                "multiVmGroupName": source.multi_vm_group,
                "seedManagedDiskTags": tags(target.disk_tags),
                **place(target),
            }
        )

    def update(self, target: ReplicationTarget) -> Json:
        """Give the target again; a licence is only taken from the details, not from beside them (recorded)."""
        named = [{"diskId": each.disk_id, "targetDiskName": each.name} for each in target.disks if each.name]
        return {
            "providerSpecificDetails": {
                "instanceType": self.name,
                **without_empty({"vmNics": [nic(each) for each in target.nics], "vmDisks": named}),
                **place(target),
            }
        }

    def test_failover(self, network_id: str, recovery_point_id: str) -> Json:
        """Give the body of a test failover: its network and recovery point, where they are named."""
        return {
            "instanceType": self.name,
            **without_empty({"networkId": network_id, "recoveryPointId": recovery_point_id}),
        }

    def failover(self, recovery_point_id: str, *, shut_down: bool) -> Json:
        """Give whether Site Recovery shuts the source down, and the point."""
        shutdown = "true" if shut_down else "false"
        return {
            "instanceType": self.name,
            "performShutdown": shutdown,
            **without_empty({"recoveryPointId": recovery_point_id}),
        }

    def plan_failover(self, point: str, *, together: bool = False) -> Json:
        """Give the kind of point that each machine of the plan fails over to."""
        shared = "true" if together else "false"
        return {"instanceType": self.name, "recoveryPointType": point, "useMultiVmSyncPoint": shared}

    def disable(self) -> Json | None:
        """Give nothing: this provider asks for nothing."""
        return None

    def replication(self, details: Json) -> ReplicationStatus:
        """Read progress, lag and recovery points."""
        agent = details.get("mobilityAgentDetails") or {}
        found = [ReplicatedDisk.model_validate(disk) for disk in details.get("protectedDisks") or ()]
        renamed = {ours: details.get(theirs) for ours, theirs in _READ.items()}
        more = {"agentVersion": agent.get("version"), "disks": found, "cards": cards(details)}
        return ReplicationStatus.model_validate({**details, **renamed, **more})


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
