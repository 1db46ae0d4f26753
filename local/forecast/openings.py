"""The openings and blackouts of a wave, as its plan says them, in the time that was played."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from shared.plan.cutover import Window
from shared.plan.model import Wave
from shared.scheduling.windows import blackouts, spans

from .model import Blackout, Opening

MOST = 400  # openings of one window: a year and more, each night


def openings_of(wave: Wave, accepted: datetime, until: datetime) -> list[Opening]:
    """Give the openings of a wave until a moment, and the first one behind it, in order."""
    found = [opening for window in wave.cutover.windows for opening in _of_window(window, accepted)]
    ordered = sorted(found, key=lambda each: each.opens)
    past = [each for each in ordered if each.opens <= until]
    return ordered[: len(past) + 1]


def _of_window(window: Window, accepted: datetime) -> Iterator[Opening]:
    for span in islice(spans(window, accepted, accepted), MOST):
        yield Opening(opens=span.start, closes=span.end, time_zone=window.time_zone, capacity=window.capacity)


def blackouts_of(wave: Wave, accepted: datetime, until: datetime) -> Iterator[Blackout]:
    """Give the blackouts of a wave that lie in the time that was played."""
    for window in wave.cutover.windows:
        for span, blackout in zip(blackouts(window), window.blackouts, strict=True):
            if span.end > accepted and span.start < until:
                yield Blackout(begin=span.start, end=span.end, reason=blackout.reason)
