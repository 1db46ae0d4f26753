"""Put a backup back, step by step: proved whole first, migrations last; whoever asked finds what it came to."""

from shared.contracts.backups import BackupRequest
from shared.contracts.contracts import KEEP_RESTORE_RESULT, PROVE_BACKUP, PUT_BACK_STEP, RESTORE_BACKUP
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.models import Done
from shared.problems import Problem

bp = Blueprint()


@orchestrates(bp, RESTORE_BACKUP)
def restore_backup(context: Context, request: BackupRequest) -> Waits[Done]:
    """Put it back, and keep what it came to."""
    ended = yield from outcome(_put_back(context, request))
    problem = ended.facts if isinstance(ended, Problem) else None
    return (yield from call(context, KEEP_RESTORE_RESULT, request.replace(problem=problem)))


def _put_back(context: Context, request: BackupRequest) -> Waits[Done]:
    steps = yield from call(context, PROVE_BACKUP, request)
    for number in range(steps.count):
        yield from call(context, PUT_BACK_STEP, request.replace(step=number))
    return Done()
