"""What the durable client's answers mean: who lives, who is gone, and who nobody knows of."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.contracts.contracts import WATCH_VAULT
from shared.contracts.watcher import Watch
from shared.durable import client_wire, durable_client
from shared.problems import Busy

A_PAGE = 2


class Wire(BaseHTTPRequestHandler):
    """Durable's local API, as far as it is asked: `codes` by instance, `all` in pages."""

    codes: dict
    all: list
    requests: list

    def do_GET(self):
        parts = urlsplit(self.path)
        name = parts.path.rpartition("/")[2]
        self.requests.append((name, parse_qs(parts.query)))
        if name:
            self._answer(self.codes.get(name, 404), b"")
            return
        start = int(self.headers.get("x-ms-continuation-token") or 0)
        end = start + A_PAGE
        token = str(end) if end < len(self.all) else ""
        self._answer(200, json.dumps(self.all[start:end]).encode(), token)

    def _answer(self, code, body, token=""):
        self.send_response(code)
        self.send_header("x-ms-continuation-token", token)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Client:
    """The SDK's client as generation 1 answers: an empty status for 400, 404 and 500."""

    def __init__(self, url):
        self._orchestration_bindings = SimpleNamespace(rpc_base_url=f"{url}/durabletask/")
        self.states, self.started, self.refuses = {}, [], None

    async def get_status(self, instance_id):
        state = self.states.get(instance_id)
        return SimpleNamespace(runtime_status=SimpleNamespace(name=state) if state else None)

    async def start_new(self, name, instance_id, client_input):
        self.started.append(instance_id)
        if self.refuses:
            self.states[instance_id] = "Running" if self.refuses == "lives" else None
            raise RuntimeError(f"An Orchestration instance with the status Running already exists. {instance_id}")


@pytest.fixture
def wire():
    handler = type("Handler", (Wire,), {"codes": {}, "all": [], "requests": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", handler=handler)
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(wire):
    return Client(wire.url)


def state(client):
    return asyncio.run(durable_client.state(client, "finance.1.migrate.1"))


@pytest.mark.parametrize(
    ("code", "means"), [(404, durable_client.ABSENT), (500, durable_client.UNCERTAIN), (400, durable_client.UNCERTAIN)]
)
def test_only_a_404_that_was_really_seen_is_an_absence(client, wire, code, means):
    wire.handler.codes["finance.1.migrate.1"] = code

    assert means == state(client)


def test_a_hub_that_cannot_be_reached_proves_nothing():
    assert durable_client.UNCERTAIN == state(Client("http://127.0.0.1:9"))


def test_a_known_status_is_given_as_it_is(client):
    client.states["finance.1.migrate.1"] = "Suspended"

    assert "Suspended" == state(client)


def test_a_start_that_is_refused_because_the_instance_lives_is_a_success(client):
    client.refuses = "lives"

    asyncio.run(durable_client.start(client, WATCH_VAULT, Watch(vault="v"), "v"))

    assert ["v"] == client.started


def test_a_start_that_nobody_took_is_tried_again_later(client):
    client.refuses = "fails"

    with pytest.raises(Busy, match="did not take the start of v"):
        asyncio.run(durable_client.start(client, WATCH_VAULT, Watch(vault="v"), "v"))


def test_a_list_goes_over_all_its_pages(client, wire):
    given = json.dumps({"migration": "finance.1"})
    row = {"runtimeStatus": "Running", "lastUpdatedTime": "2026-11-29T17:34:45Z", "input": given}
    names = ["finance.1.a", "finance.1.b", "finance.10.c", "finance.1.d", "finance.1.e"]
    wire.handler.all = [row | {"instanceId": name} for name in names]

    async def listed():
        return [each.id async for each in client_wire.listed(client, "finance.1.", {"runtimeStatus": "Running"})]

    assert ["finance.1.a", "finance.1.b", "finance.1.d", "finance.1.e"] == asyncio.run(listed())
    assert ["Running"] == wire.handler.requests[0][1]["runtimeStatus"]
