"""Migrate: one round of a plan, from assessment over the roads of its waves to the last of them."""

from shared.contracts.contracts import (
    BEGIN_ROUND,
    CLOSE_RULES,
    END_ROAD,
    END_ROUND,
    ENTER,
    MIGRATE,
    MIGRATE_ROAD,
    MIGRATE_WAVE,
    PLAN_PHASES,
)
from shared.contracts.requests import PhaseExit, Poll, scoped_as, where
from shared.contracts.rounds import RoadRun, RoadWalk, Round
from shared.durable.fan_out import fan_out
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates, outcome, run
from shared.durable.waiting import until
from shared.ids import instance_id
from shared.models import Done, Scope
from shared.problems import Problem

bp = Blueprint()


@orchestrates(bp, MIGRATE, root=True)
def migrate(context: Context, request: Round) -> Waits[Done]:
    """Walk the plan's own phases, then all waves side by side; the round is closed however it ends."""
    place = scoped_as(request, Scope)
    ended = yield from outcome(_migrate(context, request, place))
    yield from outcome(call(context, CLOSE_RULES, place))
    problem = ended.facts if isinstance(ended, Problem) else None
    yield from call(context, END_ROUND, PhaseExit(**where(place), owner=context.instance_id, problem=problem))
    if isinstance(ended, Problem):
        raise ended
    return Done()


def _migrate(context: Context, request: Round, scope: Scope) -> Waits[Done]:
    """A refusal of the assessment ends the round; one of a road's preparation its machines; one of a machine only it."""
    walks = yield from call(context, BEGIN_ROUND, request)
    scope = scope.replace(life=walks.life)
    yield from _walk(context, scope, walks.phases)
    roads = [_road(scope, walk) for walk in walks.roads]
    answers = yield from fan_out(context, MIGRATE_ROAD, [(instance_id(road), road) for road in roads])
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    if refused and len(refused) == len(roads):
        raise refused[0]
    return Done()


def _road(scope: Scope, walk: RoadWalk) -> RoadRun:
    place = scope.replace(phase="migrate_road", wave=walk.wave)
    return RoadRun(**where(place), phases=walk.phases, waves=walk.waves)


def _walk(context: Context, scope: Scope, phases: tuple[str, ...]) -> Waits[None]:
    """Walk phases that concern the plan, one after another."""
    for phase in phases:
        here = scope.replace(phase=phase)
        yield from until(context, ENTER, Poll(**where(here), owner=context.instance_id, tag=phase))
        yield from run(context, PLAN_PHASES[phase], here, instance_id(here))


@orchestrates(bp, MIGRATE_ROAD)
def migrate_road(context: Context, road: RoadRun) -> Waits[Done]:
    """Prepare one road of the plan, then migrate all its waves side by side."""
    place = scoped_as(road, Scope)
    ended = yield from outcome(_walk(context, place, road.phases))
    if isinstance(ended, Problem):
        yield from call(context, END_ROAD, PhaseExit(**where(place), problem=ended.facts))
        raise ended
    waves = [place.replace(wave=wave, phase="migrate_wave") for wave in road.waves]
    yield from fan_out(context, MIGRATE_WAVE, [(instance_id(wave), wave) for wave in waves])
    return Done()
