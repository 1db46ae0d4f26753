"""A forecast from a migration that was played: its report, its plan in time, and the gates as they were seen."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from shared.plan.model import Plan

from .critical_path import critical_path
from .holding_back import costs_of, holds_of
from .model import Duty, Forecast, MachineForecast, Trouble, WaveForecast
from .openings import blackouts_of, openings_of, own_openings, owner_of
from .reading import Events, machines_of, moment
from .spreading import Spread, at_ninety, spread_of
from .verdict import verdict_of


@dataclass(frozen=True)
class Played:
    """What a play left."""

    report: Mapping[str, Any]
    plan: Plan
    duties: Sequence[Duty] = ()
    troubles: Sequence[Trouble] = ()
    basis: Sequence[str] = ()
    measured: Sequence[float] = field(default_factory=tuple)  # downtimes of earlier migrations


def foretold(played: Played, made: datetime) -> Forecast:
    """Read the forecast off a play."""
    migration, events = played.report["migration"], Events(played.report)
    begin = moment(migration["startedAt"]) or made
    spread = spread_of(played.measured)
    machines = [_spread(each, spread) for each in machines_of(played.report, events)]
    waves = list(_waves(played, machines, events))
    machines = [_placed(each, waves, played.plan) for each in machines]
    waves = [_with_machines(wave, machines) for wave in waves]
    holds = tuple(holds_of(machines, waves, events))
    downtimes = sorted(float(each.downtime_seconds) for each in machines if each.downtime_seconds is not None)
    ninety = at_ninety(downtimes)
    forecast = Forecast(
        plan=migration["plan"],
        made=made,
        begin=begin,
        end=moment(migration.get("endedAt")) or max((each["moment"] for each in events.all), default=made),
        outcome=migration.get("outcome") or "",
        basis=(*played.basis, spread.basis),
        machines=tuple(machines),
        waves=tuple(waves),
        holds=holds,
        costs=tuple(costs_of(holds, played.report)),
        duties=tuple(_with_deciders(each, played.plan) for each in played.duties),
        critical_path=critical_path(begin, machines, waves, holds),
        downtime_median_seconds=round(median(downtimes)) if downtimes else None,
        downtime90_seconds=round(ninety * spread.ratio) if ninety else None,
        spread=round(spread.ratio, 3),
        troubles=tuple(played.troubles),
    )
    return forecast.replace(verdict=verdict_of(forecast))


def _with_deciders(duty: Duty, plan: Plan) -> Duty:
    """Say who may decide, as the plan names them."""
    wave = next((each for each in plan.waves if each.name == duty.wave), None)
    return duty.replace(who=plan.approvers_of(wave))


def _spread(machine: MachineForecast, spread: Spread) -> MachineForecast:
    seconds = machine.downtime_seconds
    return machine if seconds is None else machine.replace(downtime90_seconds=round(seconds * spread.ratio))


def _waves(played: Played, machines: Sequence[MachineForecast], events: Events) -> Iterator[WaveForecast]:
    migration = played.report["migration"]
    accepted, until = moment(migration["startedAt"]), moment(migration.get("endedAt"))
    for wave in played.plan.waves:
        own = [each for each in machines if each.wave == wave.name]
        cutovers = [each.cutover for each in own if each.cutover]
        begins, ends = [each.begin for each in own if each.begin], [each.end for each in own if each.end]
        yield WaveForecast(
            name=wave.name,
            begin=min(begins, default=None),
            first_cutover=min(cutovers, default=None),
            last_cutover=max(cutovers, default=None),
            end=events.first("wave-ended", wave=wave.name) or max(ends, default=None),
            depends_on=wave.depends_on,
            openings=tuple(openings_of(played.plan, wave, accepted, until)) if accepted and until else (),
            blackouts=tuple(blackouts_of(played.plan, wave, accepted, until)) if accepted and until else (),
            counts=dict(Counter(each.state for each in own)),
        )


def _placed(machine: MachineForecast, waves: Sequence[WaveForecast], plan: Plan) -> MachineForecast:
    """Say whose windows hold for a machine, and in which opening its cutover begins."""
    placed = machine.replace(windows=owner_of(plan, machine.wave, machine.name))
    openings = [each for wave in waves if wave.name == machine.wave for each in own_openings(wave, placed)]
    at = machine.cutover
    found = next((each for each in openings if at and each.opens <= at < each.closes), None)
    return placed.replace(opening=found.opens) if found else placed


def _with_machines(wave: WaveForecast, machines: Sequence[MachineForecast]) -> WaveForecast:
    """Say which machines begin in each opening; openings behind the last one that is used tell nothing."""
    own = [each for each in machines if each.wave == wave.name]
    filled = [
        each.replace(
            machines=tuple(
                machine.name for machine in own if (machine.windows, machine.opening) == (each.owner, each.opens)
            )
        )
        for each in wave.openings
    ]
    used = [number for number, each in enumerate(filled) if each.machines]
    return wave.replace(openings=tuple(filled[: max(used, default=0) + 2]))
