"""A migration's waves in time: the openings of their windows with what is taken of them, and their blackouts."""

from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Final, Self

from pydantic import Field

from shared.ledger import migrations, plans
from shared.ledger.migration_row import MigrationRow
from shared.models import Model
from shared.plan.cutover import Window
from shared.plan.model import Plan, Wave
from shared.plan.window_sets import WindowSet, windows_in
from shared.problems import NotFound
from shared.scheduling.blackouts import Closure, closures
from shared.scheduling.window_capacity import opening_of, places_taken
from shared.scheduling.windows import Span, spans

BACK: Final = timedelta(days=14)  # of the past is shown at most
AHEAD: Final = timedelta(days=14)
MOST: Final = 20  # openings of one window
MOST_SETS: Final = 50  # machines and applications of a wave with windows of their own


class WindowTime(Model):
    """One opening of a wave's cutover window."""

    opens_at: datetime
    closes_at: datetime
    whose: str = Field(default="", description="the application or machine that it is for; empty = the whole wave")
    time_zone: str = Field(default="UTC", description="in which the plan writes it")
    capacity: int = Field(default=0, description="machines in one opening; 0 = no limit of its own")
    taken: int = Field(default=0, description="places that are taken, where it has a capacity")
    overrun: str = Field(default="", description="what becomes of machines under way when it closes")


class BlackoutTime(Model):
    """A time in which no cutover of a wave begins."""

    start: datetime
    end: datetime
    reason: str = ""
    company: bool = Field(default=False, description="of the whole company, not of the plan")

    @classmethod
    def of(cls, closure: Closure) -> Self:
        """Show a blackout."""
        return cls(start=closure.start, end=closure.end, reason=closure.reason, company=closure.company)


class WaveTime(Model):
    """What a wave's time is made of; how its machines went through it, their marks tell."""

    wave: str
    depends_on: tuple[str, ...] = ()
    windows: tuple[WindowTime, ...] = ()
    blackouts: tuple[BlackoutTime, ...] = ()


class Timeline(Model):
    """A migration in time."""

    start: datetime
    end: datetime
    waves: tuple[WaveTime, ...] = ()


def timeline(name: str, now: datetime) -> Timeline:
    """Give a migration in time: at most two weeks of its past, and of what lies ahead. Raises `NotFound`."""
    row = migrations.existing(name)
    shown = Span(max(row.started_at or now, _whole_hour(now) - BACK), _whole_hour(now) + AHEAD)
    try:
        plan = plans.plan_of(name)
        made = tuple(_wave(row, plan, wave, shown) for wave in plan.waves)
    except NotFound:  # its writer died before the plan was kept
        made = ()
    ends = [window.closes_at for wave in made for window in wave.windows[:3]]
    return Timeline(start=shown.start, end=max([_whole_hour(now) + timedelta(hours=2), *ends]), waves=made)


def _whole_hour(at: datetime) -> datetime:
    """Return the hour that a moment lies in: the same is told as long as nothing else changes."""
    return at.replace(minute=0, second=0, microsecond=0)


def _wave(row: MigrationRow, plan: Plan, wave: Wave, shown: Span) -> WaveTime:
    accepted = row.started_at or shown.start
    sets = windows_in(plan, wave)[:MOST_SETS]
    left_out = {
        (each.start, each.end): BlackoutTime.of(each)
        for window in [each for own in sets for each in own.windows] or (None,)
        for each in closures(window)
        if each.end > shown.start and each.start < shown.end
    }
    found = [
        _opening(own, window, span, opening_of(row.id, own.owner, span.start))
        for own in sets
        for window in own.windows
        for span in islice(takewhile(lambda span: span.start < shown.end, spans(window, accepted, shown.start)), MOST)
    ]
    return WaveTime(
        wave=wave.name,
        depends_on=wave.depends_on,
        windows=tuple(sorted(found, key=lambda each: each.opens_at)),
        blackouts=tuple(left_out.values()),
    )


def _opening(own: WindowSet, window: Window, span: Span, opening: str) -> WindowTime:
    """Give one opening; only one with a capacity keeps a count of its places."""
    return WindowTime(
        opens_at=span.start,
        closes_at=span.end,
        whose=own.whose,
        time_zone=window.time_zone,
        capacity=window.capacity,
        taken=places_taken(opening) if window.capacity else 0,
        overrun=window.overrun,
    )
