"""The page in a real browser: the app's own functions behind a server on loopback, the ledger in memory."""

from dataclasses import dataclass, field

import pytest

from shared.settings import settings
from tests import browser
from tests.architecture import ROOT
from tests.storage_in_memory import Tables
from tests.triggers.page.serving import serving

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


@pytest.fixture
def app(memory):
    with serving() as served:
        yield served


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
