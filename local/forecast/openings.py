"""The openings and blackouts of a wave, as its plan says them, in the time that was played."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from shared.plan.cutover import Window
from shared.plan.model import Plan, Wave
from shared.plan.window_sets import WindowSet, windows_in, windows_of
from shared.scheduling.blackouts import closures
from shared.scheduling.windows import spans

from .model import Blackout, MachineForecast, Opening, WaveForecast

MOST = 400  # openings of one window: a year and more, each night


def openings_of(plan: Plan, wave: Wave, accepted: datetime, until: datetime) -> list[Opening]:
    """Give the openings of a wave, its applications and machines until a moment, and the first one behind it, in order."""
    sets = windows_in(plan, wave)
    found = [opening for own in sets for window in own.windows for opening in _of_window(own, window, accepted)]
    ordered = sorted(found, key=lambda each: each.opens)
    past = [each for each in ordered if each.opens <= until]
    return ordered[: len(past) + len(sets)]


def _of_window(own: WindowSet, window: Window, accepted: datetime) -> Iterator[Opening]:
    for span in islice(spans(window, accepted, accepted), MOST):
        yield Opening(
            opens=span.start,
            closes=span.end,
            owner=own.owner,
            time_zone=window.time_zone,
            capacity=window.capacity,
        )


def blackouts_of(plan: Plan, wave: Wave, accepted: datetime, until: datetime) -> list[Blackout]:
    """Give the blackouts of a wave's windows and of the company that lie in the time that was played, each once."""
    windows: list[Window | None] = [window for own in windows_in(plan, wave) for window in own.windows]
    windows = windows or [None]
    found = [each for window in windows for each in closures(window) if each.end > accepted and each.start < until]
    return list(dict.fromkeys(Blackout(begin=each.start, end=each.end, reason=each.reason) for each in found))


def owner_of(plan: Plan, wave: str, machine: str) -> str:
    """Say whose windows hold for a machine; for one that tags select the wave's."""
    found = ((own, each) for own, each in plan.entries() if each.name == machine)
    return next((windows_of(plan, own, each).owner for own, each in found), wave)


def own_openings(wave: WaveForecast, machine: MachineForecast) -> list[Opening]:
    """Give the openings that hold for a machine."""
    return [each for each in wave.openings if each.owner == machine.windows]
