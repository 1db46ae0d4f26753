"""What a simulator keeps on disk: how time went, and the requests that changed its world, each with its moment.

Answered again, in order and each at its moment, they make the same world: all else in it follows from them and from time.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message, Scope

from .clock import Clock, parse_iso


class Kept(NamedTuple):
    """A request as it came in; `at` is the virtual moment at which it was answered, `before` how many came before it."""

    at: str
    before: int
    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: str  # byte for byte, as Latin-1, like all else here

    def scope(self) -> Scope:
        """Return the request for an ASGI app, on a connection that leads nowhere."""
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": self.method,
            "path": self.path,
            "query_string": self.query.encode("latin-1"),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers],
            "state": {"transport": Nowhere()},
        }


class Nowhere:
    """The transport of a request that is answered again: its connection ended long ago."""

    def abort(self) -> None:
        """Do nothing."""


class Journal:
    """A file with a line for each request that may have changed the world, written before it is answered.

    A process that dies leaves its last line torn (the request was not answered, and was never made) or whole and not
    answered (its effect is there, as when a connection breaks).
    """

    def __init__(self, file: Path, clock: Clock) -> None:
        """Set the clock as the process before this one left it; the world begins at `began`."""
        self._clock = clock
        self._lines = list(_read(file))
        times = [each["clock"] for each in self._lines if "clock" in each]
        if times:
            clock.restore(times[-1])
        self.began = parse_iso(times[0]["now"]) if times else clock.now()
        self._output = file.open("ab")
        if not times:
            self.note_clock()

    def note_clock(self) -> None:
        """Keep how time goes: at the beginning, and after each move."""
        self._write({"clock": self._clock.as_json()})

    def note(self, request: Kept) -> None:
        """Keep a request."""
        self._write({"request": request})

    def kept(self) -> Iterator[tuple[str, Kept | None]]:
        """Yield what was kept before this process, once: moments, with the request that was answered at one."""
        for line in self._lines:
            if "clock" in line:
                yield line["clock"]["now"], None
            else:
                request = Kept(*line["request"])
                yield request.at, request
        self._lines.clear()

    def close(self) -> None:
        """Close the file."""
        self._output.close()

    def _write(self, line: dict[str, Any]) -> None:
        self._output.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._output.flush()


def _read(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the whole lines of a file, and cut off a torn one."""
    if not file.exists():
        return
    complete, _, torn = file.read_bytes().rpartition(b"\n")
    if torn:
        file.write_bytes(complete + b"\n" if complete else b"")
    for line in complete.splitlines():
        yield json.loads(line)


async def answer_into_the_void(app: ASGIApp, request: Kept) -> None:
    """Answer a request that nobody waits for any more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body.encode("latin-1")}

    async def send(_: Message) -> None:
        return

    await app(request.scope(), receive, send)
