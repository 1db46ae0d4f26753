"""A server of uvicorn's in a thread of this process, which begins and ends without waiting for a tick."""

import asyncio
import socket
import threading
from contextlib import suppress

import uvicorn

_DATE_HOLDS = 10.0  # seconds


class ThreadServer(uvicorn.Server):
    """Ends when it is asked to; uvicorn's own looks ten times a second whether it was, and gives connections a tenth to end."""

    loop: asyncio.AbstractEventLoop  # that it answers in

    def __init__(self, config: uvicorn.Config) -> None:
        """Keep what it waits for."""
        super().__init__(config)
        self.app = config.app
        self._begun = threading.Event()

    def serve_in(self, thread: str, bound: socket.socket) -> threading.Thread:
        """Begin in a new thread at a bound port, and wait until it answers. Raises `OSError` if it cannot begin."""
        serving = threading.Thread(target=self._serve_at, args=(bound,), name=thread, daemon=True)
        serving.start()
        self._begun.wait()
        if not self.started:
            raise OSError(f"the server '{thread}' did not begin; its log says why")
        return serving

    def _serve_at(self, bound: socket.socket) -> None:
        try:
            self.run([bound])
        finally:
            self._begun.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then let the other thread go on."""
        self.loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        self._begun.set()

    async def main_loop(self) -> None:
        """Serve until somebody calls `end`; now and then a tick sets the date that answers bear."""
        while not self._ended.is_set():
            await self.on_tick(0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _DATE_HOLDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End at once where nobody is connected."""
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for server in self.servers:
            server.close()
        await self.lifespan.shutdown()

    def end(self) -> None:
        """Let it end, from another thread; who has no lifespan to end waits for no connection."""
        self.force_exit = self.config.lifespan == "off"
        self.loop.call_soon_threadsafe(self._ended.set)
