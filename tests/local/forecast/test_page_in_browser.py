"""The page of a forecast in a real browser, which has no network; its picture stands in docs/forecast.md."""

from local.forecast.page import page
from tests import browser
from tests.architecture import ROOT
from tests.local.forecast.played import outlook, plan

PICTURE = ROOT / "docs" / "images" / "forecast.jpg"
BLACK = {"start": "2026-11-30T11:00:00", "end": "2026-11-30T11:40:00", "reason": "close of the month"}


def test_the_page_shows_whole_without_any_network(tmp_path):
    kept = tmp_path / "forecast.html"
    kept.write_text(page(outlook(plan=plan(blackouts=[BLACK]))))
    with browser.running() as running:
        view = running.new_page(viewport={"width": 1100, "height": 760}, offline=True)
        faults, requests = [], []
        view.on("console", lambda message: faults.append(message.text))
        view.on("request", lambda sent: requests.append(sent.url))
        view.goto(kept.as_uri())
        shown = view.locator("svg rect:visible").count()
        wide = view.evaluate("document.documentElement.scrollWidth")
        if not PICTURE.exists():
            view.screenshot(path=PICTURE, type="jpeg", quality=70)

    assert ([], [kept.as_uri()]) == (faults, requests)
    assert shown > 20
    assert wide <= 1100
