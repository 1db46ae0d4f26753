"""The page in a real browser: the app's own functions behind a server on loopback, the ledger in memory."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.settings import settings
from tests import browser
from tests.architecture import ROOT
from tests.storage_in_memory import Tables
from tests.triggers.page.serving import serving

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 800}


@dataclass
class OneBrowser:
    """A browser, and its pages that nobody looks at now: opening another takes longer than a visit."""

    running: object
    end: ExitStack
    tabs: list = field(default_factory=list)


KEPT = pytest.StashKey[OneBrowser]()


@pytest.fixture
def chromium(pytestconfig):
    """One browser for all files of this folder that a worker runs one after the other: to start one takes a second."""
    if KEPT not in pytestconfig.stash:
        end = ExitStack()
        pytestconfig.stash[KEPT] = OneBrowser(end.enter_context(browser.running()), end)
    return pytestconfig.stash[KEPT]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """End the browser when the folder is left: others need the event loop of this thread."""
    try:
        return (yield)
    finally:
        stays = nextitem is not None and Path(__file__).parent in nextitem.path.parents
        if not stays and KEPT in item.config.stash:
            kept = item.config.stash[KEPT]
            del item.config.stash[KEPT]
            kept.end.close()


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
    looking: bool = False

    def update(self):
        """Have the page look again now, and wait until it has drawn what it heard."""
        before = self.page.evaluate("document.body.dataset.drawn")
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        self.page.wait_for_function("(before) => document.body.dataset.drawn !== before", arg=before)

    def erred(self, error):
        """Note an error of its code."""
        self.wrong.append(str(error))

    def complained(self, message):
        """Note what it warns of."""
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)

    def enter(self, viewport, color_scheme):
        """Look through a screen of this size, and hear what goes wrong."""
        self.page.set_viewport_size(viewport)
        self.page.emulate_media(color_scheme=color_scheme)
        self.page.on("pageerror", self.erred)
        self.page.on("console", self.complained)
        self.looking = True

    def leave(self, tabs):
        """Leave nothing of this visit for the next one."""
        if not self.looking:
            return
        self.looking = False
        self.page.remove_listener("pageerror", self.erred)
        self.page.remove_listener("console", self.complained)
        self.page.unroute_all()
        self.page.evaluate("sessionStorage.clear()")
        self.page.goto("about:blank")
        tabs.append(self.page)

    def picture(self, name):
        """Keep a picture for the documents where there is none; delete it to have it made anew."""
        kept = ROOT / "docs" / "images" / f"{name}.jpg"
        if not kept.exists():
            self.page.screenshot(path=kept, type="jpeg", quality=40)


def opened(chromium):
    """A page of a profile of its own."""
    context = chromium.running.new_context(timezone_id="Europe/Berlin", locale="en-GB")
    context.set_default_timeout(15_000)
    return context.new_page()


@pytest.fixture
def visit(app, chromium):
    """Open an address of the page; whatever it complains of fails the test.

    One looks at one page at a time, and pages are used again: each test has an origin of its own, so nothing is left
    in them but warm code, which `anew` avoids.
    """
    windows = []

    def open_(path="#/", *, anew=False, viewport=DESKTOP, color_scheme="light"):
        for former in windows:
            former.leave(chromium.tabs)
        window = Window(chromium.tabs.pop() if chromium.tabs and not anew else opened(chromium))
        windows.append(window)
        window.enter(viewport, color_scheme)
        window.page.goto(f"{app.url}/{path}")
        window.page.locator("h1").first.wait_for(timeout=20_000)
        return window

    yield open_
    for window in windows:
        window.leave(chromium.tabs)
    wrong = [each for window in windows for each in window.wrong]
    assert [] == wrong
