"""Ways that a ferry went before in this session are retraced: most of the tests' time was walking to where they begin.

The first ferry that goes a way really goes it: the orchestrators are played, the activities called. What that changed is
kept: how storage, EC2 and Systems Manager stood then, and each request that was sent to the simulator, by whomever. For the next
ferry that goes the same way from its beginning these are put as they stood, and the simulator hears those requests again, byte
for byte and in their order; then clouds and storage are as the real walk left them, ids included. Only reads are left out.

Each step of a walk is a stretch of its own, so that ways share what they begin with; xdist's workers share them, see shared_ways.py.

What a test tells the stand-ins in between (time, machines) is part of the way. A ferry whose way was touched otherwise (a
fault, a call of an activity, anything written to a cloud or to storage) really walks from there on.
"""

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

import httpx
import urllib3
from azure.core.pipeline.transport import RequestsTransport
from botocore.httpsession import URLLib3Session
from moto.moto_api._internal import mock_random

from local.simulator.server import Running
from local.storage.service import Standing, Storage
from shared.settings import settings
from shared.storage import tables
from shared.storage.table_wire import TableRequest, Wire
from tests.activities.aside import Aside
from tests.activities.crash_injection import operation
from tests.activities.shared_ways import SharedWays
from tests.without_sockets import by_a_stand_in

LOOKS = ("GET", "HEAD")
READS = ("Describe", "Get", "List", "Assume")
OF_THE_CONNECTION = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
SENDING = (RequestsTransport, URLLib3Session, httpx.Client, Wire, httpx.AsyncClient)
OWN = ("migration", "plan", "world", "instances", "items", "wave", "round")  # what a ferry knows of itself
SEEN = ("fabric", "container", "site", "process_server")  # what it has seen of its cloud


@dataclass(frozen=True)
class Sent:
    """A request to the simulator, and what the stand-ins' dice were thrown with just before it; 0 = they were not."""

    method: str
    url: str
    headers: dict[str, str]
    body: Any
    dice: int


@dataclass
class Trail:
    """What a stretch of the way changed."""

    after: Standing
    prefix: str  # of its tables
    aside: bytes  # EC2 and Systems Manager
    sent: list[Sent]
    thrown: int
    dice: tuple[Any, Any]  # as they lay: the simulator's, EC2's
    knows: dict[str, Any]
    seen: dict[str, str]
    heard: tuple[list[Any], list[Any]]  # by the durable client: started, raised


@dataclass
class Tracks:
    """All trails of a session; `install` it once, and `begin` with every fresh ferry."""

    simulator: Running
    aside: Aside
    storage: Storage
    shared: SharedWays
    trails: ClassVar[dict[tuple[str, ...], Trail]] = {}
    now: ClassVar["Tracks | None"] = None
    path: tuple[str, ...] | None = None  # the way so far; None once it was touched
    nothing: bytes = b""  # as EC2 and Systems Manager stand before anything is done
    standing: bytes = b""  # as they stand on the way
    thrown: int = 0
    fresh: bool = False  # thrown, and the simulator heard of nothing since
    sending: list[Sent] | None = None  # while a stretch is really walked
    retracing: bool = False
    client: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(timeout=30))

    def begin(self) -> None:
        """Nothing was done yet; time and dice are where they always begin."""
        clock = self.simulator.simulator.clock
        clock._now = clock.origin  # noqa: SLF001 - a clock that is served only goes on
        self.path, self.thrown, self.sending, self.standing = (), 0, None, self.nothing

    def end(self) -> None:
        """Nobody is on the way any more."""
        self.path, self.sending = None, None

    @property
    def listens(self) -> bool:
        """Tell whether anybody is on a way that was not touched yet."""
        return self.path is not None or self.sending is not None

    @property
    def dice(self) -> Random:
        """Give the simulator's dice."""
        return self.simulator.simulator.world._random  # noqa: SLF001 - nobody else needs this

    def throw(self, number: int) -> None:
        """Let the stand-ins make the same ids again."""
        self.dice.seed(number)
        mock_random.seed(number)

    def saw(self, method: str, url: str, headers: Any, body: Any) -> None:
        """Hear of something that is sent."""
        if self.retracing or method in LOOKS:
            return
        inside = by_a_stand_in()
        if inside and self.sending is None:
            return
        storage = url.startswith(_storage())
        if self.sending is not None:
            if not storage and not inside:
                self.thrown, self.fresh = self.thrown + 1, True
                self.throw(self.thrown)
            if url.startswith(self.simulator.url):
                self.sending.append(Sent(method, url, _plain(headers), body, self.thrown if self.fresh else 0))
                self.fresh = False
        elif self.path is not None and not (storage and _makes_room(url)):
            is_control = "/control/" in url and "/control/faults" not in url
            self.path = (*self.path, f"{method} {url} {body!r}") if is_control else None

    def walk(self, ferry: Any, step: str, act: Callable[[], None]) -> None:
        """Go a stretch: retrace it if it is known and nothing was touched, else go it really and remember it."""
        if self.sending is not None or self.path is None or _patched():
            act()
            return
        path, self.path = (*self.path, step), None  # a stretch that fails leaves no trail
        if path in self.trails:
            self._retrace(ferry, self.trails[path])
        else:
            self._explore(ferry, path, act)
        self.path = path

    def _explore(self, ferry: Any, path: tuple[str, ...], act: Callable[[], None]) -> None:
        """Go a stretch that this worker does not know, unless another one does."""
        with self.shared.way(path) as file:
            known = self.shared.read(file)
            self.trails[path] = known or self._record(ferry, act)
            if not known:
                self.shared.write(file, self.trails[path])
        if known:
            self._retrace(ferry, known)

    def _record(self, ferry: Any, act: Callable[[], None]) -> Trail:
        started, raised = len(ferry.client.started), len(ferry.client.raised)
        self.sending = sent = []
        try:
            act()
        finally:
            self.sending = None
        heard = (ferry.client.started[started:], ferry.client.raised[raised:])
        knows = {name: getattr(ferry, name) for name in OWN}
        seen = {name: getattr(ferry.cloud, name) for name in SEEN}
        self.standing = self.aside.standing()
        clouds = (self.standing, sent, self.thrown, (self.dice.getstate(), mock_random.getstate()))
        return Trail(self.storage.standing(), settings().table_prefix, *clouds, knows, seen, heard)

    def _retrace(self, ferry: Any, trail: Trail) -> None:
        self.retracing = True
        try:
            if trail.aside != self.standing:
                self.aside.stand(trail.aside)
                self.standing = trail.aside
            for each in trail.sent:
                if each.dice:
                    self.throw(each.dice)
                self.client.request(each.method, each.url, headers=each.headers, body=each.body)
        finally:
            self.retracing = False
        prefix = settings().table_prefix
        self.storage.stand(trail.after, lambda name: prefix + name.removeprefix(trail.prefix))
        tables.forget()  # and what this process saw of the rows before
        self.thrown = trail.thrown
        self.dice.setstate(trail.dice[0])
        mock_random.setstate(trail.dice[1])
        for name, value in trail.knows.items():
            setattr(ferry, name, dict(value) if isinstance(value, dict) else value)
        for name, place in trail.seen.items():
            setattr(ferry.cloud, name, place)
        ferry.client.started += trail.heard[0]
        ferry.client.raised += trail.heard[1]


def retraced(method: Callable[..., None]) -> Callable[..., None]:
    """Mark a stretch of the way: what it does depends on its arguments and on the way so far, on nothing else."""

    @functools.wraps(method)
    def walk(ferry: Any, *args: Any, **more: Any) -> None:
        def act() -> None:
            method(ferry, *args, **more)

        if Tracks.now is None:
            act()
        else:
            here = [ferry.migration, ferry.wave, ferry.round, args, more]
            Tracks.now.walk(ferry, f"{method.__module__}.{method.__qualname__} {json.dumps(here, default=str)}", act)

    return walk


@contextmanager
def tracks(simulator: Running, aside: Aside, storage: Storage, shared: SharedWays) -> Iterator[Tracks]:
    """Hear of everything that is written, until the block ends."""
    track = Tracks.now = Tracks(simulator, aside, storage, shared)
    azure, aws, http, rows, asynchronous = _SENDERS[:] = _sending()

    def send_azure(transport: Any, request: Any, **more: Any) -> Any:
        track.saw(request.method, request.url, request.headers, request.data)
        return azure(transport, request, **more)

    def send_rows(wire: Wire, request: TableRequest) -> Any:
        track.saw(request.method, f"{wire.origin}{request.target}", request.headers, request.body)
        return rows(wire, request)

    def send_aws(session: Any, request: Any) -> Any:
        if not operation(request).startswith(READS):
            track.saw(request.method, request.url, request.headers, request.body)
        return aws(session, request)

    def send_http(client: Any, request: httpx.Request, **more: Any) -> Any:
        _heard(track, request)
        return http(client, request, **more)

    async def send_asynchronously(client: Any, request: httpx.Request, **more: Any) -> Any:
        _heard(track, request)
        return await asynchronous(client, request, **more)

    _send_by(send_azure, send_aws, send_http, send_rows, send_asynchronously)
    _SENDERS[:] = _sending()
    try:
        yield track
    finally:
        _send_by(azure, aws, http, rows, asynchronous)
        track.client.clear()
        Tracks.now = None
        Tracks.trails.clear()


def _heard(track: Tracks, request: httpx.Request) -> None:
    if request.method not in LOOKS and track.listens:
        track.saw(request.method, str(request.url), request.headers, request.content)


_SENDERS: list[Any] = []


def _patched() -> bool:
    """Tell whether a test has put its own hand on what sends."""
    return list(_sending()) != _SENDERS


def _sending() -> tuple[Any, ...]:
    """Give what sends: the SDK of Azure, that of AWS, the tests themselves, the rows of tables, Systems Manager."""
    return tuple(getattr(kind, "send") for kind in SENDING)  # noqa: B009 - as it is set below


def _send_by(*senders: Any) -> None:
    """Let others send."""
    for kind, send in zip(SENDING, senders, strict=True):
        setattr(kind, "send", send)  # noqa: B010 - a method is replaced


def _storage() -> tuple[str, ...]:
    """Give the addresses of tables, blobs and queues."""
    parts = dict(part.split("=", 1) for part in settings().storage.split(";") if part)
    return tuple(value for name, value in parts.items() if name.endswith("Endpoint"))


def _makes_room(url: str) -> bool:
    """Tell whether a table or a container is made, which happens at the first look at it."""
    return url.partition("?")[0].endswith("/Tables") or "restype=container" in url


def _plain(headers: Any) -> dict[str, str]:
    """Give headers as text, without those that every client makes itself."""
    texts = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in dict(headers).items()}
    return {name: value for name, value in texts.items() if name.lower() not in OF_THE_CONNECTION}
