"""Serves a simulator with uvicorn: in this thread, or in one of its own for tests."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..in_thread import ThreadServer
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
    """A simulator that is being served: its address, itself (touch its world only between requests), and who serves it."""

    url: str
    simulator: Simulator
    server: ThreadServer


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
    simulator: Simulator = app.state.simulator
    return Server(_config(app), listening), simulator


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=LendingProtocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=2,  # a long poll of the clock must not keep a stopped process alive
    )


@contextmanager
def running(options: Options) -> Iterator[Running]:
    """Serve a simulator in a thread of this process until the block ends."""
    bound, app = bind(options.port, options.host), create_app(options)
    served = ThreadServer(_config(app))
    thread = served.serve_in("simulator", bound)
    try:
        yield Running(address(bound), app.state.simulator, served)
    finally:
        served.end()
        thread.join(10)
        bound.close()
