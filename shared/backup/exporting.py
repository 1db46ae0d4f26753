"""Writes a backup: each table as lines, each blob as it is, then the manifest.

It is read while the app works, so it is no picture of one moment: each row and blob is whole, and as it was at some moment
between the backup's beginning and end. `migrations` is read last: what it names is in the backup. What a restored ledger
does not know any more is found again by the app as after a crash: it looks before it acts.
"""

import gzip
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from azure.core.exceptions import ResourceNotFoundError

from shared.backup.entity_lines import to_line
from shared.backup.manifest import FILE, KEPT, Manifest, digest_of, name_at
from shared.settings import settings
from shared.storage.tables import asking, backup_container, container_to_read, table_to_read
from shared.version import VERSION

ROWS_OF_A_FILE: Final = 20_000
LARGEST_FILE: Final = 32_000_000  # characters of its lines, before they are packed


def export(now: datetime, name: str = "") -> Manifest:
    """Write a backup and give its manifest. Raises `Busy` where storage is; what was written until then is no backup.

    Under a `name` that was promised it is written again where a host died: files of the first try are written over.
    """
    made = Manifest(name=name or name_at(now), version=VERSION, began=now)
    rows, files = {}, {}
    for table in KEPT:
        rows[table] = 0
        for number, lines in enumerate(_lines(table)):
            rows[table] += len(lines)
            path = f"tables/{table}/{number:04}.jsonl.gz"
            files[path] = _write(made, path, gzip.compress("\n".join(lines).encode(), mtime=0))
    blobs = {f"blobs/{name}": _write(made, f"blobs/{name}", body) for name, body in _blobs()}
    done = made.replace(rows=rows, blobs=len(blobs), files=files | blobs)
    _write(made, FILE, done.model_dump_json(by_alias=True).encode())
    return done


def export_when_due(now: datetime) -> Manifest | None:
    """Write a backup when the newest is old enough; None where it is not, or where none is wanted."""
    hours = settings().backup_hours
    if not hours:
        return None
    newest = max(names(), default="")
    return export(now) if newest <= name_at(now - timedelta(hours=hours)) else None


def names() -> tuple[str, ...]:
    """Give the names of all backups that are whole, the oldest first."""
    with asking("listing backups"):
        found = [blob for blob in backup_container().list_blob_names() if blob.endswith(f"/{FILE}")]
    return tuple(sorted(blob.partition("/")[0] for blob in found))


def _lines(table: str) -> Iterator[list[str]]:
    with asking(f"reading {table}"):
        try:
            yield from _in_files(map(to_line, table_to_read(table).list_entities(results_per_page=1_000)))
        except ResourceNotFoundError:
            return  # nothing was ever kept there


def _in_files(lines: Iterator[str]) -> Iterator[list[str]]:
    """Give the lines of a file after the other: no more than that is held in memory."""
    together, size = list[str](), 0
    for line in lines:
        if together and (len(together) == ROWS_OF_A_FILE or size + len(line) > LARGEST_FILE):
            yield together
            together, size = [], 0
        together.append(line)
        size += len(line)
    if together:
        yield together


def _blobs() -> Iterator[tuple[str, bytes]]:
    container = container_to_read()
    with asking("reading the blobs of plans"):
        try:
            for name in container.list_blob_names():
                yield name, container.download_blob(name).readall()
        except ResourceNotFoundError:
            return


def _write(made: Manifest, path: str, body: bytes) -> str:
    with asking("writing a backup"):
        backup_container().upload_blob(f"{made.name}/{path}", body, overwrite=True)
    return digest_of(body)
