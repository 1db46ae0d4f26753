"""A backup is put back step by step, and what it came to is kept, also where it is refused."""

from orchestrators.restore_backup import restore_backup
from shared.contracts.backups import BackupRequest, RestoreSteps
from shared.problems import Refused
from tests.orchestrators.happy_path import happy_stage

HERE = BackupRequest(backup="20261121T050000Z")


def test_it_is_proved_then_put_back_in_order():
    stage = happy_stage(prove_backup=lambda _: RestoreSteps(count=3))
    stage.play(restore_backup, HERE)

    assert ["prove_backup", *["put_back_step"] * 3, "keep_restore_result"] == [name for name, _ in stage.calls]
    assert [0, 1, 2] == [wire.get("step", 0) for name, wire in stage.calls if name == "put_back_step"]


def test_a_backup_that_is_refused_is_not_put_back_and_why_is_kept():
    def refuses(_wire):
        raise Refused("it is damaged", id="backup-damaged")

    stage = happy_stage(prove_backup=refuses)
    stage.play(restore_backup, HERE)

    name, wire = stage.calls[-1]
    assert (2, "keep_restore_result", "backup-damaged") == (len(stage.calls), name, wire["problem"]["id"])
