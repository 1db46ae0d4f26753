"""The clock thread: fires what is due, and lets a skipping clock jump when nothing is in hand."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from datetime import datetime

from ...clock import Clock
from .activity_pool import Post
from .events import Message
from .timers import Timers
from .work_counter import Busy

SHORT, LONG = 0.02, 0.25  # real seconds between two looks at a queue in which messages are hidden
LOOK_AGAIN = 1.0  # real seconds between two looks at a clock that others may move or change
log = logging.getLogger(__name__)


class Keeper:
    """Keeps one engine's time. Everything that may block (the clock's HTTP, the idle checks) happens on its thread."""

    def __init__(
        self, clock: Clock, timers: Timers, busy: Busy, post: Post, loop: asyncio.AbstractEventLoop | None
    ) -> None:
        self._clock, self._timers, self._busy, self._post, self._loop = clock, timers, busy, post, loop
        self.due_sources: list[Callable[[], datetime | None]] = []
        self.idle_checks: list[Callable[[], Awaitable[bool]]] = []
        self.jumped: list[Callable[[datetime], None]] = []
        self._wake = threading.Event()
        self._woke = threading.Event()
        self._stopping = False
        self._pause = SHORT  # the next of them
        self._reporting = False  # an idle report waits for its answer
        self._threads = [
            threading.Thread(target=self._keep, name="clock", daemon=True),
            threading.Thread(target=self._take_back, name="clock-busy", daemon=True),
        ]

    def start(self) -> None:
        """Start keeping time."""
        self._timers.changed = self._wake.set
        self._busy.woke = self._woke.set
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop, and take back a report under way: nobody would be there for what it says is due."""
        self._stopping = True
        if self._reporting:
            self._call_busy()
        self._wake.set()
        self._woke.set()
        self._busy.wake()
        for thread in self._threads:
            thread.join()

    def _keep(self) -> None:
        self._call_busy()  # makes this participant known before it is idle for the first time
        while not self._stopping:
            try:
                self._fire()
                if self._clock.mode == "skipping":
                    self._skip()
                else:
                    self._sleep()
            except OSError as problem:  # the clock's server is away: time stands still until it is back
                log.warning("The clock does not answer: %s", problem)
                self._wake.wait(LOOK_AGAIN)

    def _fire(self) -> None:
        for due in self._timers.take_due(self._clock.now()):
            self._post(due.instance_id, Message(due.kind, due.event_id, execution=due.execution))

    def _sleep(self) -> None:
        self._wake.clear()
        due = self._timers.next_due()
        pause = LOOK_AGAIN if due is None else min(LOOK_AGAIN, self._clock.real_seconds(due))
        if pause > 0 and self._wake.wait(pause):
            return
        if pause >= LOOK_AGAIN:
            self._clock.refresh()

    def _skip(self) -> None:
        if not self._busy.wait_idle(LOOK_AGAIN):
            self._call_busy()  # keeps this participant known while it works for long
            return
        rises = self._busy.rises
        due = self._due()
        if due is not None and due <= self._clock.now():
            self._wake.wait(0.002)  # a source is about to act on what is due
            self._wake.clear()
            return
        if not self._is_quiet():
            self._rest()
        elif self._busy.is_idle and rises == self._busy.rises:
            self._pause = SHORT
            self._report(due)

    def _rest(self) -> None:
        """Wait where a queue is not empty, yet nothing takes its messages up: they may be hidden for long."""
        if self._busy.is_idle:
            self._wake.wait(self._pause)
            self._wake.clear()
            self._pause = min(self._pause * 2, LONG)

    def _report(self, due: datetime | None) -> None:
        self._woke.clear()
        if not self._busy.is_idle:
            return
        self._reporting = True
        try:
            moved = self._clock.idle(due)
        finally:
            self._reporting = False
        if moved and not self._stopping:
            now = self._clock.now()
            self._fire()
            for listener in self.jumped:
                listener(now)

    def _due(self) -> datetime | None:
        moments = [self._timers.next_due(), *(source() for source in self.due_sources)]
        return min((each for each in moments if each is not None), default=None)

    def _is_quiet(self) -> bool:
        if self._loop is None:
            return True
        return all(self._ask(check, self._loop) for check in self.idle_checks)

    def _ask(self, check: Callable[[], Awaitable[bool]], loop: asyncio.AbstractEventLoop) -> bool:
        async def ask() -> bool:
            return await check()

        future = asyncio.run_coroutine_threadsafe(ask(), loop)
        while not self._stopping:
            try:
                return future.result(LOOK_AGAIN)
            except TimeoutError:
                continue
        future.cancel()
        return False

    def _take_back(self) -> None:
        # Work may arrive while an idle report waits for its answer: it is taken back without holding anyone up.
        while not self._stopping:
            self._woke.wait()
            self._woke.clear()
            # Again and again: the report itself may reach the clock after the first call.
            while self._reporting and not self._busy.is_idle and not self._stopping:
                self._call_busy()
                self._woke.wait(0.01)

    def _call_busy(self) -> None:
        try:
            self._clock.busy()
        except OSError as problem:
            log.warning("The clock does not answer: %s", problem)
