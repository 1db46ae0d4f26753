"""Backups are written, and put back in steps that each run again without harm: a host may die between any two."""

from shared.backup.exporting import export
from shared.backup.restore_results import keep_result
from shared.backup.restoring import prove, put_step
from shared.contracts.backups import BackupRequest, RestoreSteps
from shared.contracts.contracts import KEEP_RESTORE_RESULT, PROVE_BACKUP, PUT_BACK_STEP, WRITE_BACKUP_FILES
from shared.durable.seam import Blueprint, serves
from shared.models import Done

bp = Blueprint()


@serves(bp, WRITE_BACKUP_FILES)
def write_backup_files(request: BackupRequest) -> Done:
    """Write a backup under its name; run again it writes the same files anew."""
    export(request.now, request.backup)
    return Done()


@serves(bp, PROVE_BACKUP)
def prove_backup(request: BackupRequest) -> RestoreSteps:
    """See that the backup is whole and the ledger empty before anything is written."""
    return RestoreSteps(count=prove(request.backup))


@serves(bp, PUT_BACK_STEP)
def put_back_step(request: BackupRequest) -> Done:
    """Put some files back: the same rows and blobs, however often."""
    put_step(request.backup, request.step)
    return Done()


@serves(bp, KEEP_RESTORE_RESULT)
def keep_restore_result(request: BackupRequest) -> Done:
    """Keep what it came to, for who asked."""
    keep_result(request.backup, request.now, request.problem)
    return Done()
