"""How a recovery plan shuts its sources down."""

from ..operations import stamp
from .catalogue import fault_words, job_error
from .item_actions import shut_down
from .plan_actions import PlanAction
from .registry import provider_of
from .state import Json, Place


def shuts_down(action: PlanAction, inputs: Json, place: Place) -> bool:
    """A planned failover shuts every source down, an unplanned one those it can, if it is told to."""
    if action.scenario == "PlannedFailover":
        return True
    requested = action.scenario == "UnplannedFailover" and inputs.get("sourceSiteOperations") == "Required"
    return requested and provider_of(place.item.provider).shuts_down(place, inputs)


def shut_off(action: PlanAction, activity: str, place: Place) -> Json | None:
    """Shut one source down; return the job error where that fails, or was ordered to fail."""
    names, world = (place.id, place.item.name, place.item.machine.name), place.vault.world
    task = "ShutdownVmOnPrimary" if action.scenario == "PlannedFailover" else "ShutdownVmOnPrimaryForUFO"
    fault = world.faults.for_job("job-fails", action.scenario, *names, task=task)
    if fault is None:
        return shut_down(place)
    words = {"vm": place.item.machine.name, "provider": place.item.provider, **fault_words(fault)}
    return job_error(fault.code or "539", task, activity, stamp(world.now), **words)
