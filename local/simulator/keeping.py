"""Keeps a simulator's world: notes each request that may change it, and answers them all again in a new process."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .clock import iso, parse_iso
from .journal import Journal, Kept, answer_into_the_void
from .world import ANSWERED_AT, World

CLOCK = "/control/clock"  # what is asked of the clock changes no world; its moves are noted by themselves
READS = ("GET", "HEAD")
log = logging.getLogger(__name__)


class Keeping:
    """ASGI middleware around the whole simulator; `world` gives the one of now."""

    def __init__(self, app: ASGIApp, journal: Journal, world: Callable[[], World]) -> None:
        """Wrap an app."""
        self._app, self._journal, self._world = app, journal, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, after it was noted if it may change something."""
        if scope["type"] != "http" or ANSWERED_AT.get() or not self._may_change(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            if scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", CLOCK):
                self._journal.note_clock()
            return
        world, body = self._world(), await _body(receive)
        moment = world.clock.now()
        self._journal.note(_kept(scope, body, moment, world.requests))
        with answered_at(moment):
            await self._app(scope, _again(body), send)

    def _may_change(self, method: str, path: str) -> bool:
        if path.startswith(CLOCK):
            return False
        # a fault on order is used up by reads, too
        return method not in READS or (self._world().faults.any_ordered and not path.startswith("/control"))


async def live_again(app: ASGIApp, journal: Journal, world: Callable[[], World]) -> None:
    """Bring a new world to where the one before it was."""
    for at, request in journal.kept():
        with answered_at(parse_iso(at)):
            world().settle()
            if request is not None:
                world().requests = request.before
                try:
                    await answer_into_the_void(app, request)
                except Exception:  # as it did the first time
                    log.exception("%s %s failed again", request.method, request.path)


@contextmanager
def answered_at(moment: datetime) -> Iterator[None]:
    """Let the world be lived up to this moment, and no further, by what runs inside the block."""
    token = ANSWERED_AT.set(moment)
    try:
        yield
    finally:
        ANSWERED_AT.reset(token)


def _kept(scope: Scope, body: bytes, moment: datetime, before: int) -> Kept:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    query = scope["query_string"].decode("latin-1")
    return Kept(iso(moment), before, scope["method"], scope["path"], query, headers, body.decode("latin-1"))


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    return receive
