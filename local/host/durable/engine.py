"""The facade of the durable engine: all that the host's shell calls."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from ...clock import Clock
from .app import DurableApp, DurableSettings, Page, Query


class Engine:
    """Runs orchestrations of one app with their state in `data`; what a call did is on disk when it returns."""

    def __init__(  # noqa: PLR0913 - the parts of a host are its parameters
        self,
        data: Path,
        app: DurableApp,
        settings: DurableSettings,
        clock: Clock,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Recover from disk and start the threads."""
        raise NotImplementedError

    def stop(self) -> None:
        """Finish the current commit and stop the threads; the state stays on disk."""
        raise NotImplementedError

    async def create(
        self, name: str, input_text: str | None, instance_id: str | None = None, version: str | None = None
    ) -> str:
        """Start an orchestration and return its id; raises UnknownFunction, BadInstanceId, BadPayload, InstanceExists."""
        raise NotImplementedError

    async def raise_event(self, instance_id: str, event: str, payload_text: str) -> None:
        """Send an event; raises NotFound, Gone, BadPayload."""
        raise NotImplementedError

    async def terminate(self, instance_id: str, reason: str) -> None:
        """End an instance at once (not its children); raises NotFound, Gone."""
        raise NotImplementedError

    async def suspend(self, instance_id: str, reason: str) -> None:
        """Hold an instance's turns; raises NotFound, Gone, WrongState."""
        raise NotImplementedError

    async def resume(self, instance_id: str, reason: str) -> None:
        """Let a suspended instance go on; raises NotFound, Gone, WrongState."""
        raise NotImplementedError

    async def rewind(self, instance_id: str, reason: str) -> None:
        """Run the failed parts of a failed instance again; raises NotFound, Gone, WrongState."""
        raise NotImplementedError

    async def restart(self, instance_id: str, *, new_instance_id: bool) -> str:
        """Start the same orchestration with the stored input and return the id; raises NotFound, InstanceExists."""
        raise NotImplementedError

    async def purge(self, instance_id: str) -> int:
        """Delete an ended instance; returns how many were deleted (0: unknown or still running)."""
        raise NotImplementedError

    async def purge_by(self, query: Query) -> int:
        """Delete every ended instance that the query means; returns how many."""
        raise NotImplementedError

    async def status(
        self,
        instance_id: str,
        *,
        show_input: bool = True,
        show_history: bool = False,
        show_history_output: bool = False,
    ) -> dict[str, Any] | None:
        """Return an instance in the management API's shape, or None."""
        raise NotImplementedError

    async def query(self, query: Query) -> Page:
        """Return one page of instances."""
        raise NotImplementedError

    def busy(self) -> AbstractContextManager[None]:
        """Count as work while the block runs: the skipping clock waits for it."""
        raise NotImplementedError

    def add_due_source(self, source: Callable[[], datetime | None]) -> None:
        """Add a source of due moments beside the engine's timers (cron); it must be quick and thread-safe."""
        raise NotImplementedError

    def add_idle_check(self, check: Callable[[], Awaitable[bool]]) -> None:
        """Add a last question before a jump, run on the loop: True when nothing is waiting (queues are empty)."""
        raise NotImplementedError
