"""Cutover windows as arithmetic: when may a cutover begin next, and how long has it then.

Moments are aware datetimes in UTC. Windows are written in local time: a time that the clocks skip is moved on by the
skipped hour, one that comes twice means the first; a `length` is real elapsed time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from shared.plan.cutover import Window
from shared.plan.values import to_duration
from shared.scheduling import zones
from shared.scheduling.blackouts import Closure, closures, first_free, to_utc
from shared.scheduling.recurrence import MET_WITHIN, shifts

FARTHEST = 400  # openings looked at before we say that none fits, e.g. when blackouts cover them all


@dataclass(frozen=True)
class Span:
    """From a moment (included) until another (excluded)."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class WindowOpening:
    """A cutover may begin at `begin`; the window closes at `ends` (None: there are no windows)."""

    begin: datetime
    ends: datetime | None = None
    number: int = 0  # which of the wave's windows, from 0
    capacity: int = 0  # machines per opening; 0 = no limit of its own
    opened: datetime | None = None  # when this opening began: tells one opening of a window from the next
    closed: tuple[Closure, ...] = ()  # blackouts without which it would begin earlier

    def is_open(self, now: datetime) -> bool:
        """Tell whether a cutover may begin right now."""
        return self.begin <= now

    def remaining(self, now: datetime) -> timedelta | None:
        """Give what is left until it closes; never negative; None without a window."""
        return None if self.ends is None else max(self.ends - now, timedelta())


def next_opening(
    windows: Sequence[Window], accepted: datetime, now: datetime, expected: timedelta = timedelta()
) -> WindowOpening | None:
    """Give the first moment from `now` at which a cutover of the expected duration may begin; None: there is none.

    No windows at all means: at once, unless the company has a blackout. `accepted` is when the plan was accepted;
    relative starts count from it. Raises `Busy` where the company's calendar cannot be read.
    """
    if not windows:
        begin, closed = first_free(now, closures())
        return WindowOpening(begin=begin, closed=tuple(closed))
    found = (_next_of(number, window, accepted, now, expected) for number, window in enumerate(windows))
    return min((opening for opening in found if opening), key=lambda opening: opening.begin, default=None)


def _next_of(
    number: int, window: Window, accepted: datetime, now: datetime, expected: timedelta
) -> WindowOpening | None:
    """Give the first moment within one window."""
    closed, passed = closures(window), dict[Closure, None]()
    for span in islice(spans(window, accepted, now), FARTHEST):
        begin, held = first_free(max(span.start, now), closed)
        passed |= dict.fromkeys(held)
        if begin < span.end and begin + max(window.lockout, expected) <= span.end:
            return WindowOpening(begin, span.end, number, window.capacity, span.start, tuple(passed))
    return None


def closed_by(windows: Sequence[Window], accepted: datetime, now: datetime) -> tuple[Closure, ...]:
    """Give the blackouts that windows without any opening left would open in."""
    found = dict[Closure, None]()
    for window in windows:
        for span in islice(spans(window, accepted, now), FARTHEST):
            found |= dict.fromkeys(first_free(max(span.start, now), closures(window))[1])
    return tuple(found)


def spans(window: Window, accepted: datetime, after: datetime) -> Iterator[Span]:
    """Give the window's openings that end after a moment, in order; without end if it recurs."""
    zone = zones.zone(window.time_zone)
    first = first_start(window, accepted)
    passed = after.astimezone(zone).replace(tzinfo=None) - first - _length(window, first)
    all_of_them = (_span(window, first, shift, zone) for shift in shifts(window, first, passed))
    return (span for span in all_of_them if span.end > after)


def length_of(window: Window, accepted: datetime) -> timedelta:
    """Give how long the first opening really is; not positive when it ends before it starts."""
    first = _span(window, first_start(window, accepted), timedelta(), zones.zone(window.time_zone))
    return first.end - first.start


def first_start(window: Window, accepted: datetime) -> datetime:
    """Give the first start as local time (naive): as written, or counted from the plan's acceptance."""
    if window.is_relative:
        moment: datetime = accepted + to_duration(window.start[1:])
        return moment.astimezone(zones.zone(window.time_zone)).replace(tzinfo=None)
    return datetime.fromisoformat(window.start)


def _length(window: Window, first: datetime) -> timedelta:
    """Give the length on the wall clock."""
    return window.length if window.length is not None else datetime.fromisoformat(window.end) - first


def _span(window: Window, first: datetime, shift: timedelta, zone: ZoneInfo) -> Span:
    start = to_utc(first + shift, zone)
    if window.length is not None:
        return Span(start, start + window.length)
    return Span(start, to_utc(datetime.fromisoformat(window.end) + shift, zone))


def is_skipped(local: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the clocks jump over this local time."""
    return to_utc(local, zone).astimezone(zone).replace(tzinfo=None) != local


def overlap(first: Window, other: Window, accepted: datetime) -> Span | None:
    """Give the first time in which both windows are open; some time after the later first start tells it all."""
    start = max(to_utc(first_start(window, accepted), zones.zone(window.time_zone)) for window in (first, other))
    until = start + max(MET_WITHIN[window.every] for window in (first, other))
    ours, theirs = (
        takewhile(lambda span: span.start <= until, spans(window, accepted, start)) for window in (first, other)
    )
    own, yours = next(ours, None), next(theirs, None)
    while own and yours:
        if own.start < yours.end and yours.start < own.end:
            return Span(max(own.start, yours.start), min(own.end, yours.end))
        own, yours = (next(ours, None), yours) if own.end <= yours.end else (own, next(theirs, None))
    return None
