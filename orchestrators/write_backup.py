"""Write a backup outside of the request that asked for it: a large ledger takes longer than a request may."""

from shared.contracts.backups import BackupRequest
from shared.contracts.contracts import WRITE_BACKUP, WRITE_BACKUP_FILES
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done

bp = Blueprint()


@orchestrates(bp, WRITE_BACKUP)
def write_backup(context: Context, request: BackupRequest) -> Waits[Done]:
    """Write it."""
    return (yield from call(context, WRITE_BACKUP_FILES, request))
