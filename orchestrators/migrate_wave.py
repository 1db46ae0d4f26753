"""Migrate a wave: prepare all its machines at once, cut over each approved cohort, protect and decommission at the end."""

from datetime import timedelta
from itertools import zip_longest

from orchestrators.phase_run import leg
from shared.contracts.cohorts import ApprovalPoll, Cohort, Cohorts, GroupPreparation
from shared.contracts.contracts import (
    CUT_OVER_COHORT,
    END_WAVE,
    LIST_FINALIZED,
    LIST_MEMBERS,
    LIST_PROTECTIONS,
    MIGRATE_WAVE,
    POLL_APPROVAL,
    PREPARE_PROTECTION,
    PREPARE_TOGETHER,
    PROTECT_TARGET,
    WALK_MACHINE,
)
from shared.contracts.requests import PhaseExit, scoped_as, where
from shared.contracts.rounds import Member, Members
from shared.durable.fan_out import begin_all, fan_out
from shared.durable.seam import Blueprint, Context, DurableTask, Waits, begin, call, orchestrates
from shared.durable.waiting import LONGEST_TIMER, arm, patience_of, whole
from shared.ids import instance_id
from shared.itinerary import APPROVAL
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, MIGRATE_WAVE)
def migrate_wave(context: Context, scope: Scope) -> Waits[Done]:
    """Refused machines leave the wave by themselves; the others go on."""
    listed = yield from call(context, LIST_MEMBERS, scope)
    preparing = _begin_preparing(context, scope, listed)
    yield from _cut_over_as_approved(context, scope, listed, preparing)
    yield from _end(context, scope)
    if listed.afterwards:
        if PROTECT_TARGET.name in listed.afterwards:
            yield from _prepare_protections(context, scope)
        finalized = yield from call(context, LIST_FINALIZED, scope)
        last = [leg(scope, member, listed.afterwards) for member in finalized.members]
        yield from fan_out(context, WALK_MACHINE, last)
    return Done()


def _begin_preparing(context: Context, scope: Scope, listed: Members) -> DurableTask | None:
    """Prepare all that are not past it: each by itself, or with the wave's others where they are rehearsed together."""
    due = tuple(member for member in listed.members if member.resume_at in ("", *listed.prepare))
    name = instance_id(scope.replace(phase="prepare"))
    if listed.together and due:
        request = GroupPreparation(**where(scope), machines=due, phases=listed.prepare)
        return begin(context, PREPARE_TOGETHER, request, name)
    return begin_all(context, WALK_MACHINE, [leg(scope, member, listed.prepare) for member in due], name)


def _prepare_protections(context: Context, scope: Scope) -> Waits[None]:
    """Make ready what machines are protected through; those for which it is refused are told so, and stay as they are."""
    listed = yield from call(context, LIST_PROTECTIONS, scope)
    places = [scope.replace(machine=member.name, phase=PROTECT_TARGET.name) for member in listed.members]
    named = [(instance_id(each.replace(phase=PREPARE_PROTECTION.name)), each) for each in places]
    yield from fan_out(context, PREPARE_PROTECTION, named)


def _cut_over_as_approved(
    context: Context, scope: Scope, listed: Members, preparing: DurableTask | None
) -> Waits[None]:
    """Begin a cohort for each approval while others still prepare; return when no more can come and all have landed."""
    running: list[DurableTask] = []
    straight = tuple(member for member in listed.members if _was_approved(member, listed))
    taken = number = turn = 0
    since = context.current_utc_datetime
    while True:
        request = ApprovalPoll(**where(scope), taken=taken, prepared=preparing is None, straight=straight)
        armed = arm(context, "poll_approval", request, turn := turn + 1)
        seen: Cohorts = yield from call(context, POLL_APPROVAL, armed)
        taken = seen.taken
        for machines, after in zip_longest(seen.cohorts, seen.after, fillvalue=()):
            number += 1
            cohort = _cohort(scope, machines, number).replace(after=after, land=listed.land)
            running.append(begin(context, CUT_OVER_COHORT, cohort, cohort.owner))
        if seen.settled and preparing is None and not running:
            return
        patience = patience_of(seen, context.current_utc_datetime - since)
        ended = yield from _next(context, armed.event, patience, [*running, *([preparing] if preparing else [])])
        running = [task for task in running if task is not ended]
        preparing = None if preparing is ended else preparing


def _was_approved(member: Member, listed: Members) -> bool:
    """Tell whether a retried machine goes straight on with its cutover."""
    return member.resume_at not in ("", APPROVAL, *listed.prepare, *listed.afterwards)


def _cohort(scope: Scope, machines: tuple[Member, ...], number: int) -> Cohort:
    label = f"cohort-{number}"
    owner = instance_id(scope.replace(phase=label))
    return Cohort(**where(scope.replace(phase=label)), number=number, machines=machines, owner=owner)


def _next(context: Context, event: str, patience: timedelta, tasks: list[DurableTask]) -> Waits[DurableTask]:
    """Wait for the first of: a decision, a child's end, our patience."""
    timer = context.create_timer(context.current_utc_datetime + min(whole(patience), LONGEST_TIMER))
    winner: DurableTask = yield context.task_any([context.wait_for_external_event(event), timer, *tasks])
    if winner is not timer:
        timer.cancel()
    return winner


def _end(context: Context, scope: Scope) -> Waits[None]:
    """Tell the ledger that the wave is through, and wake the waves that depend on it."""
    yield from call(context, END_WAVE, scoped_as(scope, PhaseExit))
