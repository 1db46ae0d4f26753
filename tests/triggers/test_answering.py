"""What people ask while storage hangs: 503 with Retry-After after one short try, on every way in."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from shared.plan.schema import EXAMPLE
from shared.storage import patience, tables
from tests.triggers.conftest import FUNCTIONS, principal
from triggers import answering
from triggers.operations import OPERATIONS

ONE = "/api/migrations/finance.1"
NEEDS_NO_STORAGE = {
    "/api/plans/validate",
    "/api/plans/import",
    "/api/plans/select",
    "/api/schemas/plan",
    "/api/openapi.json",
}
TOLD_OTHERWISE = {
    "/api/health",
    "/api/doctor",
}  # see test_health.py, and tests of the doctor: they tell what is out of reach


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
            threading.Thread(target=self._serve, args=[self._taken[-1]], daemon=True).start()

    @staticmethod
    def _serve(connection):
        """Say nothing."""

    @property
    def connections(self):
        return len(self._taken)

    def close(self):
        self._server.close()
        for each in self._taken:
            each.close()


class Forgetful(Silence):
    """A storage that answers once on each connection, and closes it at the next question, as after a long rest."""

    @staticmethod
    def _serve(connection):
        body = b'{"PartitionKey": "a", "RowKey": "b"}'
        status = b"201 Created" if _heard(connection).startswith(b"POST") else b"200 OK"
        connection.sendall(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
        )
        with suppress(OSError):  # the test may have ended
            _heard(connection)
            connection.shutdown(socket.SHUT_RDWR)


def _heard(connection):
    """Read one request to its end: what comes here has no body, or a short one that comes with its head."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += connection.recv(65_536) or b"\r\n\r\n"
    return heard


def _stands_in(local, made):
    at = "".join(f"{kind}Endpoint=http://127.0.0.1:{made.port}/a;" for kind in ("Table", "Blob", "Queue"))
    local.setenv("AZFERRY_STORAGE", f"AccountName=a;AccountKey=c2VjcmV0;{at}")
    tables.settings.cache_clear()
    tables.forget()
    yield made
    made.close()


@pytest.fixture
def silence(local):
    yield from _stands_in(local, Silence())


@pytest.fixture
def forgetful(local):
    yield from _stands_in(local, Forgetful())


IN_PATHS = {
    "{migration}": "finance.1",
    "{machine}": "shop-web1",
    "{backup}": "20261130T020000Z",
    "{profile}": "prod-weu",
}
HEADERS = principal() | {"If-Match": '"1"'}


def needs_storage(method, path):
    """Whether tables or blobs are asked before it is answered; a backup is begun by the hub, and meets them later."""
    return path not in NEEDS_NO_STORAGE | TOLD_OTHERWISE and (method, path) != ("POST", "/api/backups")


def requests():
    """Every way in that needs storage, with a body that it takes."""
    for each in OPERATIONS:
        if needs_storage(each.method.upper(), each.path):
            path = each.path
            for name, value in IN_PATHS.items():
                path = path.replace(name, value)
            yield each.method.upper(), path, each.example or {}


WAYS_IN = {f"{method} {path}": (method, path, body) for method, path, body in requests()}


def test_every_way_in_is_looked_at():
    triggers = [trigger for trigger, _ in FUNCTIONS.values() if trigger.type == "httpTrigger"]
    served = {(method.value, each.route) for each in triggers for method in each.methods or ()}
    ways = {(each.method.upper(), each.path.lstrip("/")) for each in OPERATIONS}

    assert ways <= served
    left_out = {(method, path) for method, path in ways if not needs_storage(method, f"/{path}")}
    assert len(WAYS_IN) + len(left_out) == len(ways)


def test_who_asks_while_storage_hangs_is_told_to_come_back(local, ask, silence):
    """All at once, with a short patience: the real one is asked for below."""
    local.setattr(answering, "FOR_PEOPLE", patience.Patience(tries=0, connecting=1, reading=1))

    def send(way):
        method, path, body = way
        return ask(method, path, body, HEADERS)

    with ThreadPoolExecutor(len(WAYS_IN)) as pool:
        answers = dict(zip(WAYS_IN, pool.map(send, WAYS_IN.values()), strict=True))

    assert dict.fromkeys(WAYS_IN, 503) == {name: answer.status for name, answer in answers.items()}
    assert dict.fromkeys(WAYS_IN, "5") == {name: answer.headers.get("Retry-After") for name, answer in answers.items()}
    assert all("storage is out of reach" in each.body["detail"] for each in answers.values())
    assert len(WAYS_IN) == silence.connections  # one try each


def test_people_wait_five_seconds_at_most_and_probes_two(ask, silence):
    assert (0, 5) == (patience.FOR_PEOPLE.tries, patience.FOR_PEOPLE.reading)
    assert (0, 2) == (patience.FOR_A_PROBE.tries, patience.FOR_A_PROBE.reading)

    assert 503 == ask("GET", ONE, headers=principal()).status
    assert 503 == ask("GET", "/api/health").status
    assert 2 == silence.connections


def test_a_plan_is_judged_without_storage(ask, silence):
    assert 200 == ask("POST", "/api/plans/validate", EXAMPLE, principal()).status
    assert 0 == silence.connections


@pytest.mark.parametrize("granted", [patience.FOR_PEOPLE, patience.FOR_A_PROBE])
def test_a_connection_that_storage_closed_meanwhile_is_no_outage(forgetful, granted):
    with patience.with_patience(granted):
        kept = tables.table("things")  # made with the first connection, which is closed at the second question
        assert [kept.get_entity("a", "b")["RowKey"] for _ in range(3)] == ["b"] * 3

    assert 4 == forgetful.connections
