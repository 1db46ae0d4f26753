"""Clean up: what this migration left behind for a machine in Azure, and nothing else."""

from activities.flow.left_overs import listing_key, settled
from activities.flow.phase_entry import enters
from shared import ids
from shared.azure import compute
from shared.azure.arm_id import parse
from shared.contracts.contracts import REMOVE_LEFTOVERS
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence, LeftOver, LeftOverKind, LeftState
from shared.ledger.machine_context import machine_context
from shared.models import Done, Scope
from shared.plan.named import target_group
from shared.problems import CloudRefused
from shared.roads.target_names import vm_name
from shared.site_recovery.remembered import Remembered
from shared.states import MachineState

bp = Blueprint()

_LISTED = Remembered[frozenset[str]]()


@serves(bp, REMOVE_LEFTOVERS)
@enters
def remove_leftovers(scope: Scope) -> Done:
    """Remove a test copy that is still there although its clean-up ended, and list what else stays; the machine is finalized then.

    Raises `Busy` while what the plan wants gone is on its way out.
    """
    machine = machine_context(scope)
    group = target_group(machine.plan, machine.entry)
    copy = machine.row.test_vm_id or compute.vm_id(
        machine.plan.target.subscription_id, group, vm_name(machine.entry) + "-test"
    )
    if machine.row.test_vm_id and _is_there(scope, copy):
        # the event first: once the copy is gone, nobody knows of it
        events.write(
            scope, "leftover-removed", f"the test copy {copy.rpartition('/')[2]} was still there and is removed"
        )
        compute.delete_vm(copy, ids.request_id(scope.key, "test copy"))
    left = settled(scope, machine_context(scope))
    _tell(scope, left)
    machines.change(
        scope,
        state=MachineState.FINALIZED,
        test_vm_id="",
        waiting_for="",
        release="",
        evidence=Evidence(left_overs=left),
    )
    events.write(scope, "finalized", f"the migration of {scope.machine} is complete")
    return Done()


def _tell(scope: Scope, left: tuple[LeftOver, ...]) -> None:
    """Say what stays, where something does."""
    stays = [
        each
        for each in left
        if each.state in (LeftState.LEFT, LeftState.IN_USE) and each.kind != LeftOverKind.CACHE_STORAGE
    ]
    if stays:
        named = ", ".join(each.words for each in stays)
        events.write(scope, "left-overs", f"left behind of {scope.machine}: {named}")


def _is_there(scope: Scope, vm_id: str) -> bool:
    """Tell whether a VM exists; machines that arrive in the same minute share one listing of their resource group.

    A listing that is minutes old will do: the copies of these machines were asked to go long before.
    """
    at = parse(vm_id)
    key = listing_key(at, scope.now)
    try:
        listed = _LISTED.of(key, lambda: frozenset(vm.id.lower() for vm in compute.list_vms(at.subscription, at.group)))
    except CloudRefused:  # no right to list, or the group is gone
        listed = None
    return (listed is None or vm_id.lower() in listed) and compute.get_vm(vm_id) is not None
