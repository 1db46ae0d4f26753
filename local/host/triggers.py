"""Runs the listeners of queues and timers beside the web server."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from ..clock import Clock
from .durable.engine import Engine
from .function import Function
from .holding import Hold
from .host_json import QueueSettings
from .invocation import Invoker
from .outputs import Outputs
from .queues.clients import QueueClients
from .queues.listener import QueueListener, Surroundings
from .timers.listener import TimerListener
from .timers.status import StatusFiles

logger = logging.getLogger("host")


class Triggers:
    """All queue and timer listeners of the app: made, connected to the engine, started, stopped."""

    def __init__(self, invoker: Invoker, outputs: Outputs, clients: QueueClients, engine: Engine, clock: Clock) -> None:
        self._invoker = invoker
        self._outputs = outputs
        self._clients = clients
        self._engine = engine
        self._clock = clock
        self._queues: list[QueueListener] = []
        self._timers: dict[str, TimerListener] = {}
        self._polling: list[asyncio.Task[None]] = []
        self._ticking: list[asyncio.Task[None]] = []
        self._past_due: dict[str, bool] = {}

    def add_queues(self, functions: list[Function], settings: QueueSettings, lease: int) -> None:
        """Make the queue listeners; raises HostError when a binding names no account."""
        host = Surroundings(self._run, self._engine.busy, self._real_seconds, lease)
        for function in functions:
            if function.trigger.type == "queueTrigger":
                where = f"The function {function.name}"
                queue = self._clients.of_binding(function.trigger, where)
                poison = self._clients.poison_of(function.trigger, where)
                listener = QueueListener(function, queue, poison, settings, host)
                self._outputs.tell(listener.wake)
                self._queues.append(listener)

    def add_timers(self, functions: list[Function], data: Path) -> None:
        """Make the timer listeners; raises HostError when a schedule is malformed."""
        files = StatusFiles(data)
        for function in functions:
            if function.trigger.type == "timerTrigger":
                self._timers[function.name] = TimerListener(function, self._clock, files, self._run, self._engine.busy)

    def by_hand(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Give what runs each timer function by hand."""
        return {name: timer.run_by_hand for name, timer in self._timers.items()}

    def connect(self) -> None:
        """Tell the engine what else moves the clock and what keeps it where it is; before the engine starts."""
        self._past_due = {name: timer.prepare() for name, timer in self._timers.items()}
        self._engine.add_due_source(self._next_due)
        self._engine.add_idle_check(self._queues_drained)
        loop = asyncio.get_running_loop()
        for timer in self._timers.values():
            self._engine.add_jump_listener(partial(_tell, loop, timer))

    def start(self) -> None:
        """Start listening."""
        self._polling = [_watched(queue.listen()) for queue in self._queues]
        self._ticking = [_watched(timer.listen(past_due=self._past_due[name])) for name, timer in self._timers.items()]

    async def stop(self, within: float) -> None:
        """Fetch and fire nothing more, and let what runs end."""
        for queue in self._queues:
            queue.stop_fetching()
        if self._polling:
            await asyncio.wait(self._polling, timeout=within)
        await asyncio.gather(*(timer.finish(within) for timer in self._timers.values()))
        for task in self._polling + self._ticking:
            task.cancel()
        await asyncio.gather(*(queue.finish(within) for queue in self._queues))

    async def _run(self, function: Function, argument: object, reason: str, hold: Hold) -> None:
        result = await self._invoker.invoke(function, argument, reason, hold)
        hold.take()
        await self._outputs.write(function, result)

    def _next_due(self) -> datetime | None:
        moments = [moment for timer in self._timers.values() if (moment := timer.due())]
        return min(moments, default=None)

    async def _queues_drained(self) -> bool:
        return all(await asyncio.gather(*(queue.drained() for queue in self._queues)))

    def _real_seconds(self, span: timedelta) -> float:
        # Azurite has the wall clock: where time is skipped nothing is gained by waiting long.
        if self._clock.mode == "skipping":
            return min(span.total_seconds(), 1.0)
        return self._clock.real_seconds(self._clock.now() + span)


def _tell(loop: asyncio.AbstractEventLoop, timer: TimerListener, _now: datetime) -> None:
    loop.call_soon_threadsafe(timer.moved)


def _watched(loop: Coroutine[None, None, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(loop)
    task.add_done_callback(_complain)
    return task


def _complain(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception():
        logger.error("A listener ended", exc_info=task.exception())
