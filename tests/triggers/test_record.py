"""The record over HTTP: what was decided is in it when the answer comes, byte by byte, and where none is kept it says so."""

import json

import pytest

from shared.record import keeping
from shared.record.check import faults_against, faults_within
from shared.record.entries import Record
from tests.triggers.conftest import principal, with_settings

ONE = "/api/migrations/finance.1"


@pytest.fixture
def storage(azurite):
    """Azurite's: records are append blobs."""
    return azurite.connection_string


@pytest.fixture
def kept(local, unique):
    with_settings(local, AZFERRY_RECORD_CONTAINER=f"{unique}-record")
    return local


@pytest.fixture
def migration(ask, plan):
    assert ask("POST", "/api/migrations?by=ada", plan).status == 202
    return plan


def texts(answer):
    return [json.loads(line)["event"]["what"] for line in answer.raw.splitlines()]


def test_who_started_paused_and_changed_is_in_the_record_at_once_and_as_the_ledger_tells_it(kept, ask, migration):
    ask("POST", f"{ONE}/pause", {"by": "eve", "comment": "wait for the bank"})
    ask("POST", f"{ONE}/resume", {"by": "eve"})
    answer = ask("GET", f"{ONE}/record")

    assert (200, ["plan-accepted", "paused", "resumed"]) == (answer.status, texts(answer))
    assert [] == list(faults_within(Record.read(answer.raw)))
    assert [] == list(faults_against(Record.read(answer.raw), ask("GET", f"{ONE}/events?top=1000").body["value"]))


def test_a_decision_stands_where_the_record_cannot_be_kept_and_the_timer_makes_it_good(
    kept, ask, call, migration, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(keeping.append_blobs, "append", lambda *_: 1 / 0)
        assert 202 == ask("POST", f"{ONE}/pause", {"by": "eve"}).status
    assert ["plan-accepted"] == texts(ask("GET", f"{ONE}/record"))
    call("keep_record", None)

    assert ["plan-accepted", "paused"] == texts(ask("GET", f"{ONE}/record"))


def test_where_none_is_kept_it_is_said_what_keeps_one(ask, migration):
    answer = ask("GET", f"{ONE}/record")

    assert (404, True) == (answer.status, "AZFERRY_RECORD_DAYS" in answer.body["advice"])


def test_a_migration_that_is_not_there_has_none(kept, ask):
    assert 404 == ask("GET", f"{ONE}/record").status


def test_who_may_not_see_the_plan_may_not_see_the_record(kept, ask):
    with_settings(kept, AZFERRY_SIGN_IN="true", AZFERRY_LOCAL="false")

    assert 403 == ask("GET", f"{ONE}/record", headers=principal("ann", "reader")).status
    assert 404 == ask("GET", f"{ONE}/record", headers=principal("ann", "approver")).status
