"""What goes wrong on purpose: faults of the simulator that come at a time, and go again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from .model import Trouble

JOB_FAILS = "job-fails"


@dataclass(frozen=True)
class Mishap:
    """A fault as the simulator's control takes it, from when on, and how long; no length: until it was met often enough."""

    what: str
    fault: dict[str, Any]
    after: timedelta = timedelta()
    lasts: timedelta = timedelta()


@dataclass
class Mishaps:
    """Puts faults in force at their times, and takes them away again."""

    simulator: str
    script: Sequence[Mishap]
    begun: datetime
    _ids: dict[int, str] = field(default_factory=dict)
    _over: set[int] = field(default_factory=set)

    def act(self, now: datetime) -> None:
        """Do what is due."""
        for number, mishap in enumerate(self.script):
            if number not in self._ids and self.begun + mishap.after <= now:
                answer = httpx.post(f"{self.simulator}/control/faults", json=mishap.fault, trust_env=False)
                self._ids[number] = str(answer.raise_for_status().json()["id"])
            ends = mishap.lasts and self.begun + mishap.after + mishap.lasts
            if ends and ends <= now and number in self._ids and number not in self._over:
                self._over.add(number)
                httpx.delete(f"{self.simulator}/control/faults/{self._ids[number]}", trust_env=False)

    def next_due(self) -> datetime | None:
        """Give when something is to be done next."""
        dues = [self.begun + each.after for number, each in enumerate(self.script) if number not in self._ids]
        dues += [
            self.begun + each.after + each.lasts
            for number, each in enumerate(self.script)
            if each.lasts and number in self._ids and number not in self._over
        ]
        return min(dues, default=None)

    def troubles(self) -> list[Trouble]:
        """Give what went wrong on purpose, and how often it was met."""
        listed = httpx.get(f"{self.simulator}/control/faults", trust_env=False).raise_for_status().json()
        hits = {each["id"]: int(each["hits"]) for each in listed["faults"]}
        found = [(mishap, hits.get(self._ids.get(number, ""), 0)) for number, mishap in enumerate(self.script)]
        return [
            Trouble(
                what=mishap.what,
                at=self.begun + mishap.after,
                until=self.begun + mishap.after + mishap.lasts if mishap.lasts else None,
                hits=met,
            )
            for mishap, met in found
            if met
            or mishap.fault["kind"] != JOB_FAILS  # each is ordered for the jobs of every road; one of them is walked
        ]
