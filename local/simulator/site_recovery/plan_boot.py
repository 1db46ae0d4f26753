"""How a recovery plan starts the VM of one of its machines."""

from collections.abc import Sequence

from .item_actions import make_vm
from .job_state import Job
from .state import Json, Place
from .states import ACTIONS


def start_vm(name: str, inputs: Json, place: Place, job: Job) -> Json | None:
    """Make and start the VM and move the machine on; return the job error with which it cannot be made.

    The machine notes the moment at which the plan's job began (recorded of a job of its own).
    """
    action, item = ACTIONS[name], place.item
    error = make_vm(place, inputs, test=action.on_test)
    row = action.failure if error else action.success
    if action.on_test:
        item.test = row
        item.tested_at = item.tested_at if error else job.started
    else:
        item.state = row
        item.failed_over_at = item.failed_over_at if error else job.started
    return error


def stop_halfway(name: str, places: Sequence[Place]) -> None:
    """Move the machines on whose VMs were not started when the job stopped (unknown: assumed as a failure)."""
    action = ACTIONS[name]
    for item in (place.item for place in places):
        if action.on_test and item.test == action.during:
            item.test = action.failure
        elif not action.on_test and item.state == action.during:
            item.state = action.failure
