"""Simulators that this process serves itself, asked without a socket."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.simulator.server import Running
from tests.without_sockets import by_asgi_at_once, without_sockets

WAITS = "/control/clock/"


@contextmanager
def at_hand(*served: Running) -> Iterator[None]:
    """Hand over what urllib3 and httpx send to these simulators, until the block ends; all else goes its way."""
    lines = {each.url: by_asgi_at_once(each.server.app, each.server.loop, but=WAITS) for each in served}
    with without_sockets(lines):
        yield
