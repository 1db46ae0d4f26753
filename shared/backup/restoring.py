"""Puts a backup back into an empty ledger: read and proved whole first, `migrations` written last.

Until the last step the app sees no migration, so nothing begins on half a ledger. Cut off, it is run again: it writes the
same rows once more. Orchestrations are not in a backup: those of open rounds are begun again by the timer `reconcile`,
which finds their roots missing, and each step looks in the clouds for what it did before.
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode
from pydantic import ValidationError

from shared.backup.entity_lines import from_line, to_line
from shared.backup.manifest import FILE, KEPT, Manifest, digest_of
from shared.problems import NotAllowedNow, NotFound, Refused
from shared.storage import blobs
from shared.storage.batch_writes import chunks
from shared.storage.tables import asking, backup_container, table

LAST: Final = "migrations"
NAME: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")


def restore(name: str) -> Manifest:
    """Put a backup back and give its manifest.

    Raises `NotFound` where there is no such backup, `Refused` where it is damaged, `NotAllowedNow` where the ledger
    holds a migration that is not as in the backup: nothing is written then.
    """
    manifest = manifest_of(name)
    files = {path: _proved(manifest, path) for path in manifest.files}
    rows = {kept: tuple(_rows(files, kept)) for kept in KEPT}
    _check_empty(rows[LAST])
    for path, body in files.items():
        if path.startswith("blobs/"):
            _put_blob(path.removeprefix("blobs/"), body)
    for kept in sorted(KEPT, key=lambda each: each == LAST):
        _put_rows(kept, rows[kept])
    return manifest


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


def _rows(files: dict[str, bytes], kept: str) -> Iterator[dict[str, Any]]:
    for path in sorted(each for each in files if each.startswith(f"tables/{kept}/")):
        for line in gzip.decompress(files[path]).decode().split("\n"):
            yield from_line(line)


def _check_empty(wanted: Iterable[dict[str, Any]]) -> None:
    """Refuse to write over a migration: rows that a restore was cut off behind are as in the backup."""
    ours = {to_line(each) for each in wanted}
    client = table(LAST).sdk
    with asking("looking for migrations"):
        others = [each["RowKey"] for each in client.list_entities() if to_line(each) not in ours]
    if others:
        raise NotAllowedNow(
            f"the ledger holds migrations that are not as in the backup: {', '.join(others[:5])}",
            advice="Restore into an empty ledger only: another AZFERRY_TABLE_PREFIX, or tables that were lost.",
        )


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
