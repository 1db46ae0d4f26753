"""Slots: places within the limits of plan, appliance and app, taken all together and freed at once."""

from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.flow.wait_rows import no_hurry, wait_id
from shared.contracts.cohorts import Slots
from shared.contracts.contracts import FREE_SLOTS, TAKE_SLOTS
from shared.contracts.requests import PollResult, scoped_as
from shared.coordination import slots
from shared.coordination.waits import Wait, WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import machines, plans
from shared.models import Scope, Settled
from shared.roads.registry import road_of
from shared.settings import settings
from shared.site_recovery.vault import vault_of_plan
from shared.states import MachineState

bp = Blueprint()


@serves(bp, TAKE_SLOTS)
@enters
def take_slots(request: Slots) -> PollResult:
    """Take the places, or stand in the queue for them; settled when they are ours."""
    raise_if_stopped(request)
    limits = _limits(request)
    wait = Wait(
        watch=f"slot.{request.limit}",
        id=wait_id(request, WaitKind.SLOT),
        instance=request.instance,
        event=request.event,
        migration=request.migration,
        wave=request.wave,
        machine=request.machine,
        kind=WaitKind.SLOT,
        since=request.since,
        stamp=request.now,
        text=f"a free place ({request.limit})",
    )
    taken = slots.take(limits, _holder(request), wait, request.now, request.count)
    waiting_for = "a free place: " + ", ".join(f"at most {most} in {name}" for name, most in limits.items())
    if request.machine:
        _show(request, "" if taken else waiting_for)
    elif not taken:
        _tell(request, waiting_for)
    return PollResult(settled=taken)


def _show(request: Slots, text: str) -> None:
    """Write down what a machine waits for, unless it has just been written so: who enters a phase waits for nothing."""
    row = machines.just_changed(request.migration, request.machine)
    if row is None or (row.waiting_for, row.release) != (text, ""):
        machines.change(request, waiting_for=text, release="")


def _tell(request: Slots, text: str) -> None:
    """Write down what the machines of a cohort wait for; what they do next says so itself."""
    for member in request.machines:
        machines.change(
            scoped_as(request, Scope).replace(machine=member.name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER and row.round == request.round,
            waiting_for=text,
            release="",
        )


@serves(bp, FREE_SLOTS)
def free_slots(request: Slots) -> Settled:
    """Give the places back and say who has them now."""
    if request.limit == "cuttingOver":
        no_hurry(request, vault_of_plan(plans.plan_at(request)))
    return Settled(announcements=slots.free(_holder(request)))


def slot_holder(scope: Scope, limit: str) -> str:
    """Give the name under which a machine holds its place in a limit."""
    return f"{scope.migration}/{scope.machine}/{limit}"


def _holder(request: Slots) -> str:
    """Give the holder's name: the cohort's flow, or the machine."""
    return request.owner or slot_holder(request, request.limit)


def _limits(request: Slots) -> dict[str, int]:
    """Give every limit that counts, with its capacity."""
    plan = plans.plan_at(request)
    if request.limit == "replicating":
        at_once = road_of(plan).machines_per_server
        appliance = f"appliance {plan.server} in {plan.target.vault.name}"
        return {
            "app replicating": settings().max_replicating,
            f"{request.migration} replicating": plan.limits.replicating,
            **({appliance: at_once} if at_once else {}),
        }
    return {
        "app cutting over": settings().max_cutting_over,
        f"{request.migration} cutting over": plan.limits.cutting_over,
    }
