"""What an earlier build left behind is read, gone on with and decided on by this one; docs/upgrading.md says what is played.

A set is what a real run left: the backup that the build itself wrote in the middle of a migration, and its instances' histories.
"""

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from zipfile import ZipFile

import pytest

from shared.backup import restoring
from shared.backup.manifest import KEPT
from shared.coordination import gates
from shared.coordination.decision import Decision, Verdict
from shared.decisions.deciding import decide
from shared.ledger import migrations, plans
from shared.ledger.history import before
from shared.ledger.machine_row import MachineRow
from shared.ledger.readiness import Handover, Unfit
from shared.reconciliation.standing_gauges import measure
from shared.record.keeping import keep
from shared.record.place import content_of
from shared.reporting import ledger_views
from shared.reporting.evidence_pack import evidence_of
from shared.reporting.report import KINDS, file_of, report_of
from shared.settings import settings
from shared.states import MachineState, MigrationStatus, Outcome
from shared.storage import tables
from shared.storage.entities import from_entity
from shared.storage.rows import Rows
from tests.architecture import modules
from tests.orchestrators.histories.recording import History
from tests.orchestrators.histories.test_replay import check
from tests.upgrade.recording import SETS

NAMES = sorted(path.stem for path in SETS.glob("*.zip"))
NOW = datetime(2026, 12, 24, tzinfo=UTC)


def files(name, folder):
    with ZipFile(SETS / f"{name}.zip") as archive:
        return {each: archive.read(each) for each in archive.namelist() if each.startswith(f"{folder}/")}


HISTORIES = [
    pytest.param(History(**json.loads(body)), id=f"{name}-{path.removeprefix('histories/')}")
    for name in NAMES
    for path, body in files(name, "histories").items()
]


@pytest.mark.parametrize("history", HISTORIES)
def test_todays_orchestrators_ask_for_what_an_earlier_build_asked_for(history):
    check(history)


def test_the_sets_show_instances_that_run_and_that_have_ended():
    orchestrators = {each.values[0].orchestrator for each in HISTORIES}

    assert NAMES
    assert {"migrate", "migrate_road", "walk_machine", "cut_over_cohort", "roll_back", "watch_vault"} <= orchestrators


@pytest.fixture(params=NAMES)
def left(request, storage, unique, monkeypatch):
    """The ledger that an earlier build left, put back by this one."""
    names = {"STORAGE": storage, "TABLE_PREFIX": unique, "PLANS_CONTAINER": unique}
    for name, value in (names | {"BACKUP_CONTAINER": f"{unique}-b", "RECORD_CONTAINER": f"{unique}-r"}).items():
        monkeypatch.setenv(f"AZFERRY_{name}", value)
    settings.cache_clear()
    tables.forget()
    plans._load.cache_clear()  # noqa: SLF001 - what this process remembers of other tests
    for path, body in files(request.param, "backup").items():
        tables.backup_container().upload_blob(path.removeprefix("backup/"), body)
        backup = path.split("/")[1]
    for number in range(restoring.prove(backup)):
        restoring.put_step(backup, number)
    yield restoring.manifest_of(backup)
    settings.cache_clear()
    tables.forget()


def kinds_of_rows():
    """Every kind of rows by the name of its table, wherever it is declared."""
    found = {}
    for name in (each for each, source in modules().items() if each.startswith("shared.") and "Rows(" in source):
        for value in vars(import_module(name)).values():
            if isinstance(value, Rows):
                found[value.name] = value
    return found


def test_every_row_is_read_and_says_what_it_said(left):
    kinds = kinds_of_rows()

    assert set(left.rows) <= set(KEPT)
    for name in (name for name, count in left.rows.items() if count):
        rows = list(kinds[name].everywhere("PartitionKey ne @none", {"none": ""}))
        assert (name, left.rows[name]) == (name, len(rows))


def test_people_see_how_each_migration_stands(left):
    seen = {each.id: ledger_views.migration(each.id, NOW) for each in migrations.everything()}
    machines = {name: [each.state for each in ledger_views.every_machine(name, NOW)] for name in seen}

    assert {"arrived.1": Outcome.SUCCEEDED, "returned.1": Outcome.CANCELLED, "halfway.1": Outcome.NONE} == {
        name: each.outcome for name, each in seen.items()
    }
    assert [MachineState.FINALIZED] == machines["arrived.1"]
    assert [MachineState.READY_FOR_CUTOVER] * 2 == machines["halfway.1"]
    assert [("cutover", ("m4", "m5"))] == [(each.name, tuple(sorted(each.pending))) for each in seen["halfway.1"].gates]
    assert MigrationStatus.ENDED != seen["halfway.1"].status
    assert before([], "x") == {}
    assert [] == list(measure(NOW, ("halfway.1",)))


@pytest.mark.parametrize("migration", ["arrived.1", "returned.1", "halfway.1"])
def test_its_reports_packs_and_record_are_made(left, migration):
    events = list(ledger_views.every_event(migration))
    report = report_of(ledger_views.migration(migration, NOW), ledger_views.every_machine(migration, NOW), events, NOW)

    assert all(file_of(report, kind) for kind in KINDS)
    assert evidence_of(migration, NOW)
    assert keep(migration, NOW)
    assert content_of(migration)


def test_what_waited_for_people_is_decided_by_this_build(left):
    started = migrations.existing("halfway.1").started_at
    approval = Decision(
        by="ada",
        verb="approve",
        verdict=Verdict.APPROVE,
        gate="cutover",
        roles=("azferry.approver",),
        at=started + timedelta(days=1),
    )

    outcome = decide("halfway.1", approval)

    assert {"m4", "m5"} == set(outcome.decision.machines)
    assert outcome.announcements
    assert gates.get("halfway.1", "one", "cutover").pending == ()


@pytest.mark.parametrize(
    ("row", "handed", "unfit"),
    [
        ({"handed": "", "unfit": ""}, None, None),
        ({"handed": "2.1.3"}, Handover(round=2, life=1, turn=3), None),
        ({"unfit": "critical health: 78007: no heartbeat"}, None, Unfit(trouble="critical health", why="78007: no heartbeat")),
    ],
)  # fmt: skip
def test_what_was_text_in_a_machines_row_is_what_it_said(row, handed, unfit):
    read = from_entity(MachineRow, {"migration": "finance.1", "name": "m1", **row})

    assert (handed, unfit) == (read.handed, read.unfit)
