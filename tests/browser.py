"""A real browser for the tests of the page: `chromium` on the path, or the one that AZFERRY_CHROMIUM names."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LACKS = "no Chromium here (or no axe-core beside Azurite): apt-get install chromium, or name one in AZFERRY_CHROMIUM; make setup"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
AXE = Path(__file__).parents[1] / "local" / "azurite" / "node_modules" / "axe-core" / "axe.min.js"


def find() -> str:
    """Return the program, empty where there is none."""
    named = os.environ.get("AZFERRY_CHROMIUM", "")
    return shutil.which(named or "chromium") or ("" if named else shutil.which("google-chrome") or "")


def not_run(stats: dict[str, list[pytest.TestReport]]) -> int:
    """Count the tests that were not run for want of a browser."""
    return sum(LACKS in str(report.longrepr) for report in stats.get("skipped", ()))


def axe() -> str:
    """Return what judges a page for those who do not see it; skip the test where it is not installed."""
    return AXE.read_text() if AXE.exists() else pytest.skip(LACKS)


@contextmanager
def running() -> Iterator[object]:
    """Start a browser and end it; skip the test where there is none.

    While it runs, its driver has an event loop on this thread: nothing else may use asyncio here until it is ended.
    """
    program = find()
    if not program:
        pytest.skip(LACKS)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser to drive

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()
