"""Recovery plans: machines that fail over together, boot group by boot group.

| operation | role action |
| --- | --- |
| get_plan | Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/read |
| create_plan, update_plan | …/replicationRecoveryPlans/write |
| delete_plan | …/replicationRecoveryPlans/delete |
| fail_over_plan, fail_over_plan_as_planned | …/replicationRecoveryPlans/unplannedFailover/action, /plannedFailover/action |
| start_plan_test | …/replicationRecoveryPlans/testFailover/action |
"""

from typing import Any

from pydantic import Field

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import found
from shared.models import Model
from shared.site_recovery.items import Scenario
from shared.site_recovery.mappings import AZURE
from shared.site_recovery.plan_actions import FORWARD
from shared.site_recovery.plan_groups import BootGroup, Group
from shared.site_recovery.provider import Provider
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, Json


class RecoveryPlan(FromWire):
    """A recovery plan. LIST leaves out its groups (recorded)."""

    id: str
    name: str
    friendly_name: str = ""
    primary_fabric_id: str = ""
    allowed_operations: tuple[str, ...] = ()
    current_scenario: Scenario = Scenario()
    groups: tuple[Group, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """ARM ids of all its machines."""
        return tuple(each.id for group in self.groups for each in group.replication_protected_items)


class Planned(Model):
    """What a plan shall hold: its boot groups in boot order."""

    primary_fabric_id: str
    recovery_fabric_id: str = Field(default=AZURE, description="Azure itself, or the fabric of another region")
    boot_groups: tuple[BootGroup, ...]

    def is_like(self, plan: RecoveryPlan) -> bool:
        """Tell whether a plan of the service's holds just this."""
        boots = [group for group in plan.groups if group.group_type == "Boot"]
        return len(boots) == len(self.boot_groups) and all(
            group.is_like(its) for group, its in zip(self.boot_groups, boots, strict=True)
        )


def _plans(vault: VaultRef) -> Any:
    return clients.site_recovery(vault.subscription).replication_recovery_plans


def get_plan(vault: VaultRef, name: str) -> RecoveryPlan | None:
    """Give a plan with its groups, or None when there is none of that name."""
    return found(f"reading recovery plan {name}", lambda: RecoveryPlan.of(_plans(vault).get(*vault.place, name)))


def create_plan(vault: VaultRef, name: str, planned: Planned, request: str) -> str:
    """Make a plan of machines that go to Azure; give the job."""
    properties = {
        "primaryFabricId": planned.primary_fabric_id,
        "recoveryFabricId": planned.recovery_fabric_id,
        "failoverDeploymentModel": "ResourceManager",
        "groups": [group.body for group in planned.boot_groups],
    }
    send, body = _plans(vault).begin_create, {"properties": properties}
    return submit(f"making recovery plan {name}", request, send, *vault.place, name, body).job


def update_plan(vault: VaultRef, plan: RecoveryPlan, planned: Planned, request: str) -> str:
    """Give a plan other boot groups and actions; the service's own groups stay as they are. Give the job."""
    own = [group.body for group in plan.groups if group.group_type != "Boot"]
    body = {"properties": {"groups": [*own, *(group.body for group in planned.boot_groups)]}}
    send = _plans(vault).begin_update
    return submit(f"changing recovery plan {plan.name}", request, send, *vault.place, plan.name, body).job


def fail_over_plan(vault: VaultRef, name: str, details: Json, *, shut_down: bool, request: str) -> str:
    """Fail the whole plan over, group by group; `details` are the provider's `plan_failover`. Give the job."""
    properties = {
        "failoverDirection": FORWARD,
        "sourceSiteOperations": "Required" if shut_down else "NotRequired",
        "providerSpecificDetails": [details],
    }
    send, body = _plans(vault).begin_unplanned_failover, {"properties": properties}
    return submit(f"failing over recovery plan {name}", request, send, *vault.place, name, body).job


def fail_over_plan_as_planned(vault: VaultRef, name: str, provider: Provider, request: str) -> str:
    """Fail the whole plan over with zero loss: sources are shut down and their last changes sent first; give the job."""
    properties = {"failoverDirection": FORWARD, "providerSpecificDetails": [provider.plan_failover("Latest")]}
    send, body = _plans(vault).begin_planned_failover, {"properties": properties}
    return submit(f"failing over recovery plan {name} as planned", request, send, *vault.place, name, body).job


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


def delete_plan(vault: VaultRef, name: str, request: str) -> str:
    """Delete a plan; its machines stay as they are. Give the job, empty when it was gone."""
    return submit(f"deleting recovery plan {name}", request, _plans(vault).begin_delete, *vault.place, name).job
