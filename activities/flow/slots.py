"""Slots: places within the limits of plan, appliance and app, taken all together and freed at once."""

from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import slot_holder
from activities.flow.wait_rows import no_hurry, wait_id
from shared.concerns.rules.service import WITH_APPLIANCE
from shared.contracts.contracts import FREE_SLOTS, TAKE_SLOTS
from shared.contracts.requests import PollResult, Slots, scoped_as
from shared.coordination import slots
from shared.coordination.waits import Wait, WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import machines, plans
from shared.models import Scope, Settled
from shared.settings import settings
from shared.site_recovery.servers import WITH_AGENTS
from shared.site_recovery.vault import vault_of_plan
from shared.states import MachineState

bp = Blueprint()


@serves(bp, TAKE_SLOTS)
def take_slots(asked: Slots) -> PollResult:
    """Take the places, or stand in the queue for them; settled when they are ours."""
    raise_if_stopped(asked)
    limits = _limits(asked)
    wait = Wait(
        watch=f"slot.{asked.limit}",
        id=wait_id(asked, WaitKind.SLOT),
        instance=asked.instance,
        event=asked.event,
        migration=asked.migration,
        wave=asked.wave,
        machine=asked.machine,
        kind=WaitKind.SLOT,
        since=asked.since,
        stamp=asked.now,
        text=f"a free place ({asked.limit})",
    )
    taken = slots.take(limits, _holder(asked), wait, asked.now, asked.count)
    said = "a free place: " + ", ".join(f"at most {most} in {name}" for name, most in limits.items())
    if asked.machine:
        machines.change(asked, waiting_for="" if taken else said, release="")
    elif not taken:
        _tell(asked, said)
    return PollResult(settled=taken)


def _tell(asked: Slots, said: str) -> None:
    """Write down what the machines of a cohort wait for; what they do next says so itself."""
    for member in asked.machines:
        machines.change(
            scoped_as(asked, Scope).replace(machine=member.name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER and row.round == asked.round,
            waiting_for=said,
            release="",
        )


@serves(bp, FREE_SLOTS)
def free_slots(asked: Slots) -> Settled:
    """Give the places back and say who has them now."""
    if asked.limit == "cuttingOver":
        no_hurry(asked, vault_of_plan(plans.plan_at(asked)))
    return Settled(announcements=slots.free(_holder(asked)))


def _holder(asked: Slots) -> str:
    """Give the holder's name: the cohort's flow, or the machine."""
    return asked.owner or slot_holder(asked, asked.limit)


def _limits(asked: Slots) -> dict[str, int]:
    """Give every limit that counts, with its capacity."""
    plan = plans.plan_at(asked)
    if asked.limit == "replicating":
        appliance = f"appliance {plan.server} in {plan.target.vault.name}"
        return {
            "app replicating": settings().max_replicating,
            f"{asked.migration} replicating": plan.limits.replicating,
            **({appliance: WITH_AGENTS} if plan.scenario in WITH_APPLIANCE else {}),
        }
    return {
        "app cutting over": settings().max_cutting_over,
        f"{asked.migration} cutting over": plan.limits.cutting_over,
    }
