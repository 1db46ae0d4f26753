"""The record follows from the ledger: kept once, by whoever comes, however often and wherever a host died; in real append blobs."""

import io
import json
import zipfile

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.storage.blob import BlobClient

from shared.coordination.decision import Decision, Verdict
from shared.decisions import door
from shared.ledger import events, migrations, plans
from shared.ledger.migration_row import MigrationRow
from shared.models import Scope
from shared.plan.schema import EXAMPLE
from shared.reconciliation import heartbeats
from shared.record import keeping, upkeep
from shared.record.check import faults_against, faults_within
from shared.record.entries import Record
from shared.record.place import content_of
from shared.reporting import ledger_views
from shared.settings import settings
from shared.states import MigrationStatus, Outcome
from shared.storage.tables import record_container


@pytest.fixture
def kept(store, unique, monkeypatch):
    monkeypatch.setenv("AZFERRY_RECORD_CONTAINER", f"{unique}-record")
    settings.cache_clear()
    return unique


@pytest.fixture
def migration(kept, at):
    migrations.create(MigrationRow(id="finance.1", plan="finance", started_at=at(0)))
    return "finance.1"


def decide(migration, at, wave="shop", comment="as agreed", machines=("web1",)):
    decision = Decision(by="ada", at=at, verb="approve", verdict=Verdict.APPROVE, gate="cutover", comment=comment)
    door.tell(migration, decision.replace(waves=(wave,), machines=machines).named(migration))


def record_of(migration):
    return Record.read(content_of(migration))


def words(migration):
    return [each.event["text"] for each in record_of(migration).entries]


def is_whole(migration):
    seen = [
        each.model_dump(mode="json", by_alias=True, exclude_none=True) for each in ledger_views.every_event(migration)
    ]
    record = record_of(migration)
    return [*faults_within(record), *faults_against(record, seen)] == []


def test_decisions_are_kept_in_their_order_and_nothing_that_a_machine_did(migration, at):
    decide(migration, at(1))
    events.write(Scope(migration=migration, now=at(2)), "looked", "a look")
    decide(migration, at(3), "reporting")

    assert 2 == keeping.keep(migration, at(4))
    assert ["shop", "reporting"] == [each.event["decision"]["waves"][0] for each in record_of(migration).entries]
    assert is_whole(migration)


def test_whoever_keeps_again_adds_nothing(migration, at):
    decide(migration, at(1))

    assert [1, 0, 0] == [keeping.keep(migration, at(minute)) for minute in (2, 3, 4)]


def test_what_is_told_later_of_an_earlier_moment_is_kept_too(migration, at):
    decide(migration, at(5))
    keeping.keep(migration, at(6))
    decide(migration, at(1), "reporting")  # its host died, and it is told again

    assert 1 == keeping.keep(migration, at(7))
    assert is_whole(migration)


def test_a_decision_that_grows_is_kept_as_it_stands_then(migration, at):
    decision = Decision(by="ada", at=at(1), verb="approve", verdict=Verdict.APPROVE, gate="cutover").named(migration)
    door.tell(migration, decision.replace(waves=("shop",)))
    keeping.keep(migration, at(2))
    door.tell(migration, decision.replace(waves=("reporting",)))
    keeping.keep(migration, at(3))

    assert [["shop"], ["shop", "reporting"]] == [
        each.event["decision"]["waves"] for each in record_of(migration).entries
    ]
    assert is_whole(migration)


def test_many_who_keep_at_once_leave_one_entry_for_each_decision(migration, at, together):
    for number in range(6):
        decide(migration, at(number), comment=f"word {number}")

    added = together(lambda _: keeping.keep(migration, at(9)), [None] * 8)

    assert 6 == sum(added)
    assert 6 == len(record_of(migration).entries)
    assert is_whole(migration)


@pytest.mark.parametrize("was_written", [False, True])
def test_a_host_that_dies_at_the_addition_loses_none_and_adds_none_twice(migration, at, monkeypatch, was_written):
    decide(migration, at(1))
    real = BlobClient.append_block

    def lost(self, *args, **more):
        if was_written:
            real(self, *args, **more)
        raise ServiceResponseError("the connection was reset")

    with monkeypatch.context() as patch:
        patch.setattr(BlobClient, "append_block", lost)
        keeping.keep_soon(migration, at(2))  # what was decided stands: nothing is raised
    keeping.keep(migration, at(3))

    assert 1 == len(record_of(migration).entries)
    assert is_whole(migration)


def test_somebody_who_writes_behind_us_is_seen_and_does_not_stop_the_record(migration, at):
    decide(migration, at(1))
    keeping.keep(migration, at(2))
    record_container().get_blob_client("decisions/finance.1.jsonl").append_block(b"not a line of ours")
    decide(migration, at(3), "reporting")

    assert 1 == keeping.keep(migration, at(4))
    assert ["line 2 is no entry of a record"] == list(faults_within(record_of(migration)))
    assert 2 == len(record_of(migration).entries)


def test_a_row_of_the_ledger_that_somebody_rewrites_is_told_and_what_was_said_stays(migration, at):
    decide(migration, at(1))
    keeping.keep(migration, at(2))
    (event,) = events.TABLE.of(migration)
    forged = event.replace(by="eve", decision=event.decision.replace(by="eve"))
    events.TABLE.put(migration, events.id_of(event), forged)
    keeping.keep(migration, at(3))

    assert "ada" == record_of(migration).entries[0].event["by"]
    assert not is_whole(migration)


@pytest.fixture
def ended(migration, at):
    plans.save(migration, json.dumps(EXAMPLE).encode())
    decide(migration, at(1))

    def end(minute):
        row = migrations.get(migration)
        done = {"status": MigrationStatus.ENDED, "outcome": Outcome.SUCCEEDED, "ended_at": at(minute)}
        migrations.TABLE.put(migrations.ALL, migration, row.replace(**done))

    end(5)
    return end


def packs():
    return sorted(each.name for each in record_container().list_blobs(name_starts_with="evidence/"))


def test_the_evidence_of_a_migration_is_kept_each_time_that_it_ends(ended, migration, at):
    for minute in (6, 6, 7):
        upkeep.look_after(at(minute))
    ended(60)
    upkeep.look_after(at(61))

    assert [
        "evidence/finance.1/20261121T000500.000000Z.zip",
        "evidence/finance.1/20261121T010000.000000Z.zip",
    ] == packs()
    assert ["decision", "evidence", "evidence"] == [each.kind for each in record_of(migration).entries]
    assert is_whole(migration)


def test_a_pack_whose_entry_was_lost_with_its_host_is_the_one_that_is_told(ended, migration, at, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(keeping.append_blobs, "append", lambda *_: False)
        patch.setattr(keeping, "pause", lambda _: None)
        upkeep.look_after(at(6))
    assert [] == packs(), "a decision comes first, and could not be kept"
    keeping.keep(migration, at(7))
    with monkeypatch.context() as patch:
        patch.setattr(keeping.append_blobs, "append", lambda *_: False)
        patch.setattr(keeping, "pause", lambda _: None)
        upkeep.look_after(at(8))
    decide(migration, at(9), "reporting")  # another state, so other bytes
    upkeep.look_after(at(10))

    (pack,) = packs()
    body = record_container().download_blob(pack).readall()
    assert keeping.append_blobs.read(record_container(), pack) == body
    assert [hash_of(body)] == [each.sha256 for each in record_of(migration).entries if each.kind == "evidence"]
    assert ["decision", "decision", "evidence"] == [each.kind for each in record_of(migration).entries]


def hash_of(body):
    from shared.backup.manifest import digest_of  # noqa: PLC0415 - of one test

    return digest_of(body)


def test_a_kept_pack_holds_the_record_up_to_then(ended, migration, at):
    upkeep.look_after(at(6))
    with zipfile.ZipFile(io.BytesIO(record_container().download_blob(packs()[0]).readall())) as pack:
        assert content_of(migration).startswith(pack.read("record.jsonl"))
        assert pack.read("record.jsonl")


def test_the_timer_looks_at_what_ended_since_the_record_was_whole_however_long_ago(ended, migration, at):
    upkeep.look_after(at(6))
    decide(migration, at(20), "late")
    added = upkeep.look_after(at(60 * 24 * 30))  # the app stood still for a month
    decide(migration, at(60 * 24 * 30 + 1), "later")

    assert (1, 0) == (added, upkeep.look_after(at(60 * 24 * 30 + 5)))


def test_a_record_that_cannot_be_kept_is_late_and_says_so(migration, at, monkeypatch):
    upkeep.look_after(at(0))
    monkeypatch.setattr(keeping.append_blobs, "read", lambda *_: 1 / 0)
    upkeep.look_after(at(20))

    assert ["the record of decisions"] == [
        each.what for each in heartbeats.late(at(21)) if each.name == upkeep.RECORD.name
    ]


def test_where_no_record_is_kept_nothing_is_looked_at_and_nobody_is_late(store, at):
    assert 0 == upkeep.look_after(at(0))
    assert () == heartbeats.late(at(60))
