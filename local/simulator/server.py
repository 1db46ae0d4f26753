"""Serves a simulator with uvicorn: in this thread, or in one of its own for tests."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..loopback import address, bind
from .app import Simulator, create_app
from .options import Options


class LendingProtocol(H11Protocol):
    """Lends each request its transport, so that a connection can be dropped on purpose."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Keep the transport where a request finds it."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


@dataclass(frozen=True)
class Running:
    """A simulator that is being served: its address, and itself (touch its world only between requests)."""

    url: str
    simulator: Simulator


class Server(uvicorn.Server):
    """Says when it listens; before that it lives again what was kept."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], object]) -> None:
        """Keep whom to tell."""
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._listening()


def server(options: Options, listening: Callable[[], object] = lambda: None) -> tuple[Server, Simulator]:
    """Return a server that has not begun; it tells when it listens."""
    app = create_app(options)
    config = uvicorn.Config(
        app,
        http=LendingProtocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=2,  # a long poll of the clock must not keep a stopped process alive
    )
    simulator: Simulator = app.state.simulator
    return Server(config, listening), simulator


@contextmanager
def running(options: Options) -> Iterator[Running]:
    """Serve a simulator in a thread of this process until the block ends."""
    bound = bind(options.port, options.host)
    served, simulator = server(options)
    thread = threading.Thread(target=served.run, kwargs={"sockets": [bound]}, name="simulator", daemon=True)
    thread.start()
    while not served.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield Running(address(bound), simulator)
    finally:
        served.should_exit = True
        thread.join(10)
        bound.close()
