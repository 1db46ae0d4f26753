"""Where a migration's record lies, and what stands in it."""

from shared.settings import settings
from shared.storage import append_blobs
from shared.storage.entities import key
from shared.storage.tables import record_container


def is_kept() -> bool:
    """Whether a record is kept at all."""
    return bool(settings().record_container)


def content_of(migration: str) -> bytes:
    """Give a migration's record as it stands; empty where there is none."""
    return append_blobs.read(record_container(), blob_name(migration))


def blob_name(migration: str) -> str:
    """Give the name of a migration's record in its container."""
    return f"decisions/{key(migration)}.jsonl"
