"""Slots: places within the limits of plan, appliance and app, taken all together and freed at once."""

from activities.interrupting import strike
from activities.waking import no_hurry, wait_id
from activities.walking import slot_holder
from shared import plans, slots
from shared.concerns.rules.service import WITH_APPLIANCE
from shared.contracts import FREE_SLOTS, TAKE_SLOTS
from shared.durable import Blueprint, serves
from shared.ledger import machines
from shared.models import Place, Woken
from shared.requests import Seen, Slots, at
from shared.settings import settings
from shared.site_recovery.servers import WITH_AGENTS
from shared.site_recovery.vault import vault_of_plan
from shared.states import MachineState
from shared.waits import Wait, WaitKind

bp = Blueprint()


@serves(bp, TAKE_SLOTS)
def take_slots(asked: Slots) -> Seen:
    """Take the places, or stand in the queue for them; settled when they are ours."""
    strike(asked)
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
    return Seen(settled=taken)


def _tell(asked: Slots, said: str) -> None:
    """Write down what the machines of a cohort wait for; what they do next says so itself."""
    for member in asked.machines:
        machines.change(
            at(asked, Place).but(machine=member.name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER and row.round == asked.round,
            waiting_for=said,
            release="",
        )


@serves(bp, FREE_SLOTS)
def free_slots(asked: Slots) -> Woken:
    """Give the places back and say who has them now."""
    if asked.limit == "cuttingOver":
        no_hurry(asked, vault_of_plan(plans.plan_at(asked)))
    return Woken(announcements=slots.free(_holder(asked)))


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
