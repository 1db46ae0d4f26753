"""What a cohort's recovery plan holds: its machines by boot group, and what the wave wants done around each group."""

from collections.abc import Mapping

from activities.flow.protected_item import item_ref
from shared.contracts.cohorts import Cohort
from shared.contracts.requests import scoped_as
from shared.ledger import machines
from shared.ledger.machine_context import machine_context
from shared.models import Scope
from shared.plan.actions import Action
from shared.plan.model import Plan
from shared.plan.values import from_duration
from shared.roads.registry import road_of
from shared.site_recovery.mappings import AZURE
from shared.site_recovery.plan_actions import FAILOVER, MANUAL, RUNBOOK, SCRIPT, TEST, ActionDetails, PlanAction
from shared.site_recovery.plan_groups import BootGroup
from shared.site_recovery.recovery_plans import Planned
from shared.site_recovery.vault import VaultRef

SIDES: Mapping[str, str] = {"source": "Primary", "target": "Recovery"}
TYPES: Mapping[str, tuple[str, ...]] = {"failover": FAILOVER, "testFailover": TEST}


def wanted(cohort: Cohort, plan: Plan, vault: VaultRef) -> Planned:
    """Give the plan of a cohort: groups that it has machines of, in boot order; actions of other groups are left out."""
    rows = {row.name: row for row in machines.list(cohort.migration, wave=cohort.wave)}
    groups: dict[int, list[str]] = {}
    for member in sorted(cohort.machines, key=lambda machine: machine.boot_group):
        groups.setdefault(member.boot_group, []).append(rows[member.name].item_id)
    fabric = item_ref(machine_context(scoped_as(cohort, Scope).replace(machine=cohort.machines[0].name))).fabric
    actions = plan.wave(cohort.wave).cutover.actions
    return Planned(
        primary_fabric_id=f"{vault.id}/replicationFabrics/{fabric}",
        recovery_fabric_id=road_of(plan).recovery_fabric(plan) or AZURE,
        boot_groups=tuple(
            BootGroup(
                items=tuple(items),
                before=_actions(actions, number, "before"),
                after=_actions(actions, number, "after"),
            )
            for number, items in groups.items()
        ),
    )


def _actions(actions: tuple[Action, ...], group: int, when: str) -> tuple[PlanAction, ...]:
    steps = (action for action in actions if (action.boot_group, action.when) == (group, when))
    return tuple(
        PlanAction(
            action_name=action.name,
            failover_types=tuple(kind for run in sorted(set(action.during)) for kind in TYPES[run]),
            custom_details=details_of(action),
        )
        for action in steps
    )


def details_of(action: Action) -> ActionDetails:
    """Say what is done; a script runs on the VMM server, which is at the source."""
    if action.runbook is not None:
        runbook = action.runbook
        side, timeout = SIDES[runbook.side], from_duration(runbook.timeout) if runbook.timeout else ""
        return ActionDetails(instance_type=RUNBOOK, runbook_id=runbook.id, timeout=timeout, fabric_location=side)
    if action.script is not None:
        script = action.script
        timeout = from_duration(script.timeout) if script.timeout else ""
        return ActionDetails(instance_type=SCRIPT, path=script.path, timeout=timeout, fabric_location=SIDES["source"])
    return ActionDetails(instance_type=MANUAL, description=action.manual)
