"""Machines that replicate and whose sources are off, made straight in the simulator: cheaper than walking them there."""

from typing import Any

from shared.ledger.machine_row import Mark
from shared.plan.model import Plan
from shared.site_recovery.items import Item
from shared.states import MachineState
from tests.activities.migration_harness import MigrationHarness
from tests.activities.setup_snapshots import retraced
from tests.clouds import VAULT, furnish


def in_step(ferry: MigrationHarness, plan: dict[str, Any]) -> None:
    """Take a plan in and put its machines just before their failover; EC2 knows nothing of them."""
    plan["target"]["network"]["resourceGroup"] = VAULT.resource_group  # where `furnish` puts it
    names = [machine.name for _, machine in Plan.model_validate(plan).entries()]
    stand(ferry, plan, protect(ferry, *names))


def protect(ferry: MigrationHarness, *names: str) -> dict[str, Item]:
    """Let an appliance replicate machines of these names."""
    _replicate(ferry, *names)
    return ferry.items


@retraced
def _replicate(ferry: MigrationHarness, *names: str) -> None:
    furnish(ferry.cloud)
    ferry.cloud.register_appliance()
    ferry.cloud.set_policy()
    ferry.items = {name: ferry.cloud.protect(name, f"10.0.2.{21 + number}") for number, name in enumerate(names)}


def stand(ferry: MigrationHarness, plan: dict[str, Any], items: dict[str, Item]) -> None:
    """Take a plan in, whose machines replicate already."""
    ferry.take_in(plan)
    ferry.enlist(state=MachineState.CUTTING_OVER, phase="stop_source")
    for name, item in items.items():
        ferry.stands(name, item_id=item.id, marks={Mark.STOP_REQUESTED: ferry.cloud.now()})
