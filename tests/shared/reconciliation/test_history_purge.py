"""Old histories of closed rounds go one by one; what runs, and what is young, stays."""

import asyncio
import json

import pytest

from shared.decisions.people import played
from shared.durable import client_wire
from shared.durable.client_wire import Instance
from shared.intake import register
from shared.ledger import migrations
from shared.ledger.migration_rounds import close_round
from shared.plan.reader import to_plan
from shared.plan.schema import EXAMPLE
from shared.reconciliation.history_purge import purge
from shared.settings import settings

A_DAY = 24 * 60
pytestmark = pytest.mark.usefixtures("store")


class Hub:
    def __init__(self):
        self.instances, self.queries, self.refuses = [], [], set()

    async def purge_instance_history(self, instance_id):
        if instance_id in self.refuses:
            raise RuntimeError("Only orchestrations in a terminal state can be purged")
        self.instances = [each for each in self.instances if each.id != instance_id]

    def add(self, name, updated, **given):
        row = {"instanceId": name, "runtimeStatus": "Completed", "lastUpdatedTime": updated.isoformat()}
        self.instances.append(Instance.model_validate(row | {"input": json.dumps(given)}))


@pytest.fixture
def hub(monkeypatch, at):
    made = Hub()

    async def listed(client, prefix, query):
        made.queries.append(query)
        for each in list(made.instances):
            yield each

    monkeypatch.setattr(client_wire, "listed", listed)
    register.take_in(to_plan(EXAMPLE), played("ada"), at(0))
    return made


def purged(hub, now):
    asyncio.run(purge(hub, now))
    return [each.id for each in hub.instances]


def test_histories_of_closed_rounds_go_after_thirty_days(hub, at):
    hub.add("closed", at(0), migration="finance.1")
    hub.add("branch", at(0), children=[{"instance": "x", "request": {"migration": "finance.1"}}])
    hub.add("young", at(20 * A_DAY), migration="finance.1")
    hub.add("open", at(0), migration="finance.1", round=2)
    hub.add("stranger", at(0), migration="other.1")
    hub.add("watcher", at(0), vault="vault.x")
    close_round("finance.1", 1, at(1))
    migrations.change_row(migrations.Scope(migration="finance.1", round=2), lambda row: row.replace(open_rounds=(2,)))

    assert ["young", "open", "stranger", "watcher"] == purged(hub, at(31 * A_DAY))
    assert "Completed,Failed,Terminated" == hub.queries[0]["runtimeStatus"]
    assert "2026-11-22T00:00:00Z" == hub.queries[0]["createdTimeTo"]


def test_it_looks_once_a_day(hub, at):
    close_round("finance.1", 1, at(1))
    purged(hub, at(40 * A_DAY))
    hub.add("closed", at(0), migration="finance.1")

    assert ["closed"] == purged(hub, at(40 * A_DAY + 60))
    assert [] == purged(hub, at(41 * A_DAY + 60))


def test_what_the_hub_refuses_to_purge_keeps_nothing_else_from_going(hub, at):
    close_round("finance.1", 1, at(1))
    hub.refuses = {"a"}
    hub.add("a", at(0), migration="finance.1")
    hub.add("b", at(0), migration="finance.1")

    assert ["a"] == purged(hub, at(40 * A_DAY))


def test_nothing_goes_where_they_are_to_be_kept_for_ever(hub, at, monkeypatch):
    monkeypatch.setenv("AZFERRY_KEEP_HISTORIES", "0")
    settings.cache_clear()
    close_round("finance.1", 1, at(1))
    hub.add("a", at(0), migration="finance.1")

    assert ["a"] == purged(hub, at(400 * A_DAY))
