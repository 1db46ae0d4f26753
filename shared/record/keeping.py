"""Keeps the record: what the ledger tells of decisions is appended to a blob that nobody can change afterwards.

It follows from the ledger alone, so a host that dies between the two loses nothing: whoever keeps next finds what is
lacking. Each addition stands behind what its writer has read, so two at once, or a try whose answer was lost, leave one.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from shared.ledger import events
from shared.ledger.migration_row import MigrationRow
from shared.problems import Busy
from shared.record.entries import Record, RecordEntry, RecordKind
from shared.record.place import blob_name, is_kept
from shared.states import MigrationStatus
from shared.storage import append_blobs
from shared.storage.entities import key
from shared.storage.rows import pause
from shared.storage.tables import record_container

OF_PEOPLE: Final = "by ne '' or decision_json ne ''"  # events of what somebody, or the plan, decided
MOST_TRIES: Final = 20
MOST_AT_ONCE: Final = (
    3 * 1024 * 1024
)  # bytes of one addition: Azure takes 4 MiB, and a row of the ledger has one at most


def keep(migration: str, now: datetime) -> int:
    """Append what the ledger tells of decisions and the record does not; gives how many entries."""
    return _append(migration, lambda record: _untold(record, migration, now))


def keep_soon(migration: str, now: datetime) -> None:
    """Keep what was just decided. Where that fails the decision stands all the same, and the timer keeps it."""
    if not is_kept():
        return
    try:
        keep(migration, now)
    except Exception:  # whatever it is: it must not undo what was decided
        logging.getLogger("azferry").warning("the record of %s is kept later", migration, exc_info=True)


def keep_evidence(row: MigrationRow, now: datetime) -> int:
    """Keep the evidence pack of a migration that ended, once for each time it did; gives how many entries."""
    if row.status != MigrationStatus.ENDED or row.ended_at is None:
        return 0
    file = f"evidence/{key(row.id)}/{row.ended_at:%Y%m%dT%H%M%S.%fZ}.zip"

    def lacking(record: Record) -> Iterator[RecordEntry]:
        if file not in record.latest():
            draft = RecordEntry(number=0, kept=now, migration=row.id, kind=RecordKind.EVIDENCE, about=file)
            yield draft.replace(sha256=_pack(row.id, file, now))

    return _append(row.id, lacking)


def _untold(record: Record, migration: str, now: datetime) -> Iterator[RecordEntry]:
    """Give the events of decisions that are not in the record as they stand."""
    latest = record.latest()
    for event in events.TABLE.of(migration, OF_PEOPLE):
        plain = event.model_dump(mode="json", by_alias=True, exclude={"migration"})
        draft = RecordEntry(number=0, kept=now, migration=migration, about=events.id_of(event), event=plain)
        before = latest.get(draft.about)
        if before is None or not before.says_what(draft):
            yield draft


def _append(migration: str, lacking: Callable[[Record], Iterable[RecordEntry]]) -> int:
    container, name, added = record_container(), blob_name(migration), 0
    for attempt in range(MOST_TRIES):
        content = append_blobs.read(container, name)
        record = Record.read(content)
        lines = record.following(lacking(record), MOST_AT_ONCE)
        if not lines:
            return added
        gap = b"\n" if content and not content.endswith(b"\n") else b""  # somebody may have written behind us
        if append_blobs.append(container, name, gap + b"".join(lines), len(content)):
            added += len(lines)
        else:
            pause(attempt)
    raise Busy(f"too many writers want the record of {migration}")


def _pack(migration: str, file: str, now: datetime) -> str:
    """Write the evidence pack beside the record, and give its hash; one that is there already is the one."""
    from shared.backup.manifest import digest_of  # noqa: PLC0415 - with the report, which few writers of the record need
    from shared.reporting.evidence_pack import evidence_of  # noqa: PLC0415 - see above

    container = record_container()
    return digest_of(append_blobs.written_once(container, file, lambda: evidence_of(migration, now)))
