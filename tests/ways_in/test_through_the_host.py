"""The ways in through the real host: HTTP with keys, the queue, the page."""

import base64
import json
from contextlib import suppress

import httpx
import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient

from shared.plan.schema import EXAMPLE

REQUESTS = "migration-requests"


def queue(app, name):
    return QueueClient.from_connection_string(app.storage, name)


@pytest.fixture(scope="module")
def requests(app):
    with queue(app, REQUESTS) as client:
        with suppress(ResourceExistsError):
            client.create_queue()
        yield client


def test_the_api_asks_for_a_key_and_the_page_does_not(app):
    origin = str(app.client.base_url)
    statuses = [
        httpx.get(origin + path, trust_env=False).status_code for path in ("/api/migrations", "/api/health", "/")
    ]

    assert [401, 200, 200] == statuses
    assert "<title>azferry</title>" in httpx.get(origin, trust_env=False).text


def test_a_plan_that_is_posted_runs_and_shows_its_first_events(app):
    answer = app.client.post("/api/migrations?by=ada", json=EXAMPLE | {"name": "posted"})

    assert (202, "/api/migrations/posted.1", "ada") == (
        answer.status_code,
        answer.headers["Location"],
        answer.json()["startedBy"],
    )
    assert 200 == app.client.post("/api/migrations?by=ada", json=EXAMPLE | {"name": "posted"}).status_code
    events = app.until(lambda client: _events(client, "posted.1", "round-began"))
    assert 1 == len(events)


def test_an_operator_can_pause_a_running_migration(app):
    app.client.post("/api/migrations", json=EXAMPLE | {"name": "paused"})
    answer = app.client.post("/api/migrations/paused.1/pause", json={"by": "eve", "comment": "freeze"})

    assert (202, "Paused") == (answer.status_code, answer.json()["status"])


def test_a_message_starts_a_migration(app, requests):
    requests.send_message(base64.b64encode(json.dumps(EXAMPLE | {"name": "queued"}).encode()).decode())

    assert app.until(lambda client: _events(client, "queued.1", "round-began"))


def test_a_bad_message_is_in_the_poison_queue_and_in_the_ledger(app, requests):
    requests.send_message('{"name": "Bad Name"}')
    events = app.until(lambda client: _events(client, "intake", "message-refused"))

    assert '{"name": "Bad Name"}' in [each["data"]["message"] for each in events]
    with queue(app, f"{REQUESTS}-poison") as poison:
        found = app.until(lambda _: _waiting_in(poison))
    assert "invalid-plan" in [each["reasons"]["type"].rpartition("/")[2] for each in found]
    assert app.client.get("/api/health/details").json()["refusedMessages"] >= 1


def _waiting_in(poison):
    with suppress(ResourceNotFoundError):  # the host makes the queue with its first message
        return [json.loads(each.content) for each in poison.peek_messages(32)]


def _events(client, migration, what):
    answer = client.get(f"/api/migrations/{migration}/events")
    found = answer.json()["value"] if answer.is_success else []
    return [each for each in found if each["what"] == what]
