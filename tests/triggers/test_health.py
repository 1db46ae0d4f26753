"""What the health check says of version and storage."""

import json

import azure.functions as func
import pytest

from shared import tables
from shared.settings import settings
from shared.version import VERSION
from triggers.health import health

ASKED = func.HttpRequest("GET", "/api/health", body=b"")


@pytest.fixture
def environment(monkeypatch):
    settings.cache_clear()
    tables.forget()
    yield monkeypatch
    settings.cache_clear()
    tables.forget()


def ask():
    answer = health.build().get_user_function()(ASKED)
    return answer.status_code, json.loads(answer.get_body())


def test_a_healthy_app_says_its_version_and_that_it_reaches_its_storage(environment, storage):
    environment.setenv("AZFERRY_STORAGE", storage)

    assert (200, {"version": VERSION, "storage": "reachable", "refusedMessages": 0}) == ask()


def test_an_app_that_cannot_reach_its_storage_says_so_and_shows_no_connection_string(environment):
    environment.setenv("AZFERRY_STORAGE", "AccountName=a;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:9/a")

    assert (503, {"version": VERSION, "storage": "unreachable"}) == ask()


@pytest.mark.parametrize("storage", ["", "nonsense"])
def test_an_app_without_usable_storage_is_not_healthy(environment, storage):
    environment.setenv("AZFERRY_STORAGE", storage)
    environment.delenv("AzureWebJobsStorage", raising=False)

    assert ask()[0] == 503
