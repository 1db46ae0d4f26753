"""Apps served by a thread of this process, on a port of loopback."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from local.in_thread import ThreadServer
from local.loopback import address, bind


@contextmanager
def serving(app: ASGIApp, bound: socket.socket | None = None, **config: Any) -> Iterator[str]:
    """Serve an app until the block ends, on a port that was taken before or on any; gives its URL."""
    with served(app, bound, **config) as (url, _):
        yield url


@contextmanager
def served(
    app: ASGIApp, bound: socket.socket | None = None, **config: Any
) -> Iterator[tuple[str, asyncio.AbstractEventLoop]]:
    """Serve it, and give its loop, too."""
    listener = bound or bind()
    server = ThreadServer(uvicorn.Config(app, **{"log_level": "warning", **config}))
    thread = server.serve_in("served", listener)
    try:
        yield address(listener), server.loop
    finally:
        server.end()
        thread.join()
        listener.close()
