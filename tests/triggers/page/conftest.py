"""The page in a real browser: the app's own functions behind a server on loopback, the ledger in memory."""

import socket
import threading
import time
from dataclasses import dataclass, field

import azure.functions as func
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shared.settings import settings
from tests import browser
from tests.architecture import ROOT
from tests.storage_in_memory import Tables
from tests.triggers.conftest import FUNCTIONS, NotingClient, match, run

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 800}


@pytest.fixture(scope="module")
def chromium():
    with browser.running() as running:
        yield running


@pytest.fixture
def memory(monkeypatch):
    storage = Tables()
    monkeypatch.setattr("shared.storage.rows.table", storage.table)
    monkeypatch.setattr("shared.storage.overviews.table", storage.table)
    monkeypatch.setattr("shared.storage.blobs.container", storage.container)
    monkeypatch.setenv("AZFERRY_LOCAL", "true")
    settings.cache_clear()
    yield storage
    settings.cache_clear()


@dataclass
class Served:
    """The app on loopback, and how many bytes it sent for which path."""

    url: str
    sent: list = field(default_factory=list)
    signed_out: bool = False  # the platform leads to the sign-in, as it does where a session is over


@pytest.fixture
def app(memory):
    client = NotingClient()
    listener = socket.create_server(("127.0.0.1", 0))
    served = Served(f"http://127.0.0.1:{listener.getsockname()[1]}")

    async def serve(request):
        body = await request.body()
        if served.signed_out and request.url.path.startswith("/api/"):
            return RedirectResponse("https://login.example/authorize", 302)
        answer = await run_in_threadpool(_called, request, body, client)
        served.sent.append((request.method, request.url.path, answer.status_code, len(answer.get_body() or b"")))
        headers = dict(answer.headers) | {"content-type": f"{answer.mimetype}; charset=utf-8"}
        return Response(answer.get_body(), answer.status_code, headers)

    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=[Route("/{path:path}", serve, methods=["GET", "POST"])]),
            log_level="critical",
            lifespan="off",
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    yield served
    server.should_exit = server.force_exit = True
    thread.join()
    listener.close()


def _called(request, body, client):
    if request.url.path == "/api/health/details":  # it asks a queue, and there is none in memory
        return func.HttpResponse("{}", mimetype="application/json")
    for trigger, function in FUNCTIONS.values():
        if trigger.type != "httpTrigger" or request.method not in [each.value for each in trigger.methods or ()]:
            continue
        found = match(trigger.route, request.url.path)
        if found is not None:
            http_request = func.HttpRequest(
                request.method,
                str(request.url),
                headers=dict(request.headers),
                params=dict(request.query_params),
                route_params=found,
                body=body,
            )
            return run(function, http_request, client)
    return func.HttpResponse("nothing here", status_code=404)


@dataclass
class Window:
    """A page that is open, and whatever went wrong in it."""

    page: object
    wrong: list = field(default_factory=list)

    def update(self):
        """Have the page look again now, and wait until it has drawn what it heard."""
        before = self.page.evaluate("document.body.dataset.drawn")
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        self.page.wait_for_function("(before) => document.body.dataset.drawn !== before", arg=before)

    def picture(self, name):
        """Keep a picture for the documents where there is none; delete it to have it made anew."""
        kept = ROOT / "docs" / "images" / f"{name}.jpg"
        if not kept.exists():
            self.page.screenshot(path=kept, type="jpeg", quality=40)


@pytest.fixture
def visit(app, chromium):
    """Open an address of the page; whatever it complains of fails the test."""
    contexts, windows = [], []

    def open_(path="#/", **options):
        context = chromium.new_context(
            **{"viewport": DESKTOP, "timezone_id": "Europe/Berlin", "locale": "en-GB"} | options
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        window = Window(context.new_page())
        windows.append(window)
        window.page.on("pageerror", lambda error: window.wrong.append(str(error)))
        window.page.on(
            "console",
            lambda message: window.wrong.append(message.text) if message.type in ("error", "warning") else None,
        )
        window.page.goto(f"{app.url}/{path}")
        window.page.locator("h1").first.wait_for(timeout=20_000)
        return window

    yield open_
    for context in contexts:
        context.close()
    wrong = [each for window in windows for each in window.wrong]
    assert [] == wrong
