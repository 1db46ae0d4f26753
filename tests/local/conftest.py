"""Fixtures of all stand-ins."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from starlette.applications import Starlette


@pytest.fixture
def serve() -> Iterator[Callable[[Starlette], str]]:
    """Serve apps in threads of this process until the test ends; gives the URL of each."""
    ended = []

    def start(app: Starlette) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        ended.append((server, thread, listener))
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, _, _ in ended:
        server.should_exit = True
    for _, thread, listener in ended:
        thread.join()
        listener.close()
