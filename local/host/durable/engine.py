"""The facade of the durable engine: all that the host's shell calls."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ...clock import Clock
from .activity_pool import Job, Pool
from .app import DurableApp, DurableSettings, Page, Query
from .call import Call
from .calls import Calls, check_json
from .entities import Entities
from .events import OPERATION, Message, stamp
from .instance_cache import Roster
from .leases import Leases
from .problems import UnknownEntity
from .queries import Queries, condition
from .schedule import Mail, Schedule
from .sdk import prepare
from .store import Store
from .timer_thread import Keeper
from .timers import Timers
from .turn import Player, unknown
from .turn_loop import Turns
from .work_counter import Busy
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
        mail: Mail[Call] = Mail(self._busy, clock)
        self._clock = clock
        timers = Timers()
        player = Player.of(app, settings)
        self._store = Store(data)
        self._leases = Leases(data / "leases", clock.now, settings.visibility)
        self._pool = Pool(settings.max_activities, mail.post, self._busy.remove, loop, self._take)
        self._queries = Queries(self._store.path)
        roster = Roster(self._store)
        schedule = Schedule(app, settings, self._pool, timers, self._busy, mail, clock)
        self._writer = writer = Writer(self._store, roster, schedule, mail, self._busy, settings)
        self._player = player
        entities = Entities(self._store.entities(), roster, schedule, writer)
        self._turns = Turns(
            self._store, roster, player, writer, entities, schedule, self._leases, mail, self._busy, clock
        )
        self._calls = Calls(self._store, roster, player, writer, clock)
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
        """Start an orchestration and return its id; raises BadPayload, InstanceExists."""
        return await self._do(partial(self._calls.create, name, input_text, instance_id, version))

    async def raise_event(self, instance_id: str, event: str, payload_text: str) -> None:
        """Send an event; raises NotFound, Gone, BadPayload."""
        await self._do(partial(self._calls.raise_event, instance_id, event, payload_text))

    async def terminate(self, instance_id: str, reason: str | None) -> None:
        """End an instance with its next turn (not its children); raises NotFound, Gone."""
        await self._do(partial(self._calls.terminate, instance_id, reason))

    async def suspend(self, instance_id: str, reason: str | None) -> None:
        """Walk no actions of an instance from its next turn on; raises NotFound, Gone, WrongState."""
        await self._do(partial(self._calls.suspend, instance_id, reason))

    async def resume(self, instance_id: str, reason: str | None) -> None:
        """Let a suspended instance go on; raises NotFound, Gone, WrongState."""
        await self._do(partial(self._calls.resume, instance_id, reason))

    async def rewind(self, instance_id: str, reason: str | None) -> None:
        """Run the failed parts of a failed instance again; raises NothingToRewind, NotFailed."""
        await self._do(partial(self._calls.rewind, instance_id, reason))

    async def restart(self, instance_id: str, *, new_instance_id: bool, as_id: str | None = None) -> str:
        """Start the same orchestration with the stored input and return the id; raises NothingToRestart, StillRuns."""
        restart = partial(self._calls.restart, instance_id, new_instance_id=new_instance_id, as_id=as_id)
        return await self._do(restart)

    async def purge(self, instance_id: str) -> int:
        """Delete an ended instance; returns how many were deleted (0: unknown); raises NotEnded."""
        return await self._do(partial(self._calls.purge, instance_id))

    async def purge_by(self, query: Query) -> int:
        """Delete every instance that the query means, those that run, too; returns how many."""
        return await self._do(partial(self._calls.purge_all, condition(query)))

    async def signal_entity(self, entity_id: str, operation: str | None, payload: str | None) -> None:
        """Send an operation to an entity (`@name@key`); raises UnknownEntity, BadPayload."""
        name = entity_id[1:].partition("@")[0]
        if name not in self._player.entities:
            raise UnknownEntity(unknown(name, "an entity", "entity", self._player.app.entities))
        plain = check_json(payload, "operation's input")
        request = {"op": operation, "signal": True, "input": plain, "id": str(uuid.uuid4())}
        await self._do(partial(self._operate, entity_id, json.dumps(request)))

    async def entity(self, entity_id: str) -> str | None:
        """Return an entity's state as JSON text, or None."""
        return await asyncio.to_thread(self._queries.entity, entity_id)

    async def entities(self, prefix: str, query: Query) -> tuple[list[dict[str, Any]], str | None]:
        """Return one page of entities whose ids begin with `prefix`: id, state as JSON text, updated."""
        return await asyncio.to_thread(self._queries.entities, prefix, query)

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
        if job.execution:  # an entity's code has none: its operations stay where they are until they are done
            self._leases.take((job.execution, job.task))

    def _operate(self, entity_id: str, request: str) -> None:
        self._writer.send_to(entity_id, Message(OPERATION, text=request), stamp(self._clock.now()))

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._turns.submit(work))
