"""Recovery plans: machines that fail over together, boot group by boot group.

| operation | role action |
| --- | --- |
| get_plan, list_plans | Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/read |
| create_plan | …/replicationRecoveryPlans/write |
| delete_plan | …/replicationRecoveryPlans/delete |
| fail_over_plan, fail_over_plan_as_planned | …/replicationRecoveryPlans/unplannedFailover/action, /plannedFailover/action |
| commit_plan | …/replicationRecoveryPlans/failoverCommit/action |
| start_plan_test, clean_up_plan_test | …/replicationRecoveryPlans/testFailover/action, /testFailoverCleanup/action |
"""

from typing import Any

from pydantic import Field

from shared.arm import submit
from shared.azure import clients
from shared.azure.refusals import asking, found
from shared.models import Model
from shared.site_recovery.items import Scenario
from shared.site_recovery.mappings import AZURE
from shared.site_recovery.provider import Provider
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, Json

FORWARD = "PrimaryToRecovery"
MAX_MACHINES = 100  # documented
MAX_BOOT_GROUPS = 7  # unknown: assumed


class PlannedItem(FromWire):
    """A protected item in a group."""

    id: str = ""
    virtual_machine_id: str = Field(default="", description="goes in as given, comes back as the service's own id")


class Group(FromWire):
    """A group; the service puts empty Shutdown and Failover groups in front of ours (recorded)."""

    group_type: str = ""
    replication_protected_items: tuple[PlannedItem, ...] = ()


class RecoveryPlan(FromWire):
    """A recovery plan. LIST leaves out its groups (recorded)."""

    id: str
    name: str
    friendly_name: str = ""
    primary_fabric_id: str = ""
    allowed_operations: tuple[str, ...] = ()
    current_scenario: Scenario = Scenario()
    current_scenario_status: str = ""
    groups: tuple[Group, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """ARM ids of all its machines."""
        return tuple(each.id for group in self.groups for each in group.replication_protected_items)


class Planned(Model):
    """What a new plan holds: the items' ARM ids, by boot group, in boot order."""

    primary_fabric_id: str
    recovery_fabric_id: str = Field(default=AZURE, description="Azure itself, or the fabric of another region")
    boot_groups: tuple[tuple[str, ...], ...]


def _plans(vault: VaultRef) -> Any:
    return clients.site_recovery(vault.subscription).replication_recovery_plans


def get_plan(vault: VaultRef, name: str) -> RecoveryPlan | None:
    """Give a plan with its groups, or None when there is none of that name."""
    return found(f"reading recovery plan {name}", lambda: RecoveryPlan.of(_plans(vault).get(*vault.place, name)))


def list_plans(vault: VaultRef) -> tuple[RecoveryPlan, ...]:
    """Give all plans of the vault, without groups."""
    with asking(f"listing the recovery plans of {vault.name}"):
        return tuple(RecoveryPlan.of(each) for each in _plans(vault).list(*vault.place))


def create_plan(vault: VaultRef, name: str, planned: Planned, request: str) -> str:
    """Make a plan of machines that go to Azure; give the job."""
    properties = {
        "primaryFabricId": planned.primary_fabric_id,
        "recoveryFabricId": planned.recovery_fabric_id,
        "failoverDeploymentModel": "ResourceManager",
        "groups": [_boot(ids) for ids in planned.boot_groups],
    }
    send, body = _plans(vault).begin_create, {"properties": properties}
    return submit(f"making recovery plan {name}", request, send, *vault.place, name, body).job


def _boot(ids: tuple[str, ...]) -> Json:
    return {
        "groupType": "Boot",
        "replicationProtectedItems": [{"id": each, "virtualMachineId": each} for each in ids],
        "startGroupActions": [],
        "endGroupActions": [],
    }


def fail_over_plan(
    vault: VaultRef, name: str, provider: Provider, *, shut_down: bool, request: str, point: str = "Latest"
) -> str:
    """Fail the whole plan over, group by group; give the job."""
    properties = {
        "failoverDirection": FORWARD,
        "sourceSiteOperations": "Required" if shut_down else "NotRequired",
        "providerSpecificDetails": [provider.plan_failover(point)],
    }
    send, body = _plans(vault).begin_unplanned_failover, {"properties": properties}
    return submit(f"failing over recovery plan {name}", request, send, *vault.place, name, body).job


def fail_over_plan_as_planned(vault: VaultRef, name: str, provider: Provider, request: str) -> str:
    """Fail the whole plan over with zero loss: sources are shut down and their last changes sent first; give the job."""
    properties = {"failoverDirection": FORWARD, "providerSpecificDetails": [provider.plan_failover("Latest")]}
    send, body = _plans(vault).begin_planned_failover, {"properties": properties}
    return submit(f"failing over recovery plan {name} as planned", request, send, *vault.place, name, body).job


def commit_plan(vault: VaultRef, name: str, request: str) -> str:
    """Commit the failover of all machines of the plan; give the job."""
    send = _plans(vault).begin_failover_commit
    return submit(f"committing recovery plan {name}", request, send, *vault.place, name).job


def start_plan_test(vault: VaultRef, name: str, provider: Provider, *, network_id: str, request: str) -> str:
    """Test the failover of all machines of the plan in an isolated network; give the job."""
    properties = {
        "failoverDirection": FORWARD,
        "networkType": "VmNetworkAsInput",
        "networkId": network_id,
        "providerSpecificDetails": [provider.plan_failover("Latest")],
    }
    send, body = _plans(vault).begin_test_failover, {"properties": properties}
    return submit(f"testing recovery plan {name}", request, send, *vault.place, name, body).job


def clean_up_plan_test(vault: VaultRef, name: str, comment: str, request: str) -> str:
    """Delete the test VMs of the plan; give the job."""
    send, body = _plans(vault).begin_test_failover_cleanup, {"properties": {"comments": comment}}
    return submit(f"cleaning up the test of recovery plan {name}", request, send, *vault.place, name, body).job


def delete_plan(vault: VaultRef, name: str, request: str) -> str:
    """Delete a plan; its machines stay as they are. Give the job, empty when it was gone."""
    return submit(f"deleting recovery plan {name}", request, _plans(vault).begin_delete, *vault.place, name).job
