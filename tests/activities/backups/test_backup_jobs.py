"""Backups are written and put back by activities, each of which may run twice."""

from datetime import UTC, datetime

import pytest

from activities.backups.backup_jobs import keep_restore_result, prove_backup, put_back_step, write_backup_files
from shared.backup.restore_results import begin_result, result_of
from shared.contracts.backups import BackupRequest
from shared.ledger import migrations
from shared.ledger.migration_row import MigrationRow
from shared.problems import NotFound, Refused
from shared.settings import settings
from shared.storage import tables

AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
HERE = BackupRequest(backup="20261121T050000Z", now=AT)


@pytest.fixture
def backups(monkeypatch, storage, unique):
    monkeypatch.setenv("AZFERRY_STORAGE", storage)
    monkeypatch.setenv("AZFERRY_TABLE_PREFIX", unique)
    monkeypatch.setenv("AZFERRY_PLANS_CONTAINER", unique)
    monkeypatch.setenv("AZFERRY_BACKUP_CONTAINER", f"{unique}-backups")
    settings.cache_clear()
    tables.forget()
    yield
    settings.cache_clear()
    tables.forget()


def test_what_is_written_twice_is_one_backup_and_put_back_twice_one_ledger(backups):
    migrations.create(MigrationRow(id="finance.1", plan="finance", started_at=AT))
    for _ in range(2):
        write_backup_files(HERE)
    row = migrations.get("finance.1")
    migrations.TABLE.drop(migrations.ALL, "finance.1")

    for number in range(prove_backup(HERE).count):
        for _ in range(2):
            put_back_step(HERE.replace(step=number))

    assert row == migrations.get("finance.1")


def test_a_backup_that_is_not_there_is_refused(backups):
    with pytest.raises(NotFound):
        prove_backup(HERE)


def test_what_it_came_to_is_kept_and_a_new_try_has_come_to_nothing_yet(backups):
    assert result_of(HERE.backup) is None
    begin_result(HERE.backup, AT)
    for _ in range(2):
        keep_restore_result(HERE.replace(problem=Refused("it is damaged", id="backup-damaged").facts))
    assert ("backup-damaged", AT) == (result_of(HERE.backup).problem.id, result_of(HERE.backup).ended)
    begin_result(HERE.backup, AT)
    assert (None, None) == (result_of(HERE.backup).problem, result_of(HERE.backup).ended)
