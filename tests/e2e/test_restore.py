"""All storage of the app is lost in the middle of a migration; a backup is put back, and the migration goes on to its end."""

import httpx
import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from cli.failing import Failing
from local.stack.actor import Actor
from local.stack.rehearsal import Rehearsal
from shared import clock
from shared.backup.exporting import export
from shared.ids import protected_item_name
from shared.record.check import faults_within
from shared.record.entries import Record
from shared.record.place import content_of
from shared.settings import settings
from shared.storage import tables
from tests.e2e.killing import happened, ledger_of
from tests.e2e.stack_harness import QUICK, field_in, plan, states, wave, world

pytestmark = pytest.mark.timeout(300)


ONCE = {
    "write": 1,
    "testFailover/action": 1,
    "testFailoverCleanup/action": 1,
    "unplannedFailover/action": 1,
    "remove/action": 1,
}


def lose_everything(storage):
    """Delete tables, queues and blobs, the task hub's too; only backups are left."""
    with TableServiceClient.from_connection_string(storage) as service:
        for each in list(service.list_tables()):
            service.delete_table(each.name)
    with QueueServiceClient.from_connection_string(storage) as service:
        for each in list(service.list_queues()):
            service.delete_queue(each.name)
    with BlobServiceClient.from_connection_string(storage) as service:
        for each in list(service.list_containers()):
            if each.name not in (settings().backup_container, settings().record_container):
                service.delete_container(each.name)


def test_a_migration_goes_on_from_a_backup_and_does_nothing_twice(tmp_path, monkeypatch):
    monkeypatch.setenv("AZFERRY_RECORD_CONTAINER", "azferry-record")
    with field_in(tmp_path, world(2)) as field:
        field.jobs_take(QUICK)
        migration = field.start(plan("restored", wave("only", "m1", cutover={"mode": "machine"})))
        with ledger_of(field, monkeypatch):
            monkeypatch.setenv("AZFERRY_CLOCK_URL", field.stack.places.clock)
            settings.cache_clear()
            rehearsal, lost = Rehearsal(field.stack, field.people(migration)), happened("start-test-failover-began")
            with Actor(field.stack.places.clock) as actor:
                picture = None
                while picture is None or not picture.ended:
                    if lost(migration):
                        lose_and_restore(field)
                        rehearsal.forget()
                    try:
                        picture = rehearsal.step(actor, migration, 0.02)
                    except Failing:
                        continue
            record = Record.read(content_of(migration))
        done = field.done(protected_item_name(migration, "m1"))
    assert states(picture) == {"m1": "Finalized"}
    assert picture.migration.outcome == "Succeeded"
    assert [] == list(faults_within(record))
    assert "plan-accepted" in {each.event["what"] for each in record.entries}
    assert {name.rpartition("/replicationProtectedItems/")[2]: count for name, count in done.items()} == ONCE


def lose_and_restore(field):
    """Stop the host, back up, lose all storage, start the host on nothing, restore by the API as the command line does."""
    field.stack.host.kill()
    made = export(clock.now())
    lose_everything(field.stack.places.storage)
    tables.forget()
    field.stack.start_host()
    with httpx.Client(headers={"x-functions-key": field.stack.key}, timeout=60, trust_env=False) as client:
        place = f"{field.stack.host.url}/api/backups/{made.name}/restore"
        answer = client.post(place)
        assert 202 == answer.status_code, answer.text
        while answer.status_code == 202:
            answer = client.get(place)
    assert 200 == answer.status_code, answer.text
