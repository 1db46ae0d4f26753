"""Deciders: what a plan says of people can be kept."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from shared.plan.model import Plan, Wave
from shared.plan.pointers import pointer
from shared.problems import Fault

NEVER_LATE: Final = (
    "counts once nine tenths of a gate's time are over, and none of these gates expires: give `gates.expires`"
)


def four_eyes_can_hold(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Where nobody is asked, or silence counts as a yes, no second person sees it."""
    for i, wave in enumerate(plan.waves):
        if wave.gates.four_eyes and wave.gates.cutover == "auto":
            message = "cannot hold where `cutover` is auto: nobody is asked; make it manual"
            yield Fault(pointer=pointer(("waves", i, "gates", "fourEyes")), message=message)
        if wave.gates.four_eyes and wave.acceptance.timer is not None and wave.acceptance.on_timeout == "accept":
            message = "accepts machines that nobody looked at, and `fourEyes` asks for a second person; make it wait or rollback"
            yield Fault(pointer=pointer(("waves", i, "acceptance", "onTimeout")), message=message)


def escalations_reach_others(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """An escalation widens a list of approvers; where every approver may decide there is nothing to widen."""
    message = "widens `approvers`, and none are named: every approver may decide already"
    if plan.gates.escalate_to and not plan.gates.approvers and not any(each.gates.approvers for each in plan.waves):
        yield Fault(pointer=pointer(("gates", "escalateTo")), message=message)
    for i, wave in enumerate(plan.waves):
        if wave.gates.escalate_to and not plan.approvers_of(wave):
            yield Fault(pointer=pointer(("waves", i, "gates", "escalateTo")), message=message)
        elif wave.gates.escalate_to and not _expires(wave):
            yield Fault(pointer=pointer(("waves", i, "gates", "escalateTo")), message=NEVER_LATE)
    if plan.gates.escalate_to and not any(_expires(wave) for wave in plan.waves):
        yield Fault(pointer=pointer(("gates", "escalateTo")), message=NEVER_LATE)


def _expires(wave: Wave) -> bool:
    """Tell whether one of the gates at which a wave's approvers decide expires."""
    rehearsed, approved = wave.gates.test == "manual", wave.gates.cutover == "manual"
    return rehearsed or (approved and wave.gates.expires is not None) or wave.acceptance.timer is not None
