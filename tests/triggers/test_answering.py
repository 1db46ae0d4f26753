"""What people ask while storage hangs: 503 with Retry-After after one short try, on every way in."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import tables
from shared.plan.schema import EXAMPLE
from tests.triggers.conftest import FUNCTIONS, principal
from triggers import answering
from triggers.operations import OPERATIONS

ONE = "/api/migrations/finance.1"
NEEDS_NO_STORAGE = {"/api/plans/validate", "/api/schemas/plan", "/api/openapi.json"}
TOLD_OTHERWISE = {"/api/health"}  # see test_health.py


class Silence:
    """A storage that takes connections and never answers; it counts them."""

    def __init__(self):
        self._server, self._taken = socket.create_server(("127.0.0.1", 0), backlog=128), []
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        while True:
            try:
                self._taken.append(self._server.accept()[0])
            except OSError:
                return

    @property
    def connections(self):
        return len(self._taken)

    def close(self):
        self._server.close()
        for one in self._taken:
            one.close()


@pytest.fixture
def silence(local):
    made = Silence()
    at = "".join(f"{kind}Endpoint=http://127.0.0.1:{made.port}/a;" for kind in ("Table", "Blob", "Queue"))
    local.setenv("AZFERRY_STORAGE", f"AccountName=a;AccountKey=c2VjcmV0;{at}")
    tables.settings.cache_clear()
    tables.forget()
    yield made
    made.close()


def asked():
    """Every way in that needs storage, with a body that it takes."""
    for one in OPERATIONS:
        if one.path not in NEEDS_NO_STORAGE | TOLD_OTHERWISE:
            path = one.path.replace("{migration}", "finance.1").replace("{machine}", "shop-web1")
            yield one.method.upper(), path, one.example or {}


WAYS_IN = {f"{method} {path}": (method, path, body) for method, path, body in asked()}


def test_every_way_in_is_looked_at():
    triggers = [trigger for trigger, _ in FUNCTIONS.values() if trigger.type == "httpTrigger"]
    served = {(method.value, one.route) for one in triggers for method in one.methods or ()}
    ways = {(one.method.upper(), one.path.lstrip("/")) for one in OPERATIONS}

    assert ways <= served
    assert len(WAYS_IN) + len(NEEDS_NO_STORAGE | TOLD_OTHERWISE) == len(ways)


def test_who_asks_while_storage_hangs_is_told_to_come_back(local, ask, silence):
    """All at once, with a short patience: the real one is asked for below."""
    local.setattr(answering, "FOR_PEOPLE", tables.Patience(tries=0, connecting=1, reading=1))

    def send(way):
        method, path, body = way
        return ask(method, path, body, principal())

    with ThreadPoolExecutor(len(WAYS_IN)) as pool:
        told = dict(zip(WAYS_IN, pool.map(send, WAYS_IN.values()), strict=True))

    assert dict.fromkeys(WAYS_IN, 503) == {name: one.status for name, one in told.items()}
    assert dict.fromkeys(WAYS_IN, "5") == {name: one.headers.get("Retry-After") for name, one in told.items()}
    assert all("storage is out of reach" in one.body["detail"] for one in told.values())
    assert len(WAYS_IN) == silence.connections  # one try each


def test_people_wait_five_seconds_at_most_and_probes_two(ask, silence):
    assert (0, 5) == (tables.FOR_PEOPLE.tries, tables.FOR_PEOPLE.reading)
    assert (0, 2) == (tables.FOR_A_PROBE.tries, tables.FOR_A_PROBE.reading)

    assert 503 == ask("GET", ONE, headers=principal()).status
    assert 503 == ask("GET", "/api/health").status
    assert 2 == silence.connections


def test_a_plan_is_judged_without_storage(ask, silence):
    assert 200 == ask("POST", "/api/plans/validate", EXAMPLE, principal()).status
    assert 0 == silence.connections
