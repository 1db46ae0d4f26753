"""What a backup holds; written last, so that a backup without it is none."""

import hashlib
from datetime import UTC, datetime
from typing import Final

from pydantic import Field

from shared.models import NEVER, Model

FILE: Final = "manifest.json"
# All tables of the app but those of what is only observed (who was last seen alive, who was missed).
KEPT: Final = (
    "acknowledgements",
    "events",
    "gates",
    "intents",
    "machines",
    "outbox",
    "profiles",
    "skips",
    "slots",
    "sources",
    "waits",
    "watches",
    "waves",
    "migrations",
)
OBSERVED: Final = ("absences", "beats")


class Manifest(Model):
    """One backup: when it was read, what is in it, and the hash of each file."""

    name: str
    version: str = Field(default="", description="of the app that wrote it")
    began: datetime = NEVER
    ended: datetime = NEVER
    rows: dict[str, int] = Field(default={}, description="by table")
    blobs: int = 0
    files: dict[str, str] = Field(default={}, description="SHA-256 by path within the backup")


def name_at(moment: datetime) -> str:
    """Give the name of a backup that begins then; names sort by time."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def digest_of(body: bytes) -> str:
    """Give the hash of a file."""
    return hashlib.sha256(body).hexdigest()
