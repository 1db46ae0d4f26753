"""What a round read of the target, kept as blobs: all of it, or what it had read before the cloud was busy."""

from shared.storage import blobs
from shared.storage.entities import key


def save_facts(migration: str, number: int, body: bytes) -> None:
    """Keep what a round read of the target, replacing what an earlier try of it read."""
    blobs.write(f"facts/{key(migration)}.{number}.json", body)


def load_facts(migration: str, number: int) -> bytes | None:
    """Return what a round read of the target, or None."""
    return blobs.read(f"facts/{key(migration)}.{number}.json")


def save_part_of_facts(migration: str, number: int, body: bytes) -> None:
    """Keep what a round read of the target before the cloud was busy."""
    blobs.write(f"facts/{key(migration)}.{number}.part.json", body)


def load_part_of_facts(migration: str, number: int) -> bytes | None:
    """Return what a round read of the target before the cloud was busy, or None."""
    return blobs.read(f"facts/{key(migration)}.{number}.part.json")
