"""How many machines a wave may have, and what says so."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from shared.plan.cutover import Window
from shared.plan.model import Plan, Wave
from shared.plan.road_sections import seen_from
from shared.scheduling.cohorts import LARGEST

APPLIANCE: Final = 200  # machines with agents; documented for 16 processors and 32 GB of memory


class WaveLimit(NamedTuple):
    """A number of machines, and why not more."""

    machines: int
    reason: str


def limit_of(plan: Plan, wave: Wave, largest: int = 0) -> WaveLimit:
    """Return the smallest limit of a wave."""
    return min(_limits(plan, wave, largest), key=lambda each: each.machines)


def _limits(plan: Plan, wave: Wave, largest: int) -> Iterator[WaveLimit]:
    if largest:
        yield WaveLimit(largest, f"at most {largest} were asked for")
    yield WaveLimit(LARGEST, f"a recovery plan takes {LARGEST}")
    replicating = plan.limits.replicating
    yield WaveLimit(replicating, f"limits.replicating lets {replicating} copy at once")
    if wave.cutover.windows:
        yield max((_fits(plan, wave, each) for each in wave.cutover.windows), key=lambda each: each.machines)


def _fits(plan: Plan, wave: Wave, window: Window) -> WaveLimit:
    """Return what one opening bears: as many turns as begin in it, each with as many machines as may cut over at once."""
    expected, at_once = wave.cutover.expected_duration, plan.limits.cutting_over
    turns = max(1, (_length(window) - max(expected, window.lockout)) // max(expected, timedelta(minutes=1)) + 1)
    bears = turns * at_once
    if 0 < window.capacity < bears:
        return WaveLimit(window.capacity, f"an opening of its window takes {window.capacity} (capacity)")
    return WaveLimit(bears, f"an opening of its window bears {bears}: {turns} times {at_once} at once")


def _length(window: Window) -> timedelta:
    if window.length is not None:
        return window.length
    if not window.end or window.is_relative:
        return timedelta()
    return datetime.fromisoformat(window.end) - datetime.fromisoformat(window.start)


def crowded(plan: Plan) -> Iterator[str]:
    """Yield a line for each appliance that more machines go through than it is made for."""
    counted: dict[str, int] = {}
    for wave in plan.waves:
        seen = seen_from(plan, wave)
        if seen.road_row and "install_agent" in seen.road_row.phases:
            counted[seen.server] = counted.get(seen.server, 0) + sum(each.is_migrated for each in wave.machines)
    for server, machines in sorted(counted.items()):
        if machines > APPLIANCE:
            yield (
                f"{machines} machines go through {server or 'one appliance'}, which is made for {APPLIANCE} at a time: "
                "let waves wait for each other, or give some a replication section with an appliance of their own"
            )
