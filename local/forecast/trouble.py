"""Trouble from a seed: what may go wrong in a migration's nights, the same again for the same seed and plan."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Final

from .mishaps import Mishap

HOURS_UNTIL: Final = 3  # a mishap that has its time begins within these: copies and rehearsals run then


def mishaps_of(seed: int, machines: Sequence[str]) -> tuple[Mishap, ...]:
    """Give failed jobs, throttling, a stalled copy and a lost appliance for the machines of a plan."""
    chance = Random(seed)  # noqa: S311 - it chooses troubles, no secrets
    some = sorted(machines)
    return (*_failed_jobs(chance, some), _throttling(chance), _stalled_copy(chance, some), _lost_appliance(chance))


def _failed_jobs(chance: Random, machines: Sequence[str]) -> list[Mishap]:
    """Let one rehearsal, one cutover, and one in twenty enablings fail once."""
    kinds = [("enabling", "EnableDr"), ("enabling", "EnableMigration")]
    count = max(1, len(machines) // 20)
    enabled = [(name, each) for name in chance.sample(machines, count) for each in kinds]
    tested, cut = chance.choice(machines), chance.choice(machines)
    others = [(tested, ("rehearsal", each)) for each in ("TestFailover", "TestMigrate")]
    others += [(cut, ("cutover", each)) for each in ("UnplannedFailover", "PlannedFailover", "Migrate")]
    return [
        Mishap(
            f"the {what} of {name} fails once ({scenario})",
            {
                "kind": "job-fails",
                "scenario": scenario,
                "match": f"*{name}*",
                "times": 1,
                "message": "trouble of the forecast",
            },
        )
        for name, (what, scenario) in [*enabled, *others]
    ]


def _throttling(chance: Random) -> Mishap:
    after, calls = _some_time(chance), chance.randint(20, 60)
    fault = {"kind": "throttle", "times": calls, "retryAfter": 30}
    return Mishap(f"Azure refuses {calls} calls as too many", fault, after)


def _stalled_copy(chance: Random, machines: Sequence[str]) -> Mishap:
    name, hours = chance.choice(machines), chance.randint(2, 8)
    fault = {"kind": "stalled-replication", "match": f"*{name}*", "times": None}
    lasts = timedelta(hours=hours)
    return Mishap(f"the copy of {name} stands still for {hours} hours", fault, _some_time(chance, earliest=1), lasts)


def _lost_appliance(chance: Random) -> Mishap:
    hours = chance.randint(1, 4)
    fault = {"kind": "component-unhealthy", "match": "processServers", "times": None}
    lasts = timedelta(hours=hours)
    return Mishap(f"the appliance is lost for {hours} hours", fault, _some_time(chance, earliest=1), lasts)


def _some_time(chance: Random, earliest: int = 0) -> timedelta:
    return timedelta(minutes=chance.randint(earliest * 60, HOURS_UNTIL * 60))
