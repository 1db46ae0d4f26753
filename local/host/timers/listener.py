"""Runs one timer function whenever the clock says that it is due, never twice at the same time."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from azure.functions import meta
from azure.functions.timer import TimerRequest, TimerRequestConverter

from ...clock import Clock
from ..app_settings import resolve
from ..function import Function
from ..holding import Busy, Hold
from .schedule import Schedule, parse_schedule
from .status import StatusFiles, TimerStatus

Run = Callable[[Function, object, str, Hold], Awaitable[None]]

LOOK_AT_LEAST = 0.01
LOOK_SKIPPING = 0.5
LOOK_AT_MOST = 30.0


def schedule_of(function: Function) -> Schedule:
    """Give a timer function's schedule; raises HostError when Azure would refuse it."""
    where = f"The function {function.name}"
    return parse_schedule(resolve(str(function.trigger.data["schedule"]), where), where)


class TimerListener:
    """One timer, with the rules of Azure's listener.

    The next run is worked out from the moment the last one BEGAN: an occurrence that passed while the function ran
    is due at once, once, and is not past due.
    """

    def __init__(self, function: Function, clock: Clock, files: StatusFiles, run: Run, busy: Busy) -> None:
        self._function = function
        self._schedule = schedule_of(function)
        self._clock = clock
        self._run = run
        self._busy = busy
        wanted = function.trigger.data.get("useMonitor")
        monitored = wanted is not False and not self._schedule.is_frequent
        self._files = files if monitored else None
        self._status: TimerStatus | None = None
        self._due: datetime | None = None
        self._one_at_a_time = asyncio.Lock()
        self._jumped = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    def due(self) -> datetime | None:
        """Give the next due moment: the skipping clock goes there. A run under way holds the clock by itself."""
        return self._due if self._quiet.is_set() else None

    def moved(self) -> None:
        """Look at the clock again: it has jumped."""
        self._jumped.set()

    def prepare(self) -> bool:
        """Plan the first run before the clock may move; whether one was missed while the host was down."""
        now = self._clock.now()
        if self._files is None:
            self._due = self._schedule.after(now)
            return False
        kept = self._files.read(self._function.name)
        self._status = self._planned(None, now) if kept is None else self._unless_changed(kept, now)
        self._files.write(self._function.name, self._status)
        if kept is None:
            self._status = replace(self._status, updated=None)  # what a first run is told
        self._due = self._status.next
        past_due = self._due is not None and self._due < now
        if past_due:
            self._due = now
        return past_due

    def _planned(self, last: datetime | None, began: datetime) -> TimerStatus:
        return TimerStatus(last, self._schedule.after(began), began)

    def _unless_changed(self, kept: TimerStatus, now: datetime) -> TimerStatus:
        """Return what was kept; another schedule since then is planned anew, and what it missed is not past due."""
        since = kept.last or kept.updated or now
        expected = self._schedule.after(since)
        if kept.next == expected:
            return kept
        if expected is not None and expected < now:
            return self._planned(None, now)
        return TimerStatus(None, expected, since)

    async def listen(self, *, past_due: bool) -> None:
        """Run the function when it is due, until cancelled."""
        if past_due:
            await self._fire(past_due=True)
        elif self._function.trigger.data.get("runOnStartup"):
            await self._fire(past_due=False)
        while self._due is not None:
            await self._until(self._due)
            await self._fire(past_due=False)

    async def run_by_hand(self) -> None:
        """Run the function now, beside its schedule (the admin API asks for it)."""
        with Hold(self._busy) as hold:
            await self._invoke(hold, past_due=False)

    async def finish(self, within: float) -> None:
        """Let a run under way come to its end; one that does not is past due after the next start."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), within)

    async def _until(self, due: datetime) -> None:
        while self._clock.now() < due:
            skipping = self._clock.mode == "skipping"
            seconds = LOOK_SKIPPING if skipping else min(LOOK_AT_MOST, self._clock.real_seconds(due))
            # A clock that is a moment behind must not make this a busy loop.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._jumped.wait(), max(seconds, LOOK_AT_LEAST))
            self._jumped.clear()

    async def _fire(self, *, past_due: bool) -> None:
        with Hold(self._busy) as hold:
            self._quiet.clear()
            began = self._clock.now()
            await self._invoke(hold, past_due=past_due)
            hold.take()
            self._plan(began)
            self._quiet.set()

    async def _invoke(self, hold: Hold, *, past_due: bool) -> None:
        # The invoker has logged a failure; a failed run is not repeated (documented).
        async with self._one_at_a_time:
            with contextlib.suppress(Exception):
                await self._run(self._function, self._request(past_due), "Timer fired", hold)

    def _plan(self, began: datetime) -> None:
        self._status = self._planned(began, began)
        self._due = self._status.next
        if self._files:
            self._files.write(self._function.name, self._status)

    def _request(self, past_due: bool) -> TimerRequest:
        status = self._status.wire() if self._files and self._status else None
        payload = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": past_due}
        datum = meta.Datum(json.dumps(payload), "json")
        request: TimerRequest = TimerRequestConverter.decode(datum, trigger_metadata={})
        return request
