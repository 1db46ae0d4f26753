"""Clean up: what this migration left behind for a machine in Azure, and nothing else."""

from activities.planned import planned
from activities.targeting import target_group, vm_name
from shared import ids
from shared.azure import compute
from shared.contracts import REMOVE_LEFTOVERS
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.models import Done, Place
from shared.states import MachineState

bp = Blueprint()


@serves(bp, REMOVE_LEFTOVERS)
def remove_leftovers(place: Place) -> Done:
    """Remove a test copy that is still there although its clean-up ended; the machine is finalized then."""
    machine = planned(place)
    group = target_group(machine.plan, machine.entry)
    copy = machine.row.test_vm_id or compute.vm_id(
        machine.plan.target.subscription_id, group, vm_name(machine.entry) + "-test"
    )
    if machine.row.test_vm_id and compute.get_vm(copy) is not None:
        compute.delete_vm(copy, ids.request_id(place.key, "test copy"))
        events.write(
            place, "leftover-removed", f"the test copy {copy.rpartition('/')[2]} was still there and is removed"
        )
    machines.change(place, state=MachineState.FINALIZED, test_vm_id="", waiting_for="", release="")
    events.write(place, "finalized", f"the migration of {place.machine} is complete")
    return Done()
