"""Puts a backup back into an empty ledger, in steps: proved whole first, `migrations` written last, one file in memory at a time.

Until the last step the app sees no migration, so nothing begins on half a ledger. Cut off, a step is run again: it writes
the same rows once more. Orchestrations are not in a backup: those of open rounds are begun again by the timer `reconcile`,
which finds their roots missing, and each step looks in the clouds for what it did before.
"""

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode
from pydantic import ValidationError

from shared.backup.entity_lines import from_line
from shared.backup.manifest import FILE, Manifest, digest_of
from shared.problems import NotAllowedNow, NotFound, Refused
from shared.storage import blobs
from shared.storage.batch_writes import chunks
from shared.storage.tables import asking, backup_container, table

LAST: Final = "migrations"
STARTED: Final = "started_at"
BLOBS_OF_A_STEP: Final = 100
NAME: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")


def prove(name: str) -> int:
    """See that a backup is whole and that the ledger may take it; gives how many steps it takes to put it back.

    Raises `NotFound` where there is no such backup, `Refused` where it is damaged, `NotAllowedNow` where the ledger
    holds another migration, or all of the backup already: nothing is written then.
    """
    manifest = manifest_of(name)
    for path in manifest.files:
        _proved(manifest, path)
    rows = _migrations(manifest)
    present = _present(rows)
    if present and len(present) == len(rows):
        raise NotAllowedNow(
            "the ledger holds all migrations of the backup: it was put back, or never lost",
            advice="Nothing has to be put back. Into lost tables: another AZFERRY_TABLE_PREFIX.",
        )
    return len(_steps(manifest))


def put_step(name: str, number: int) -> None:
    """Put the files of a step back, one at a time, each proved once more; done again it writes what is lacking.

    Where an earlier try came to the migrations all else was written, and may have moved on since: it is left as it is.
    Raises `NotAllowedNow` where somebody began another migration meanwhile.
    """
    manifest = manifest_of(name)
    rows = _migrations(manifest)
    present = _present(rows)
    for path in _steps(manifest)[number]:
        kept = path.split("/")[1]
        if kept == LAST:
            _put_rows(kept, (row for row in _rows(_proved(manifest, path)) if row["RowKey"] not in present))
        elif present:
            continue
        elif path.startswith("blobs/"):
            _put_blob(path.removeprefix("blobs/"), _proved(manifest, path))
        else:
            _put_rows(kept, _rows(_proved(manifest, path)))


def _steps(manifest: Manifest) -> tuple[tuple[str, ...], ...]:
    """Give the files of each step: blobs by the hundred, then tables file by file, migrations last of all."""
    blob_files = sorted(path for path in manifest.files if path.startswith("blobs/"))
    rows = sorted((path for path in manifest.files if path.startswith("tables/")), key=_last_of_all)
    together = range(0, len(blob_files), BLOBS_OF_A_STEP)
    return (*(tuple(blob_files[at : at + BLOBS_OF_A_STEP]) for at in together), *((path,) for path in rows))


def _last_of_all(path: str) -> tuple[bool, str]:
    return path.split("/")[1] == LAST, path


def manifest_of(name: str) -> Manifest:
    """Give what a backup holds. Raises `NotFound`."""
    body = _read(f"{name}/{FILE}") if NAME.fullmatch(name) else None
    try:
        return Manifest.model_validate_json(body or b"")
    except ValidationError:
        raise NotFound(f"there is no backup {name}", advice="GET /api/backups lists those that are whole.") from None


def _proved(manifest: Manifest, path: str) -> bytes:
    body = _read(f"{manifest.name}/{path}")
    if body is None or digest_of(body) != manifest.files[path]:
        raise Refused(
            f"{path} of backup {manifest.name} is {'missing' if body is None else 'not what was written'}",
            id="backup-damaged",
            title="The backup is damaged",
            advice="Restore an older one; nothing was written.",
        )
    return body


def _rows(body: bytes) -> Iterator[dict[str, Any]]:
    return map(from_line, gzip.decompress(body).decode().split("\n"))


def _migrations(manifest: Manifest) -> dict[str, Any]:
    """Give the migrations of a backup by their ids, and when each was started: by both it is the same one."""
    files = [path for path in manifest.files if path.startswith(f"tables/{LAST}/")]
    return {row["RowKey"]: row.get(STARTED) for path in files for row in _rows(_proved(manifest, path))}


def _present(rows: Mapping[str, Any]) -> set[str]:
    """Give those of the backup that the ledger holds. Raises `NotAllowedNow` where it holds another one."""
    with asking("looking for migrations"):
        present = table(LAST).query_entities("", {}, select=("RowKey", STARTED))
        found = {str(each["RowKey"]): each.get(STARTED) for each in present}
    others = [key for key, started in found.items() if key not in rows or rows[key] != started]
    if others:
        raise NotAllowedNow(
            f"the ledger holds migrations that are not in the backup: {', '.join(others[:5])}",
            advice="Restore into an empty ledger only: another AZFERRY_TABLE_PREFIX, or tables that were lost.",
        )
    return set(found)


def _put_blob(name: str, body: bytes) -> None:
    if not blobs.write_once(name, body) and blobs.read(name) != body:
        blobs.write(name, body)


def _put_rows(kept: str, rows: Iterable[dict[str, Any]]) -> None:
    client = table(kept)
    for _, together in groupby(sorted(rows, key=_partition), key=_partition):
        for chunk in chunks([("upsert", each, {"mode": UpdateMode.REPLACE}) for each in together]):
            with asking(f"restoring {kept}"):
                client.submit_transaction(list(chunk))


def _partition(entity: dict[str, Any]) -> str:
    return str(entity["PartitionKey"])


def _read(path: str) -> bytes | None:
    with asking("reading a backup"):
        try:
            return backup_container().download_blob(path).readall()
        except ResourceNotFoundError:
            return None
