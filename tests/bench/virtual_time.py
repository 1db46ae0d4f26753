"""Sleeping in the simulator's time: when every thread of a script sleeps, the clock goes to the first who wakes."""

from datetime import UTC, datetime, timedelta
from threading import Condition

import httpx


class VirtualTime:
    """The clock of a simulator, driven by the threads of one script."""

    def __init__(self, simulator: str, threads: int) -> None:
        """Keep how many threads there are; one that is through says `leave`."""
        self._http = httpx.Client(base_url=f"{simulator}/control", timeout=60, trust_env=False)
        self._awake = threads
        self._sleepers: list[datetime] = []
        self._changed = Condition()
        self._now = self._ask(None)

    @property
    def now(self) -> datetime:
        """The simulator's moment."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Sleep so many seconds of the simulator's time."""
        with self._changed:
            wake = self._now + timedelta(seconds=seconds)
            self._sleepers.append(wake)
            self._rest()
            while self._now < wake:
                self._changed.wait()

    def leave(self) -> None:
        """Take no part any more."""
        with self._changed:
            self._rest()

    def _rest(self) -> None:
        """Count one thread less awake; the last one moves the clock, and those who wake are awake at once."""
        self._awake -= 1
        if self._awake == 0 and self._sleepers:
            self._now = self._ask(min(self._sleepers))
            due = [wake for wake in self._sleepers if wake <= self._now]
            self._sleepers = [wake for wake in self._sleepers if wake > self._now]
            self._awake = len(due)
            self._changed.notify_all()

    def _ask(self, to: datetime | None) -> datetime:
        """Read the clock, or move it."""
        answer = self._http.post("/clock", json={"to": to.isoformat()}) if to else self._http.get("/clock")
        return datetime.fromisoformat(answer.raise_for_status().json()["now"]).astimezone(UTC)
