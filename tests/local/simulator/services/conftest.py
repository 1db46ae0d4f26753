"""A simulator in a thread, and the real SDK clients in front of it with only endpoint and credential changed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from azure.core.pipeline.policies import SansIOHTTPPolicy

from local.simulator.options import Options
from local.simulator.server import Running, running

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"


class Bearer(SansIOHTTPPolicy[Any, Any]):
    def on_request(self, request: Any) -> None:
        request.http_request.headers["Authorization"] = "Bearer local"


@dataclass
class Azure:
    """One simulator as a test sees it."""

    running: Running
    open: ExitStack
    http: httpx.Client

    def client(self, kind: Callable[..., Any], **more: Any) -> Any:
        options = {"authentication_policy": Bearer(), "polling_interval": 0, "retry_total": 0, **more}
        return self.open.enter_context(kind(object(), SUBSCRIPTION, base_url=self.running.url, **options))

    def control(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.http.request(method, f"{self.running.url}/control/{path}", json=body)
        return reply.raise_for_status().json()

    def arm(self, method: str, path: str, body: Any = None) -> httpx.Response:
        url = f"{self.running.url}{path}{'&' if '?' in path else '?'}api-version=2023-06-06"
        return self.http.request(method, url, json=body, headers={"Authorization": "Bearer local"})

    def later(self, duration: str) -> None:
        self.control("POST", "clock", {"advance": duration})


@pytest.fixture
def open_stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _azure(stack: ExitStack, options: Options) -> Azure:
    azure = Azure(stack.enter_context(running(options)), stack, stack.enter_context(httpx.Client()))
    azure.control("PATCH", "settings", {"retry_after": None})
    stack.callback(azure.control, "POST", "reset")  # closes what listens
    return azure


@pytest.fixture
def azure(open_stack: ExitStack) -> Azure:
    """A simulator whose hour is a second: long operations end while the SDK's pollers look."""
    return _azure(open_stack, Options(mode="scaled", factor=3600))


@pytest.fixture
def frozen(open_stack: ExitStack) -> Azure:
    """A simulator whose clock a test moves by hand."""
    return _azure(open_stack, Options(mode="skipping", start=datetime(2026, 11, 21, 5, tzinfo=UTC)))
