"""A migration whose people are told, and somebody on loopback who listens."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import pytest

from shared.decisions.people import played
from shared.intake.register import take_in
from shared.models import Scope
from shared.notifications import wake_ups
from shared.plan.model import Plan
from shared.plan.schema import EXAMPLE
from shared.settings import settings
from tests.storage_in_memory import Tables

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
KEY = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0LCAzMiBieXRlcyBsb25n"
SHOP = Scope(migration="finance.1", wave="shop", machine="shop-web1", now=AT)

NUMBERS = count(1)


@dataclass
class Heard:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Listener:
    """Hears every request, and answers as it is told: with the next of `answers`, else with 204."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answers: deque[tuple[int, dict[str, str]] | tuple[int, dict[str, str], bytes]] = field(default_factory=deque)
    before_answer: Callable[[], None] = lambda: None


@pytest.fixture
def listener() -> Iterator[Listener]:
    own = Listener()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            own.heard.append(Heard(self.command, self.path, headers, body))
            own.before_answer()
            status, more, *more_parts = own.answers.popleft() if own.answers else (204, {})
            answer = more_parts[0] if more_parts else b""
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST  # noqa: N815 - the server's own name

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    own.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield own
    server.shutdown()
    server.server_close()


@pytest.fixture
def wake_ups_sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """The wake-ups that were sent: for which migration, and after how many seconds."""
    sent: list[tuple[str, float]] = []
    monkeypatch.setattr(wake_ups, "send", lambda migration, after: sent.append((migration, after.total_seconds())))
    monkeypatch.setattr(wake_ups, "_sent", {})
    return sent


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch, wake_ups_sent: Any) -> Iterator[Tables]:
    tables = Tables()
    monkeypatch.setattr("shared.storage.rows.table", tables.table)
    monkeypatch.setattr("shared.storage.blobs.container", tables.container)
    monkeypatch.setenv("AZFERRY_TABLE_PREFIX", f"t{next(NUMBERS)}")  # plans are remembered by where they are kept
    settings.cache_clear()
    yield tables
    settings.cache_clear()


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, storage: Tables) -> Callable[..., None]:
    def given(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"AZFERRY_{name.upper()}", value)
        settings.cache_clear()

    return given


@pytest.fixture
def ops(configure: Callable[..., None], listener: Listener) -> Listener:
    """A channel of the app that is told of everything."""
    configure(
        channels="ops:webhook",
        tell="ops",
        private_receivers="true",
        channel_ops_url=listener.url,
        channel_ops_key=KEY,
        address="https://azferry.example.com",
    )
    return listener


def started(**more: Any) -> str:
    """Take a plan in; nothing of it runs."""
    return take_in(Plan.model_validate(EXAMPLE | more), played("ada"), AT).migration
