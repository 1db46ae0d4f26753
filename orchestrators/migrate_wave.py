"""Migrate a wave: prepare all its machines at once, cut over each approved cohort, protect and decommission at the end."""

from datetime import timedelta
from itertools import zip_longest

from shared.contracts import (
    CUT_OVER_COHORT,
    END_WAVE,
    LIST_FINALIZED,
    LIST_MEMBERS,
    LIST_PROTECTIONS,
    LOOK_APPROVAL,
    MIGRATE_WAVE,
    PREPARE_PROTECTION,
    PREPARE_TOGETHER,
    PROTECT_TARGET,
    WALK_MACHINE,
)
from shared.durable import Blueprint, Context, Task, Waits, begin, call, orchestrates
from shared.fan_out import begin_all, fan_out
from shared.ids import instance_id
from shared.models import Done, Place
from shared.requests import Asking, Cohort, Cohorts, Leaving, Leg, Member, Members, Preparing, at
from shared.waiting import LONGEST_TIMER, arm, call_and_wake, patience_of, whole

bp = Blueprint()


@orchestrates(bp, MIGRATE_WAVE)
def migrate_wave(context: Context, place: Place) -> Waits[Done]:
    """Refused machines leave the wave by themselves; the others go on."""
    listed = yield from call(context, LIST_MEMBERS, place)
    preparing = _begin_preparing(context, place, listed)
    yield from _cut_over_as_approved(context, place, listed, preparing)
    yield from _end(context, place)
    if listed.afterwards:
        if PROTECT_TARGET.name in listed.afterwards:
            yield from _prepare_protections(context, place)
        finalized = yield from call(context, LIST_FINALIZED, place)
        last = [leg(place, member, listed.afterwards) for member in finalized.members]
        yield from fan_out(context, WALK_MACHINE, last)
    return Done()


def _begin_preparing(context: Context, place: Place, listed: Members) -> Task | None:
    """Prepare all that are not past it: each by itself, or with the wave's others where they are rehearsed together."""
    due = tuple(member for member in listed.members if member.resume_at in ("", *listed.prepare))
    name = instance_id(place.but(phase="prepare"))
    if listed.together and due:
        asked = at(place, Preparing, machines=due, phases=listed.prepare)
        return begin(context, PREPARE_TOGETHER, asked, name)
    return begin_all(context, WALK_MACHINE, [leg(place, member, listed.prepare) for member in due], name)


def _prepare_protections(context: Context, place: Place) -> Waits[None]:
    """Make ready what machines are protected through; those for which it is refused are told so, and stay as they are."""
    listed = yield from call(context, LIST_PROTECTIONS, place)
    places = [place.but(machine=member.name, phase=PROTECT_TARGET.name) for member in listed.members]
    named = [(instance_id(one.but(phase=PREPARE_PROTECTION.name)), one) for one in places]
    yield from fan_out(context, PREPARE_PROTECTION, named)


def leg(place: Place, member: Member, phases: tuple[str, ...]) -> tuple[str, Leg]:
    """A stretch of the itinerary for one machine, and the id of the instance that walks it."""
    walk = at(place, Leg, machine=member.name, phase=f"walk-{phases[0]}", phases=phases, resume_at=member.resume_at)
    return instance_id(walk), walk


def _cut_over_as_approved(context: Context, place: Place, listed: Members, preparing: Task | None) -> Waits[None]:
    """Begin a cohort for each approval while others still prepare; return when no more can come and all have landed."""
    running: list[Task] = []
    straight = tuple(member for member in listed.members if _was_approved(member, listed))
    taken = number = turn = 0
    since = context.current_utc_datetime
    while True:
        asked = at(place, Asking, taken=taken, prepared=preparing is None, straight=straight)
        armed = arm(context, "look_approval", asked, turn := turn + 1)
        seen: Cohorts = yield from call(context, LOOK_APPROVAL, armed)
        taken = seen.taken
        for machines, after in zip_longest(seen.cohorts, seen.after, fillvalue=()):
            number += 1
            cohort = _cohort(place, machines, number).but(after=after, land=listed.land)
            running.append(begin(context, CUT_OVER_COHORT, cohort, cohort.owner))
        if seen.settled and preparing is None and not running:
            return
        patience = patience_of(seen, context.current_utc_datetime - since)
        ended = yield from _next(context, armed.event, patience, [*running, *([preparing] if preparing else [])])
        running = [task for task in running if task is not ended]
        preparing = None if preparing is ended else preparing


def _was_approved(member: Member, listed: Members) -> bool:
    """Tell whether a retried machine goes straight on with its cutover."""
    return member.resume_at not in ("", "approval", *listed.prepare, *listed.afterwards)


def _cohort(place: Place, machines: tuple[Member, ...], number: int) -> Cohort:
    label = f"cohort-{number}"
    owner = instance_id(place.but(phase=label))
    return at(place, Cohort, phase=label, number=number, machines=machines, owner=owner)


def _next(context: Context, event: str, patience: timedelta, tasks: list[Task]) -> Waits[Task]:
    """Wait for the first of: a decision, a child's end, our patience."""
    timer = context.create_timer(context.current_utc_datetime + min(whole(patience), LONGEST_TIMER))
    winner: Task = yield context.task_any([context.wait_for_external_event(event), timer, *tasks])
    if winner is not timer:
        timer.cancel()
    return winner


def _end(context: Context, place: Place) -> Waits[None]:
    """Tell the ledger that the wave is through, and wake the waves that depend on it."""
    yield from call_and_wake(context, END_WAVE, at(place, Leaving))
