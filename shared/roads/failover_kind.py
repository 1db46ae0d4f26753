"""Which kind of failover takes the machines of a wave over."""

from typing import Final

from shared.plan.model import Plan, Wave
from shared.roads.registry import road_of

UNPLANNED: Final = "UnplannedFailover"
PLANNED: Final = "PlannedFailover"


def failover_kind(plan: Plan, wave: Wave) -> str:
    """Give the kind of failover: planned where the provider can lose nothing that way and the plan does not forbid it."""
    return PLANNED if road_of(plan).provider.plans_failover and wave.cutover.failover == "planned" else UNPLANNED
