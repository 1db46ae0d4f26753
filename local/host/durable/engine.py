"""The facade of the durable engine: all that the host's shell calls."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ...clock import Clock
from .app import DurableApp, DurableSettings, Page, Query
from .busy import Busy
from .call import Call
from .calls import Calls
from .keeper import Keeper
from .leases import Leases
from .pool import Job, Pool
from .queries import Queries
from .roster import Roster
from .schedule import Mail, Schedule
from .sdk import prepare
from .store import Store
from .timers import Timers
from .turn import Player
from .turns import Turns
from .writer import Writer

T = TypeVar("T")


class Engine:
    """Runs orchestrations of one app with their state in `data`; what a call did is on disk when it returns."""

    def __init__(
        self,
        data: Path,
        app: DurableApp,
        settings: DurableSettings,
        clock: Clock,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._busy = Busy()
        mail: Mail[Call] = Mail(self._busy)
        timers = Timers()
        player = Player.of(app, settings)
        self._store = Store(data)
        self._leases = Leases(data / "leases", clock.now, settings.visibility)
        self._pool = Pool(settings.max_activities, mail.post, self._busy.remove, loop, self._take)
        self._queries = Queries(self._store.path)
        roster = Roster(self._store)
        schedule = Schedule(app, settings, self._pool, timers, self._busy, mail, clock)
        writer = Writer(self._store, roster, schedule, mail, self._busy, settings)
        self._turns = Turns(self._store, roster, player, writer, schedule, self._leases, mail, self._busy, clock)
        self._calls = Calls(self._store, roster, player, writer, self._turns, clock)
        self._keeper = Keeper(clock, timers, self._busy, mail.post, loop)

    @property
    def at_step(self) -> Callable[[str], None]:
        """Called by the turn thread between any two steps; crash tests end the process there."""
        return self._turns.at_step

    @at_step.setter
    def at_step(self, hook: Callable[[str], None]) -> None:
        self._turns.at_step = hook

    @property
    def failure(self) -> BaseException | None:
        """What made the engine stop by itself (a full disk, say); every call raises it from then on."""
        return self._turns.failure

    def start(self) -> None:
        """Recover from disk and start the threads."""
        prepare()
        self._turns.start()
        self._keeper.start()

    def stop(self) -> None:
        """Finish the current commit and stop the threads; the state stays on disk."""
        self._keeper.stop()
        self._turns.stop()
        self._pool.stop()
        self._queries.close()
        self._leases.close()
        self._store.close()

    async def create(
        self, name: str, input_text: str | None, instance_id: str | None = None, version: str | None = None
    ) -> str:
        """Start an orchestration and return its id; raises UnknownFunction, BadInstanceId, BadPayload, InstanceExists."""
        return await self._do(partial(self._calls.create, name, input_text, instance_id, version))

    async def raise_event(self, instance_id: str, event: str, payload_text: str) -> None:
        """Send an event; raises NotFound, Gone, BadPayload."""
        await self._do(partial(self._calls.raise_event, instance_id, event, payload_text))

    async def terminate(self, instance_id: str, reason: str) -> None:
        """End an instance at once (not its children); raises NotFound, Gone."""
        await self._do(partial(self._calls.terminate, instance_id, reason))

    async def suspend(self, instance_id: str, reason: str) -> None:
        """Hold an instance's turns; raises NotFound, Gone, WrongState."""
        await self._do(partial(self._calls.suspend, instance_id, reason))

    async def resume(self, instance_id: str, reason: str) -> None:
        """Let a suspended instance go on; raises NotFound, Gone, WrongState."""
        await self._do(partial(self._calls.resume, instance_id, reason))

    async def rewind(self, instance_id: str, reason: str) -> None:
        """Run the failed parts of a failed instance again; raises NotFound, Gone, WrongState."""
        await self._do(partial(self._calls.rewind, instance_id, reason))

    async def restart(self, instance_id: str, *, new_instance_id: bool) -> str:
        """Start the same orchestration with the stored input and return the id; raises NotFound, InstanceExists."""
        return await self._do(partial(self._calls.restart, instance_id, new_instance_id=new_instance_id))

    async def purge(self, instance_id: str) -> int:
        """Delete an ended instance; returns how many were deleted (0: unknown or still running)."""
        return await self._do(partial(self._calls.purge, instance_id))

    async def purge_by(self, query: Query) -> int:
        """Delete every ended instance that the query means; returns how many."""
        seqs = await asyncio.to_thread(self._queries.ended, query)
        return await self._do(partial(self._calls.purge_all, seqs))

    async def status(
        self,
        instance_id: str,
        *,
        show_input: bool = True,
        show_history: bool = False,
        show_history_output: bool = False,
    ) -> dict[str, Any] | None:
        """Return an instance in the management API's shape, or None."""
        shown = {"show_input": show_input, "show_history": show_history, "show_history_output": show_history_output}
        return await asyncio.to_thread(self._queries.status, instance_id, **shown)

    async def query(self, query: Query) -> Page:
        """Return one page of instances."""
        return await asyncio.to_thread(self._queries.page, query)

    def busy(self) -> AbstractContextManager[None]:
        """Count as work while the block runs: the skipping clock waits for it."""
        return self._busy.working()

    def add_due_source(self, source: Callable[[], datetime | None]) -> None:
        """Add a source of due moments beside the engine's timers (cron); it must be quick and thread-safe."""
        self._keeper.due_sources.append(source)

    def add_idle_check(self, check: Callable[[], Awaitable[bool]]) -> None:
        """Add a last question before a jump, run on the loop: True when nothing is waiting (queues are empty)."""
        self._keeper.idle_checks.append(check)

    def add_jump_listener(self, listener: Callable[[datetime], None]) -> None:
        """Add what is told, on the clock thread, that a skipping clock has moved; it must be quick."""
        self._keeper.jumped.append(listener)

    def _take(self, job: Job) -> None:
        self._leases.take((job.execution, job.task))

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._turns.submit(work))
