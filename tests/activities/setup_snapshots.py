"""Ways that a ferry went before in this session are retraced: most of the tests' time was walking to where they begin.

The first ferry that goes a way really goes it: the orchestrators are played, the activities called. What that changed is
kept: each request that was sent to the clouds, and how storage stood then. The next ferry that goes the same way from its
beginning sends those requests again, byte for byte and in their order, and storage is put as it stood; then clouds and storage are as the real walk left them, ids included. Only reads are left out.

Each step of a walk is a stretch of its own, so that ways share what they begin with; xdist's workers share them, see shared_ways.py.

What a test tells the stand-ins in between (time, machines) is part of the way. A ferry whose way was touched otherwise (a
fault, a call of an activity, anything written to a cloud or to storage) really walks from there on.
"""

import functools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx
from azure.core.pipeline.transport import RequestsTransport
from botocore.httpsession import URLLib3Session
from moto.moto_api._internal import mock_random

from local.simulator.app import Simulator
from shared.settings import settings
from shared.storage import tables
from shared.storage.table_wire import TableRequest, Wire
from tests.activities.crash_injection import operation
from tests.activities.shared_ways import SharedWays
from tests.storage_in_process.service import Standing, Storage

READS = ("Describe", "Get", "List", "Assume")
OF_THE_CONNECTION = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
OWN = ("migration", "plan", "world", "instances", "items", "wave", "round")  # what a ferry knows of itself
SEEN = ("fabric", "container", "site", "process_server")  # what it has seen of its cloud


@dataclass(frozen=True)
class Sent:
    """A request, and what the stand-ins' dice were thrown with just before it."""

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
    sent: list[Sent]
    thrown: int
    knows: dict[str, Any]
    seen: dict[str, str]
    heard: tuple[list[Any], list[Any]]  # by the durable client: started, raised


@dataclass
class Tracks:
    """All trails of a session; `install` it once, and `begin` with every fresh ferry."""

    simulator: Simulator
    storage: Storage
    shared: SharedWays
    trails: ClassVar[dict[tuple[str, ...], Trail]] = {}
    now: ClassVar["Tracks | None"] = None
    path: tuple[str, ...] | None = None  # the way so far; None once it was touched
    thrown: int = 0
    sending: list[Sent] | None = None  # while a stretch is really walked
    retracing: bool = False
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, trust_env=False))

    def begin(self) -> None:
        """Nothing was done yet; time and dice are where they always begin."""
        self.simulator.clock._now = self.simulator.clock.origin  # noqa: SLF001 - a clock that is served only goes on
        self.path, self.thrown, self.sending = (), 0, None

    def end(self) -> None:
        """Nobody is on the way any more."""
        self.path, self.sending = None, None

    @property
    def listens(self) -> bool:
        """Tell whether anybody is on a way that was not touched yet."""
        return self.path is not None or self.sending is not None

    def throw(self, number: int) -> None:
        """Let the stand-ins make the same ids again."""
        self.simulator.world._random.seed(number)  # noqa: SLF001 - nobody else needs this
        mock_random.seed(number)

    def saw(self, method: str, url: str, headers: Any, body: Any) -> None:
        """Hear of something that is about to be written."""
        if self.retracing or threading.current_thread() is not threading.main_thread():
            return
        storage = url.startswith(_storage())
        if self.sending is not None:
            if not storage:
                self.thrown += 1
                self.throw(self.thrown)
                self.sending.append(Sent(method, url, _plain(headers), body, self.thrown))
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
        return Trail(self.storage.standing(), settings().table_prefix, sent, self.thrown, knows, seen, heard)

    def _retrace(self, ferry: Any, trail: Trail) -> None:
        self.retracing = True
        try:
            for each in trail.sent:
                self.throw(each.dice)
                self.client.request(each.method, each.url, headers=each.headers, content=each.body)
        finally:
            self.retracing = False
        prefix = settings().table_prefix
        self.storage.stand(trail.after, lambda name: prefix + name.removeprefix(trail.prefix))
        tables.forget()  # and what this process saw of the rows before
        self.thrown = trail.thrown
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
def tracks(simulator: Simulator, storage: Storage, shared: SharedWays) -> Iterator[Tracks]:
    """Hear of everything that the tests' thread writes, until the block ends."""
    track = Tracks.now = Tracks(simulator, storage, shared)
    azure, aws, http, rows = _SENDERS[:] = _sending()

    def send_azure(transport: Any, request: Any, **more: Any) -> Any:
        if request.method not in ("GET", "HEAD"):
            track.saw(request.method, request.url, request.headers, request.data)
        return azure(transport, request, **more)

    def send_rows(wire: Wire, request: TableRequest) -> Any:
        if request.method != "GET":
            track.saw(request.method, f"{wire.origin}{request.target}", request.headers, request.body)
        return rows(wire, request)

    def send_aws(session: Any, request: Any) -> Any:
        if not operation(request).startswith(READS):
            track.saw(request.method, request.url, request.headers, request.body)
        return aws(session, request)

    def send_http(client: Any, request: httpx.Request, **more: Any) -> Any:
        if request.method != "GET" and track.listens:
            track.saw(request.method, str(request.url), request.headers, request.content)
        return http(client, request, **more)

    _send_by(send_azure, send_aws, send_http, send_rows)
    _SENDERS[:] = _sending()
    try:
        yield track
    finally:
        _send_by(azure, aws, http, rows)
        track.client.close()
        Tracks.now = None
        Tracks.trails.clear()


_SENDERS: list[Any] = []


def _patched() -> bool:
    """Tell whether a test has put its own hand on what sends."""
    return list(_sending()) != _SENDERS


def _sending() -> tuple[Any, Any, Any, Any]:
    """Give what sends: the SDK of Azure, that of AWS, the tests themselves, the rows of tables."""
    return RequestsTransport.send, URLLib3Session.send, httpx.Client.send, Wire.send


def _send_by(azure: Any, aws: Any, http: Any, rows: Any) -> None:
    """Let others send."""
    RequestsTransport.send, URLLib3Session.send, httpx.Client.send, Wire.send = azure, aws, http, rows  # type: ignore[method-assign]


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
