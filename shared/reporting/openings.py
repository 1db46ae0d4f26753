"""The opening of cutover windows that machines of a wave would come into next."""

from datetime import datetime

from pydantic import Field

from shared.models import NEVER, Model
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.plan.window_sets import windows_in
from shared.reporting.timeline import BlackoutTime
from shared.scheduling.windows import next_opening


class OpeningView(Model):
    """The opening of a wave's cutover windows that a decision now would lead to."""

    opens_at: datetime
    closes_at: datetime | None = None
    time_zone: str = Field(default="UTC", description="in which the plan writes it")
    capacity: int = Field(default=0, description="machines in one opening; 0 = no limit of its own")
    whose: str = Field(default="", description="the application or machine whose window it is; empty = the wave's")
    blackouts: tuple[BlackoutTime, ...] = Field(default=(), description="without them it would open earlier")
    missed: bool = Field(default=False, description="the plan has windows, and none of them will open any more")


def opening_of(
    plan: Plan, wave: Wave, machines: tuple[Machine, ...], moments: tuple[datetime, datetime]
) -> OpeningView | None:
    """Give the first opening for some machines of a wave; `moments` are when the plan was accepted, and now.

    None where nothing holds them back.
    """
    accepted, now = moments
    sets = windows_in(plan, wave, machines or wave.machines)
    expected = wave.cutover.expected_duration
    openings = [(each, next_opening(each.windows, accepted, now, expected)) for each in sets]
    found = [(opening, own) for own, opening in openings if opening is not None]
    if not found:
        return OpeningView(opens_at=NEVER, time_zone=sets[0].windows[0].time_zone, missed=True)
    opening, own = min(found, key=lambda each: each[0].begin)
    if opening.ends is None and opening.is_open(now):
        return None
    return OpeningView(
        opens_at=opening.begin if opening.closed else opening.opened or opening.begin,
        closes_at=opening.ends,
        whose=own.whose,
        time_zone=own.windows[opening.number].time_zone if own.windows else "UTC",
        capacity=opening.capacity,
        blackouts=tuple(BlackoutTime.of(each) for each in opening.closed),
    )
