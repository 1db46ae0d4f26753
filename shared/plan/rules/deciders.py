"""Deciders: what a plan says of people can be kept."""

from collections.abc import Iterator
from datetime import datetime

from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.problems import Fault


def four_eyes_can_hold(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Where nobody is asked for the cutover, no second person sees it."""
    for i, wave in enumerate(plan.waves):
        if wave.gates.four_eyes and wave.gates.cutover == "auto":
            said = "cannot hold where `cutover` is auto: nobody is asked; make it manual"
            yield Fault(pointer=pointer(("waves", i, "gates", "fourEyes")), message=said)


def escalations_reach_others(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """An escalation widens a list of approvers; where every approver may decide there is nothing to widen."""
    said = "widens `approvers`, and none are named: every approver may decide already"
    if plan.gates.escalate_to and not plan.gates.approvers and not any(each.gates.approvers for each in plan.waves):
        yield Fault(pointer=pointer(("gates", "escalateTo")), message=said)
    for i, wave in enumerate(plan.waves):
        if wave.gates.escalate_to and not plan.approvers_of(wave):
            yield Fault(pointer=pointer(("waves", i, "gates", "escalateTo")), message=said)
