"""A record in a file: a copy of its lines, or the one in an evidence pack, with the events that lie beside it there."""

import json
import zlib
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile, is_zipfile

from pydantic import Field

from shared.models import Model

LINES: Final = "record.jsonl"
EVENTS: Final = "events.jsonl"
LARGEST: Final = 512 * 1024 * 1024
DAMAGED: Final = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


class RecordFile(Model):
    """What was read of a record, and of the ledger beside it."""

    content: bytes
    events: tuple[dict[str, Any], ...] | None = Field(default=None, description="none = nothing to compare with")


def read_file(path: Path) -> RecordFile | str:
    """Give the record in a file, or say why there is none. Raises `OSError` where the file cannot be read."""
    if not is_zipfile(path):
        return RecordFile(content=path.read_bytes())
    try:
        with ZipFile(path) as archive:
            if LINES not in archive.namelist():
                return f"{path.name} holds no {LINES}: no record was kept when it was packed"
            if sum(each.file_size for each in archive.infolist()) > LARGEST:
                return f"{path.name} is too large for an evidence pack"
            events = archive.read(EVENTS).splitlines() if EVENTS in archive.namelist() else []
            return RecordFile(content=archive.read(LINES), events=tuple(json.loads(line) for line in events))
    except DAMAGED:
        return f"{path.name} cannot be read: it is damaged, or no evidence pack"
