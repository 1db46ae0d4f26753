"""The whole road from EC2 to Azure, through the product's own doors."""

import json
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient

from shared.reconciliation import heartbeats
from shared.reconciliation.partitions import name_of
from tests.e2e.killing import ledger_of
from tests.e2e.stack_harness import QUICK, Decision, StackHarness, nobody, plan, states, waits_at, wave

pytestmark = pytest.mark.timeout(300)
ON_AZURITE = True

FINALIZED = "Finalized"
LATELY = timedelta(minutes=15)
REMOVED = "*/replicationProtectedItems/remove/action"


def test_a_fleet_arrives_in_azure_and_every_machine_moved_once(field, monkeypatch):
    field.jobs_take(1)  # as long as recorded: here people wait for Azure as they do
    migration = field.start(plan("fleet", wave("first", "m1", "m2"), wave("second", "m3", dependsOn=["first"])))
    picture = field.play(migration)
    field.jobs_take(QUICK)
    assert states(picture) == {"m1": FINALIZED, "m2": FINALIZED, "m3": FINALIZED}
    assert picture.migration.outcome == "Succeeded"
    assert all(each.downtime_seconds for each in picture.machines)
    assert set(field.power("m1", "m2", "m3").values()) == {"stopped"}
    removed = Counter(each["path"].lower() for each in field.log(operation=REMOVED) if each["status"] == 202)
    assert sorted(removed.values()) == [1, 1, 1]
    happened = field.what(migration)
    assert happened.count("rules-opened") == happened.count("rules-closed") == 1
    with ledger_of(field, monkeypatch):
        lately = {
            each.name for each in heartbeats.TABLE.of(heartbeats.ALL) if each.at > picture.migration.ended_at - LATELY
        }
    assert name_of(0) in lately  # the task hub has shown itself up to the end


def test_a_wave_that_is_approved_in_part_cuts_over_in_two_cohorts(field):
    gates = {"test": "skip", "cutover": "manual"}
    migration = field.start(plan("partly", wave("both", "m4", "m5", gates=gates, cutover={"mode": "recoveryPlan"})))
    waiting = field.play(
        migration, nobody("cutover"), until=lambda seen: [sorted(each.pending) for each in seen.gates] == [["m4", "m5"]]
    )
    assert states(waiting) == {"m4": "ReadyForCutover", "m5": "ReadyForCutover"}
    field.door.decide(migration, Decision("cutover", "approve", "both", ("m4",)))
    halfway = field.play(migration, nobody("cutover"), until=lambda seen: states(seen)["m4"] == FINALIZED)
    assert states(halfway)["m5"] == "ReadyForCutover"
    picture = field.play(migration)
    assert states(picture) == {"m4": FINALIZED, "m5": FINALIZED}
    plans = {each["path"] for each in field.log(operation="*/replicationRecoveryPlans/unplannedFailover/action")}
    assert len([path for path in plans if "partly" in path]) == 2


def test_a_rejected_machine_stays_where_it_is_and_a_retry_asks_again(field):
    gates = {"test": "skip", "cutover": "manual"}
    migration = field.start(plan("asked-twice", wave("one", "m6", gates=gates)))
    field.play(migration, nobody("cutover"), until=waits_at("cutover"))
    field.door.decide(migration, Decision("cutover", "reject", "one", ("m6",), comment="not on a Friday"))
    rejected = field.play(migration)
    assert states(rejected) == {"m6": "Failed"}
    assert rejected.machines[0].problem.id == "cutover-rejected"
    assert "not on a Friday" in rejected.machines[0].problem.detail
    assert field.power("m6") == {"m6": "running"}
    field.door.command(migration, "retry")
    assert states(field.play(migration)) == {"m6": FINALIZED}


def put(field: StackHarness, text: str) -> None:
    with QueueClient.from_connection_string(field.stack.places.storage, "migration-requests") as queue:
        with suppress(ResourceExistsError):  # in Azure the deployment makes it
            queue.create_queue()
        queue.send_message(text)


def test_a_plan_in_a_message_is_started_once_however_often_it_comes(field):
    wanted = json.dumps(plan("queued", wave("one", "m7", gates={"test": "skip", "cutover": "auto"})))
    put(field, wanted)
    put(field, wanted)
    picture = field.play(field.first("queued"))
    assert states(picture) == {"m7": "Finalized"}
    assert field.all_of("queued") == [picture.migration.id]
