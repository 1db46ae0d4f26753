"""Runs the web server on sockets that are already open, so that nothing is refused while the host starts."""

import asyncio
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from ..problems import HostError

ADDRESS = "127.0.0.1"
BACKLOG = 2048
RPC_PORT = 17071
OTHER_RPC_PORTS = range(30000, 31000)
TRIES = 20
KEPT_OPEN = 130  # seconds without a request, as Kestrel keeps them: longer than any client of the SDK's does


class _Server(uvicorn.Server):
    """A server that leaves the signals to the host."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch nothing."""
        yield


def open_rpc_socket() -> socket.socket:
    """Listen where the extension listens for the SDK's clients, or nearby when somebody else does."""
    for port in (RPC_PORT, *random.sample(OTHER_RPC_PORTS, TRIES)):
        try:
            return open_socket(port)
        except HostError:
            continue
    return open_socket(0)


def open_socket(port: int) -> socket.socket:
    """Listen on a loopback port, 0 for a free one; raises HostError when it is taken."""
    # Only for a socket that names its protocol does asyncio send at once; else each answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A restart must not wait for the connections of the process before it.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((ADDRESS, port))
        listening.listen(BACKLOG)  # two may have bound it at the same moment; one of them listens
    except OSError as error:
        listening.close()
        raise HostError(f"Port {port} on {ADDRESS} cannot be used: {error.strerror}") from error
    return listening


class WebServer:
    """The running server."""

    def __init__(self, application: ASGIApp, sockets: list[socket.socket], stop_within: float) -> None:
        config = uvicorn.Config(
            application,
            lifespan="off",
            access_log=False,
            timeout_keep_alive=KEPT_OPEN,
            log_config=None,
            ws="none",
            timeout_graceful_shutdown=round(stop_within),
            server_header=False,
        )
        self._server = _Server(config)
        self._sockets = sockets
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Serve from now on; the sockets listen already, so nobody is refused before the first answer."""
        self._task = asyncio.create_task(self._server.serve(self._sockets))

    async def stop(self) -> None:
        """Take no new request, answer those that run, and end."""
        self._server.should_exit = True
        if self._task:
            await self._task
