"""Apps served by a thread of this process, on a port of loopback."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from local.loopback import address, bind


class Server(uvicorn.Server):
    """Ends when it is asked to; uvicorn's own looks ten times a second whether it was."""

    async def main_loop(self) -> None:
        """Serve until somebody calls `end`."""
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)
        await self._ended.wait()

    def end(self) -> None:
        """Let it end, from another thread; who has no lifespan to end waits for no connection."""
        self.force_exit = self.config.lifespan == "off"
        self._loop.call_soon_threadsafe(self._ended.set)


@contextmanager
def serving(app: ASGIApp, bound: socket.socket | None = None, **config: Any) -> Iterator[str]:
    """Serve an app until the block ends, on a port that was taken before or on any; gives its URL."""
    listener = bound or bind()
    server = Server(uvicorn.Config(app, **{"log_level": "warning", **config}))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.002)
    try:
        yield address(listener)
    finally:
        server.end()
        thread.join()
        listener.close()
