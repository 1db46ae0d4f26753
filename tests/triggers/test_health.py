"""What the health check says of version and storage."""

import json
import socket
from datetime import timedelta

import azure.functions as func
import pytest

from shared import clock
from shared.reconciliation import heartbeats
from shared.reconciliation.heartbeats import FramePart
from shared.settings import settings
from shared.storage import tables
from shared.version import VERSION
from triggers.health import health

ASKED = func.HttpRequest("GET", "/api/health", body=b"")


@pytest.fixture
def storage(azurite):
    """Azurite's: it asks a queue."""
    return azurite.connection_string


@pytest.fixture
def environment(monkeypatch):
    settings.cache_clear()
    tables.forget()
    yield monkeypatch
    settings.cache_clear()
    tables.forget()


def health_of_the_app():
    answer = health.build().get_user_function()(ASKED)
    return answer.status_code, json.loads(answer.get_body())


def test_a_healthy_app_says_its_version_and_that_it_reaches_its_storage(environment, storage):
    environment.setenv("AZFERRY_STORAGE", storage)

    assert (200, {"version": VERSION, "storage": "reachable"}) == health_of_the_app()


def test_an_app_that_cannot_reach_its_storage_says_so_and_shows_no_connection_string(environment):
    environment.setenv("AZFERRY_STORAGE", "AccountName=a;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:9/a")

    assert (503, {"version": VERSION, "storage": "unreachable"}) == health_of_the_app()


@pytest.mark.parametrize("storage", ["", "nonsense"])
def test_an_app_without_usable_storage_is_not_healthy(environment, storage):
    environment.setenv("AZFERRY_STORAGE", storage)
    environment.delenv("AzureWebJobsStorage", raising=False)

    assert health_of_the_app()[0] == 503


@pytest.fixture
def silent():
    """A storage that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"AccountName=a;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:{server.getsockname()[1]}/a"


def test_storage_that_hangs_is_unreachable_after_one_short_try(environment, silent):
    environment.setenv("AZFERRY_STORAGE", silent)

    assert (503, {"version": VERSION, "storage": "unreachable"}) == health_of_the_app()


def test_those_who_may_know_are_told_what_stands_still(local, ask):
    now = clock.now()
    watcher = FramePart("vault.a", "the watcher of vault rsv", watches=True)
    heartbeats.beat(watcher, now - timedelta(hours=1), timedelta(seconds=30))
    heartbeats.beat(heartbeats.RECONCILE, now, heartbeats.EVERY)

    answer = ask("GET", "/api/health/details")

    assert 200 == answer.status
    (late,) = answer.body["late"]
    assert late.startswith("the watcher of vault rsv was last seen at ")
    assert 0 == answer.body["refusedMessages"]
