"""Stand-ins of this process, asked without a socket: what would be sent is handed over, and so is the answer.

Over loopback each request costs a dozen system calls, four switches of threads, and the framing of HTTP, in Python, on both sides:
a third of what the tests of activities cost. Clients go their whole way: SDK, pipeline, pool. What is handed over is what would have been
framed: method, target, headers and bytes. The sockets stay open for whoever comes from another process, and what they do with
a request is the part of tests/local and tests/e2e; test_without_sockets.py holds that both ways are answered alike.
"""

import asyncio
import contextvars
import io
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.client import RemoteDisconnected
from threading import RLock
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import urllib3
from starlette.types import ASGIApp, Message
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ProtocolError

PATIENCE = 60.0  # real seconds, for an answer
Place = tuple[str, int]


@dataclass(frozen=True)
class SentRequest:
    """A request as it would have been framed."""

    place: Place
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass
class HeardAnswer:
    """Its answer; without a status the line was dropped."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


Answering = Callable[[SentRequest], "Future[HeardAnswer]"]
LINES: dict[Place, Answering] = {}
INSIDE: ContextVar[bool] = ContextVar("inside", default=False)


@dataclass
class Line:
    """What an app has for a transport: it can be dropped."""

    dropped: bool = False

    def abort(self) -> None:
        self.dropped = True


def by_asgi(app: ASGIApp, loop: asyncio.AbstractEventLoop) -> Answering:
    """Answer with an app, in the loop in which it is served."""
    return lambda sent: asyncio.run_coroutine_threadsafe(_answered(app, sent), loop)


def by_asgi_at_once(app: ASGIApp, loop: asyncio.AbstractEventLoop, but: str) -> Answering:
    """Answer in the thread that asks, with an app that waits for nothing but under this path: who hands over pays for two switches.

    What it begins (listeners, their answers) runs in its loop as always.
    """
    waiting, turn = by_asgi(app, loop), RLock()

    def answer(sent: SentRequest) -> Future[HeardAnswer]:
        if sent.path.startswith(but):
            return waiting(sent)
        with turn, _in_loop(loop):
            return _now(lambda: _driven(_answered(app, sent)))

    return answer


def by_wsgi_at_once(app: Any) -> Answering:
    """Answer in the thread that asks; what the app sends meanwhile is its own: see `INSIDE`."""

    def answer(sent: SentRequest) -> HeardAnswer:
        INSIDE.set(True)
        heard = HeardAnswer()

        def start(status: str, headers: list[tuple[str, str]], _fault: Any = None) -> None:
            heard.status, heard.headers = int(status[:3]), headers

        answered = app(_environ(sent), start)
        heard.body = b"".join(answered)
        if hasattr(answered, "close"):
            answered.close()
        return heard

    return lambda sent: _now(lambda: contextvars.Context().run(answer, sent))


def by_a_stand_in() -> bool:
    """Tell whether it is a stand-in that sends, and not who is tested."""
    return INSIDE.get() or threading.current_thread() is not threading.main_thread()


async def _answered(app: ASGIApp, sent: SentRequest) -> HeardAnswer:
    heard, line = HeardAnswer(), Line()

    async def receive() -> Message:
        return {"type": "http.request", "body": sent.body}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
            heard.status, heard.headers = message["status"], headers
        else:
            heard.body += message.get("body", b"")

    await app(_scope(sent, line), receive, send)
    return HeardAnswer() if line.dropped else heard


def _driven(answered: Coroutine[Any, Any, HeardAnswer]) -> HeardAnswer:
    try:
        answered.send(None)
    except StopIteration as end:
        return end.value
    answered.close()
    raise AssertionError("a stand-in waits for something: let it be asked in its own loop")


def _now(answer: Callable[[], HeardAnswer]) -> Future[HeardAnswer]:
    done: Future[HeardAnswer] = Future()
    try:
        done.set_result(answer())
    except Exception as fault:  # noqa: BLE001 - who asks has it, as of any other
        done.set_exception(fault)
    return done


@contextmanager
def _in_loop(loop: Any) -> Iterator[None]:
    """Let what runs here begin tasks in the loop of another thread, which wakes up for them."""
    before = asyncio._get_running_loop()  # noqa: SLF001 - there is no other way
    asyncio._set_running_loop(loop)  # noqa: SLF001 - see above
    try:
        yield
    finally:
        asyncio._set_running_loop(before)  # noqa: SLF001 - see above
        if loop._ready:  # noqa: SLF001 - a wake-up costs as much as a request
            loop._write_to_self()  # noqa: SLF001 - see above


@contextmanager
def without_sockets(lines: dict[str, Answering]) -> Iterator[None]:
    """Hand requests of this process to who answers at their URL, until the block ends."""
    LINES.update({_place(url): answering for url, answering in lines.items()})
    pool, sync, asynchronous = HTTPConnectionPool.urlopen, httpx.HTTPTransport, httpx.AsyncHTTPTransport
    handle, handle_async = sync.handle_request, asynchronous.handle_async_request

    def urlopen(at: Any, method: str, url: str, body: Any = None, headers: Any = None, **more: Any) -> Any:
        answering = LINES.get((at.host, at.port))
        if answering is None:
            return pool(at, method, url, body, headers, **more)
        return _of_urllib3(answering(_framed(at, method, url, body, headers or {})).result(PATIENCE), method, more)

    def handle_request(at: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        answering = LINES.get((request.url.host, request.url.port or 0))
        return (
            _of_httpx(answering(_sent(request, request.read())).result(PATIENCE)) if answering else handle(at, request)
        )

    async def handle_async_request(at: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        answering = LINES.get((request.url.host, request.url.port or 0))
        if answering is None:
            return await handle_async(at, request)
        return _of_httpx(await asyncio.wrap_future(answering(_sent(request, await request.aread()))))

    _hand(urlopen, handle_request, handle_async_request)
    try:
        yield
    finally:
        _hand(pool, handle, handle_async)
        for url in lines:
            del LINES[_place(url)]


def _hand(pool: Any, sync: Any, asynchronous: Any) -> None:
    HTTPConnectionPool.urlopen = pool  # type: ignore[method-assign]
    httpx.HTTPTransport.handle_request = sync  # type: ignore[method-assign]
    httpx.AsyncHTTPTransport.handle_async_request = asynchronous  # type: ignore[method-assign]


def _place(url: str) -> Place:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


def _framed(at: Any, method: str, target: str, body: Any, headers: Any) -> SentRequest:
    plain = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in headers.items()}
    content = _bytes(body)
    if content or method in ("POST", "PUT", "PATCH"):
        plain = {name: value for name, value in plain.items() if name.lower() != "transfer-encoding"}
        plain.setdefault("Content-Length", str(len(content)))
    return SentRequest((at.host, at.port), method, target, {"Host": f"{at.host}:{at.port}", **plain}, content)


def _bytes(body: Any) -> bytes:
    whole = body.read() if hasattr(body, "read") else body or b""
    if isinstance(whole, str):
        return whole.encode()
    return bytes(whole) if isinstance(whole, bytes | bytearray) else b"".join(whole)


def _sent(request: httpx.Request, body: bytes) -> SentRequest:
    place = request.url.host, request.url.port or 0
    return SentRequest(place, request.method, request.url.raw_path.decode("ascii"), dict(request.headers), body)


def _of_urllib3(heard: HeardAnswer, method: str, more: dict[str, Any]) -> urllib3.HTTPResponse:
    if not heard.status:
        raise ProtocolError("Connection aborted.", RemoteDisconnected("the stand-in dropped the line"))
    return urllib3.HTTPResponse(
        body=io.BytesIO(b"" if method == "HEAD" else heard.body),
        headers=urllib3.HTTPHeaderDict(heard.headers),
        status=heard.status,
        reason="",
        preload_content=more.get("preload_content", True),
        decode_content=more.get("decode_content", True),
        request_method=method,
    )


def _of_httpx(heard: HeardAnswer) -> httpx.Response:
    if not heard.status:
        raise httpx.RemoteProtocolError("the stand-in dropped the line")
    return httpx.Response(heard.status, headers=heard.headers, stream=httpx.ByteStream(heard.body))


def _scope(sent: SentRequest, line: Line) -> dict[str, Any]:
    path, _, query = sent.target.partition("?")
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": sent.method,
        "path": sent.path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.headers.items()],
        "client": ("127.0.0.1", 0), "server": sent.place, "state": {"transport": line},
    }  # fmt: skip


def _environ(sent: SentRequest) -> dict[str, Any]:
    named = {name.upper().replace("-", "_"): value for name, value in sent.headers.items() if "_" not in name}
    own = {name: named.pop(name) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if name in named}
    return {
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(sent.body), "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, "SCRIPT_NAME": "",
        "REQUEST_METHOD": sent.method, "PATH_INFO": sent.path.encode().decode("latin-1"), "QUERY_STRING": sent.query,
        "REQUEST_URI": sent.target, "RAW_URI": sent.target, "REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": 0,
        "SERVER_NAME": sent.place[0], "SERVER_PORT": str(sent.place[1]), "SERVER_PROTOCOL": "HTTP/1.1",
        **own, **{f"HTTP_{name}": value for name, value in named.items()},
    }  # fmt: skip
