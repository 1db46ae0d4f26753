"""The timer of the real app fires in the host, and puts right what was lost."""

import pytest

from local.simulator.options import Options
from local.simulator.server import running
from shared import clock, settings
from shared.coordination import waits
from shared.coordination.waits import Wait
from shared.decisions.people import played
from shared.intake import register
from shared.plan.reader import to_plan
from shared.plan.schema import EXAMPLE
from shared.storage import tables
from tests.ways_in.conftest import app_in

ROOT, WATCHER = "lost.1.migrate.1", "vault.lost"


@pytest.fixture
def fast(tmp_path, storage, unique, monkeypatch):
    """The app where five minutes pass in a second, and this process as a writer to the same storage."""
    with running(Options("scaled", 300.0)) as simulator:
        own = {
            "AZFERRY_STORAGE": storage,
            "AZFERRY_TABLE_PREFIX": unique,
            "AZFERRY_PLANS_CONTAINER": unique,
            "AZFERRY_QUEUE": f"{unique}-requests",
            "AZFERRY_CLOCK_URL": f"{simulator.url}/control/clock",
        }
        for name, value in own.items():
            monkeypatch.setenv(name, value)
        settings.settings.cache_clear()
        tables.forget()
        register.take_in(to_plan(EXAMPLE | {"name": "lost"}), played("ada"), clock.now())
        waits.arm(Wait(watch=WATCHER, id="lost.1.alive", instance="", event="", migration="lost.1", vault="{}"))
        with app_in(tmp_path, storage, own["AZFERRY_CLOCK_URL"], **own) as app:
            yield app
    settings.settings.cache_clear()
    tables.forget()


def test_tend_starts_what_was_lost_and_closes_what_vanished(fast):
    fast.until(lambda _: fast.instance(ROOT) == "Running")
    fast.until(lambda _: fast.instance(WATCHER))
    fast.terminate(ROOT)

    row = fast.until(_ended)  # the event is written before the round is closed

    assert row["outcome"] == "Failed"
    assert ["round-lost"] == _events(fast.client, "round-lost")


def _ended(client):
    row = client.get("/api/migrations/lost.1").json()
    return row if row["status"] == "Ended" else None


def _events(client, what):
    found = client.get("/api/migrations/lost.1/events").json()["value"]
    return [each["what"] for each in found if each["what"] == what]
