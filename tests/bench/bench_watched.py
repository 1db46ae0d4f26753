"""Measures a minute in which people watch a thousand machines that are copied: `python -m tests.bench.bench_watched [COUNT]`.

The app's own functions answer on loopback, the ledger is in Azurite, a real browser has the page open; then the command
line watches instead. Each machine gets on once in the minute, and each tenth of them enters a phase.
"""

# ruff: noqa: T201 - a bench prints its table
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local import azurite
from shared.ledger import events, machines
from shared.settings import settings
from tests import browser
from tests.bench.counting import Requests, count_in_log, requests
from tests.triggers.page import fleet
from tests.triggers.page.serving import Served, serving

COUNT, LOOKS, EVERY = 1_000, 30, 2.0
BEFORE = 5_800_000 * LOOKS  # bytes of the page's minute at commit 0684d47
COMMAND_LINE = (sys.executable, "-m", "cli")


@contextmanager
def ledger(folder: Path) -> Iterator[Path]:
    """Have a ledger in Azurite; gives its log."""
    count_in_log()
    with azurite.running(folder, in_memory=True) as storage:
        os.environ |= {"AZFERRY_STORAGE": storage.connection_string, "AZFERRY_LOCAL": "true"}
        settings.cache_clear()
        yield folder / "azurite.log"


def minute(migration: str, number: int) -> float:
    """Let each machine get on once within a minute; gives the CPU that the writing took."""
    names, spent = list(machines.states(migration)), 0.0
    for look in range(LOOKS):
        began, cpu = time.monotonic(), time.thread_time()
        for at, name in enumerate(names[look::LOOKS]):
            place = fleet.at(migration, name, look + number * LOOKS)
            machines.change(place, percent=(number + look) % 100 + 0.5)
            if at % 10 == 0:
                events.write(place, "entered", f"{name} goes on")
        spent += time.thread_time() - cpu
        time.sleep(max(0.0, EVERY - (time.monotonic() - began)))
    return spent


def measured(name: str, served: Served, log: Path, play: Callable[[], float]) -> None:
    """Play a minute and print what it cost beside the writing."""
    served.sent.clear()
    before, cpu, began = requests(log), time.process_time(), time.monotonic()
    writing = play()
    taken, wall = time.process_time() - cpu - writing, time.monotonic() - began
    sent = sum(size for *_, size in served.sent)
    print(f"{name}: {sent:,} bytes, {len(served.sent)} requests, {taken:.1f} s of CPU to answer, in {wall:.0f} s")
    print(f"  {'of them answered 304':28}{sum(status == 304 for _, _, status, _ in served.sent):8}")
    for operation, count in _since(before, requests(log)).most_common():
        print(f"  {'table ' + operation:28}{count:8}")
    if name == "page":
        print(f"  ratio to the {BEFORE:,} bytes before: {sent / BEFORE:.4f}   target 0.02")


def _since(before: Requests, after: Requests) -> Counter[str]:
    """Give what was asked of tables in between, the writing included: one replace for each machine and event."""
    return after.operations - before.operations


def by_command_line(served: Served, migration: str) -> Callable[[], float]:
    """Watch with the command line, which looks as often."""

    def play() -> float:
        command = (*COMMAND_LINE, "--url", served.url, "watch", migration)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as watching:
            spent = minute(migration, 2)
            watching.terminate()
        return spent

    return play


def main(count: int) -> None:
    """Print both minutes."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, ledger(Path(folder)) as log, serving() as served:
        migration = fleet.thousand(count)
        with browser.running() as chromium:
            page = chromium.new_context().new_page()  # type: ignore[attr-defined]
            page.goto(f"{served.url}/#/m/{migration}")
            page.locator("#list").wait_for(timeout=60_000)
            first = sum(size for *_, size in served.sent)
            print(f"{count:,} machines; the page's first look: {first:,} bytes")
            measured("page", served, log, lambda: minute(migration, 1))
        measured("command line", served, log, by_command_line(served, migration))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
