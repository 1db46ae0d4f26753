"""What putting a backup back came to: a blob beside the backups, written when it is begun and when it has ended."""

from datetime import datetime

from pydantic import Field, ValidationError

from shared.models import NEVER, Model
from shared.problems import ProblemData
from shared.storage.append_blobs import read
from shared.storage.tables import asking, backup_container


class RestoreResult(Model):
    """How far it is."""

    backup: str = ""
    began: datetime = NEVER
    ended: datetime | None = Field(default=None, description="none = it goes on")
    problem: ProblemData | None = Field(default=None, description="why it was not put back")


def begin_result(backup: str, now: datetime) -> None:
    """Note that it begins: what an earlier try came to is no answer any more."""
    _write(RestoreResult(backup=backup, began=now))


def keep_result(backup: str, now: datetime, problem: ProblemData | None) -> None:
    """Note what it came to."""
    begun = result_of(backup) or RestoreResult(backup=backup, began=now)
    _write(begun.replace(ended=now, problem=problem))


def result_of(backup: str) -> RestoreResult | None:
    """Give what is known of it; None where it was never begun."""
    try:
        return RestoreResult.model_validate_json(read(backup_container(), _name(backup)))
    except ValidationError:
        return None


def _write(result: RestoreResult) -> None:
    with asking("noting a restore"):
        body = result.model_dump_json(by_alias=True, exclude_none=True).encode()
        backup_container().upload_blob(_name(result.backup), body, overwrite=True)


def _name(backup: str) -> str:
    return f"restores/{backup}.json"
