"""Migrate: one round of a plan, from assessment to the last wave."""

from shared.contracts import (
    ANNOUNCE,
    BEGIN_ROUND,
    CLOSE_RULES,
    END_ROUND,
    ENTER,
    MIGRATE,
    MIGRATE_WAVE,
    PLAN_PHASES,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates, outcome, run
from shared.fan_out import fan_out
from shared.ids import instance_id
from shared.models import Done, Place
from shared.problems import Problem
from shared.requests import Announcing, Leaving, Look, Round, at
from shared.waiting import until

bp = Blueprint()


@orchestrates(bp, MIGRATE, root=True)
def migrate(context: Context, asked: Round) -> Waits[Done]:
    """Walk the plan's own phases, then all waves side by side; the round is closed however it ends."""
    place = at(asked, Place)
    ended = yield from outcome(_migrate(context, asked, place))
    yield from outcome(call(context, CLOSE_RULES, place))
    problem = ended.facts if isinstance(ended, Problem) else None
    woken = yield from call(context, END_ROUND, at(place, Leaving, owner=context.instance_id, problem=problem))
    if woken.announcements:
        yield from call(context, ANNOUNCE, Announcing(announcements=woken.announcements))
    if isinstance(ended, Problem):
        raise ended
    return Done()


def _migrate(context: Context, asked: Round, place: Place) -> Waits[Done]:
    """A refusal of a phase of the plan ends the round; a refusal of a machine does not."""
    walks = yield from call(context, BEGIN_ROUND, asked)
    for phase in walks.phases:
        here = place.but(phase=phase)
        yield from until(context, ENTER, at(here, Look, owner=context.instance_id, tag=phase))
        yield from run(context, PLAN_PHASES[phase], here, instance_id(here))
    waves = [place.but(wave=wave, phase="migrate_wave") for wave in walks.waves]
    yield from fan_out(context, MIGRATE_WAVE, [(instance_id(wave), wave) for wave in waves])
    return Done()
