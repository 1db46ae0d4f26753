"""A ledger is written to a backup, wiped, and put back: every row and blob as it was."""

from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import EdmType, EntityProperty, TableServiceClient
from azure.storage.blob import BlobServiceClient

from shared.backup import exporting, restoring
from shared.backup.entity_lines import from_line, to_line
from shared.backup.manifest import KEPT, OBSERVED
from shared.ledger import events, machines, migrations, plans
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.models import Scope
from shared.problems import NotAllowedNow, NotFound, Refused
from shared.settings import settings
from shared.states import MachineState
from shared.storage import blobs, tables
from tests.infra.bicep import INFRA

AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
PLAN = b'{"name": "finance"}'


@pytest.fixture
def ledger(store, storage, unique, monkeypatch):
    """A ledger with a migration of two machines, and what comes with it."""
    monkeypatch.setenv("AZFERRY_BACKUP_CONTAINER", f"{unique}-backups")
    settings.cache_clear()
    migrations.create(MigrationRow(id="finance.1", plan="finance", started_at=AT, machines=2))
    machines.create_many(
        [MachineRow(migration="finance.1", name=name, wave="w", state=MachineState.NOT_READY) for name in ("a", "b")]
    )
    for number in range(3):
        events.write(Scope(migration="finance.1", now=AT + timedelta(minutes=number)), "looked", "ä" * 20_000)
    plans.save("finance.1", PLAN)
    blobs.write("facts/finance.1/a.json", b"{}")

    def everything():
        with TableServiceClient.from_connection_string(storage) as service:
            found = {name: _all(service.get_table_client(f"{unique}{name}")) for name in KEPT}
        return found, {name: blobs.read(name) for name in ("plans/finance.1.json", "facts/finance.1/a.json")}

    return everything


def restore(name):
    """Put a backup back as its orchestrator does."""
    for number in range(restoring.prove(name)):
        restoring.put_step(name, number)
    return restoring.manifest_of(name)


def _all(table):
    try:
        return sorted(
            (dict(each) for each in table.list_entities()), key=lambda each: (each["PartitionKey"], each["RowKey"])
        )
    except ResourceNotFoundError:
        return []


@pytest.fixture
def wipe(storage, unique):
    """Lose all tables and blobs, but not the backups."""

    def lose():
        with TableServiceClient.from_connection_string(storage) as service:
            for name in KEPT:
                service.delete_table(f"{unique}{name}")
        with BlobServiceClient.from_connection_string(storage) as service:
            for blob in service.get_container_client(unique).list_blob_names():
                service.get_container_client(unique).delete_blob(blob)
        tables.forget()
        plans._load.cache_clear()  # noqa: SLF001 - what this process remembers of them

    return lose


def test_what_was_wiped_is_put_back_as_it_was(ledger, wipe):
    before = ledger()
    made = exporting.export(AT)
    wipe()
    assert migrations.get("finance.1") is None

    restored = restore(made.name)

    assert ledger() == before
    assert restored == made
    assert (2, 3, 2) == (made.rows["machines"], made.rows["events"], made.blobs)
    assert plans.load("finance.1") == PLAN
    assert "ä" * 20_000 == events.page("finance.1")[0][0].text


def test_a_restore_that_was_cut_off_is_run_again(ledger, wipe):
    before = ledger()
    made = exporting.export(AT)
    wipe()
    steps = restoring.prove(made.name)
    for number in range(steps - 2):
        restoring.put_step(made.name, number)
    restore(made.name)
    assert ledger() == before


def test_a_ledger_that_was_never_lost_or_has_moved_on_since_keeps_what_it_has(ledger):
    made = exporting.export(AT)
    machines.change(Scope(migration="finance.1", machine="a", now=AT + timedelta(hours=1)), health="Critical")
    before = ledger()

    with pytest.raises(NotAllowedNow, match="never lost"):
        restoring.prove(made.name)
    for number in range(len(restoring._steps(restoring.manifest_of(made.name)))):  # noqa: SLF001 - run again by the hub
        restoring.put_step(made.name, number)
    assert ledger() == before


def test_a_host_that_dies_among_the_migrations_writes_those_that_are_lacking(ledger, wipe):
    migrations.create(MigrationRow(id="other.1", plan="other", started_at=AT))
    made = exporting.export(AT)
    wipe()
    restore(made.name)
    migrations.TABLE.drop(migrations.ALL, "other.1")
    moved = migrations.change(Scope(migration="finance.1", round=0, now=AT + timedelta(hours=1)), phase="assess")
    restore(made.name)

    assert (moved, "other") == (migrations.get("finance.1"), migrations.get("other.1").plan)


def test_a_host_that_dies_within_any_step_leaves_what_running_it_again_makes_whole(ledger, wipe, monkeypatch):
    monkeypatch.setattr(exporting, "ROWS_OF_A_FILE", 1)
    monkeypatch.setattr(restoring, "BLOBS_OF_A_STEP", 1)
    before = ledger()
    made = exporting.export(AT)
    wipe()
    steps = restoring.prove(made.name)
    for number in range(steps):
        assert migrations.get("finance.1") is None, "until the last step nothing begins"
        for _ in range(2):
            restoring.put_step(made.name, number)
    assert (ledger(), len(made.files)) == (before, steps)


def test_a_migration_that_is_begun_meanwhile_ends_it_before_any_migration_is_written(ledger, wipe):
    made = exporting.export(AT)
    wipe()
    steps = restoring.prove(made.name)
    for number in range(steps - 1):
        restoring.put_step(made.name, number)
    migrations.create(MigrationRow(id="other.1", plan="other", started_at=AT))

    with pytest.raises(NotAllowedNow, match=r"other\.1"):
        restoring.put_step(made.name, steps - 1)
    assert migrations.get("finance.1") is None


@pytest.mark.parametrize(("rows", "characters"), [(1, 10**9), (10**9, 30_000), (10**9, 1)])
def test_no_more_than_a_file_of_rows_is_held_in_memory(ledger, wipe, monkeypatch, rows, characters):
    monkeypatch.setattr(exporting, "ROWS_OF_A_FILE", rows)
    monkeypatch.setattr(exporting, "LARGEST_FILE", characters)
    before = ledger()
    made = exporting.export(AT)
    wipe()
    restore(made.name)

    assert 3 == sum(path.startswith("tables/events/") for path in made.files)
    assert ledger() == before


def test_a_backup_that_was_promised_a_name_is_written_under_it_again(ledger):
    for minute in (1, 2):
        assert "20261121T050000Z" == exporting.export(AT + timedelta(minutes=minute), "20261121T050000Z").name
    assert ("20261121T050000Z",) == exporting.names()


def test_a_migration_that_stands_otherwise_is_not_written_over(ledger):
    made = exporting.export(AT)
    migrations.create(MigrationRow(id="other.1", plan="other", started_at=AT))
    before = ledger()

    with pytest.raises(NotAllowedNow, match=r"other\.1"):
        restore(made.name)

    assert ledger() == before


def test_a_damaged_backup_is_refused_before_anything_is_written(ledger, wipe):
    made = exporting.export(AT)
    path = next(each for each in made.files if each.startswith("tables/machines"))
    tables.backup_container().upload_blob(f"{made.name}/{path}", b"other", overwrite=True)
    wipe()

    with pytest.raises(Refused, match="not what was written"):
        restore(made.name)

    assert migrations.get("finance.1") is None
    assert blobs.read("plans/finance.1.json") is None


@pytest.mark.parametrize("name", ["20000101T000000Z", "../azferry-plans", ""])
def test_a_backup_that_is_not_there_is_not_found(ledger, name):
    with pytest.raises(NotFound):
        restore(name)


def test_a_backup_that_broke_off_is_none(ledger, monkeypatch):
    monkeypatch.setattr(exporting, "FILE", "unfinished.json")
    exporting.export(AT)
    monkeypatch.undo()
    assert exporting.names() == ()


def test_a_backup_is_written_when_the_newest_is_old_enough(ledger, monkeypatch):
    monkeypatch.setenv("AZFERRY_BACKUP_HOURS", "6")
    settings.cache_clear()
    assert exporting.export_when_due(AT)
    assert exporting.export_when_due(AT + timedelta(hours=5)) is None
    assert exporting.export_when_due(AT + timedelta(hours=6))
    assert len(exporting.names()) == 2


def test_no_hours_are_no_backups(ledger, monkeypatch):
    monkeypatch.setenv("AZFERRY_BACKUP_HOURS", "0")
    settings.cache_clear()
    assert exporting.export_when_due(AT) is None


def test_every_table_is_kept_or_only_observed():
    import json  # noqa: PLC0415

    assert sorted((*KEPT, *OBSERVED)) == json.loads((INFRA / "tables.json").read_text())
    assert KEPT[-1] == restoring.LAST


def test_every_type_of_value_comes_back_as_it_was():
    entity = {
        "text": "a\nb",
        "flag": True,
        "small": 7,
        "real": 2.0,
        "large": EntityProperty(2**40, EdmType.INT64),
        "at": AT + timedelta(microseconds=5),
    }
    back = from_line(to_line(entity))

    assert back == entity
    assert [type(each) for each in back.values()] == [str, bool, int, float, EntityProperty, datetime]
