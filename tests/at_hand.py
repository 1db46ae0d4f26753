"""Requests of this process to stand-ins that it serves itself, handed over without a socket.

What is asked and answered stays the same, byte for byte, and so does where it is answered: in the loop of the stand-in, one
after another. What falls away is writing and reading HTTP twice, most of what a request costs. That the stand-ins speak it
is seen by the tests of their own servers (`tests/local/simulator/services`, `test_core.py`), and end to end.
"""

import asyncio
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import urllib3
from starlette.types import ASGIApp
from urllib3.connectionpool import HTTPConnectionPool

from local.simulator.server import Running

PATIENCE = 100  # seconds; whoever asks so long waits for what never comes
Content = bytes | str | None
Answering = Callable[[str, str, Mapping[str, str], Content], "Answer"]


@dataclass
class Answer:
    """What comes back; `dropped` = the connection ended before anything did."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    dropped: bool = False

    def abort(self) -> None:
        """End as the connection of a server does, which lends it to its app."""
        self.dropped = True


def by_asgi(app: ASGIApp, loop: asyncio.AbstractEventLoop) -> Answering:
    """Give what asks an app that is served in a loop of another thread."""

    def ask(method: str, url: str, headers: Mapping[str, str], content: Content) -> Answer:
        body = content.encode() if isinstance(content, str) else content or b""
        return asyncio.run_coroutine_threadsafe(_exchange(app, method, url, headers, body), loop).result(PATIENCE)

    return ask


async def _exchange(app: ASGIApp, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    parts, answer = urlsplit(url), Answer()
    sent = {"host": parts.netloc, "content-length": str(len(body))} | {name.lower(): headers[name] for name in headers}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": unquote(parts.path) or "/",
        "raw_path": parts.path.encode(),
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": [(_latin(name), _latin(value)) for name, value in sent.items()],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname, parts.port),
        "state": {"transport": answer},
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


def _latin(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


@contextmanager
def at_hand(*served: Running) -> Iterator[None]:
    """Hand over what urllib3 and httpx send to these simulators, until the block ends; all else goes its way."""
    places = {_place(each.url): by_asgi(each.server.app, each.server.loop) for each in served}
    real_pool, real_httpx = HTTPConnectionPool.urlopen, httpx.HTTPTransport.handle_request

    def urlopen(
        self: HTTPConnectionPool, method: str, url: str, body: Any = None, headers: Any = None, **more: Any
    ) -> Any:
        ask = places.get((self.host, self.port))
        if ask is None or not isinstance(body, bytes | str | None):
            return real_pool(self, method, url, body, headers, **more)
        whole = url if url.startswith("http") else f"{self.scheme}://{self.host}:{self.port}{url}"
        return _for_urllib3(ask(method, whole, headers or {}, body), method, more.get("preload_content", True))

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        ask = places.get((request.url.host, request.url.port))
        if ask is None:
            return real_httpx(self, request)
        return _for_httpx(ask(request.method, str(request.url), request.headers, request.read()), request)

    HTTPConnectionPool.urlopen, httpx.HTTPTransport.handle_request = urlopen, handle_request
    try:
        yield
    finally:
        HTTPConnectionPool.urlopen, httpx.HTTPTransport.handle_request = real_pool, real_httpx


def _place(url: str) -> tuple[str | None, int | None]:
    parts = urlsplit(url)
    return parts.hostname, parts.port


def _for_urllib3(answer: Answer, method: str, preload: bool) -> urllib3.HTTPResponse:
    if answer.dropped:
        raise urllib3.exceptions.ProtocolError(
            "Connection aborted.", ConnectionResetError(104, "Connection reset by peer")
        )
    body = io.BytesIO(b"" if method == "HEAD" else answer.body)
    headers = urllib3.HTTPHeaderDict(answer.headers)
    return urllib3.HTTPResponse(body, headers, answer.status, preload_content=preload, request_method=method)


def _for_httpx(answer: Answer, request: httpx.Request) -> httpx.Response:
    if answer.dropped:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    return httpx.Response(answer.status, headers=answer.headers, content=answer.body)
