"""A backup is written outside of the request that asked for it, under the name that was promised."""

from orchestrators.write_backup import write_backup
from shared.contracts.backups import BackupRequest
from tests.orchestrators.happy_path import happy_stage


def test_it_is_written_under_its_name():
    stage = happy_stage()
    stage.play(write_backup, BackupRequest(backup="20261121T050000Z"))

    assert [("write_backup_files", "20261121T050000Z")] == [(name, wire["backup"]) for name, wire in stage.calls]
