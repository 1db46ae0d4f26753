"""Machines that replicate and whose sources are off, made straight in the simulator: cheaper than walking them there."""

from typing import Any

from shared.states import MachineState
from tests.activities.ferry import Ferry
from tests.clouds import furnish


def in_step(ferry: Ferry, plan: dict[str, Any]) -> None:
    """Take a plan in and put its machines just before their failover; EC2 knows nothing of them."""
    furnish(ferry.cloud)
    ferry.cloud.register_appliance()
    ferry.cloud.set_policy()
    ferry.take_in(plan)
    ferry.enlist(state=MachineState.CUTTING_OVER, phase="stop_source")
    assert ferry.plan
    for number, (_, machine) in enumerate(ferry.plan.entries()):
        item = ferry.cloud.protect(machine.name, f"10.0.2.{21 + number}")
        ferry.stands(machine.name, item_id=item.id, marks={"stopRequested": ferry.cloud.now()})
