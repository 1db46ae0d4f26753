"""Entries of a record that cannot be changed: each holds the hash of the one before, and its own.

A line of JSON for each. Hashes are made of what stands in the line, so a record can be checked by whoever has nothing else.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import Field, JsonValue, ValidationError

from shared.models import NEVER, Model

HASH: Final = "hash"
MOST_SHOWN: Final = 100  # characters of an event's words


class RecordKind(StrEnum):
    """What an entry tells of."""

    DECISION = "decision"  # that somebody took, or the plan for them: an event of the ledger
    EVIDENCE = "evidence"  # a pack that lies beside the record


class RecordEntry(Model):
    """One entry, as it stands in its line."""

    number: int = Field(description="the first is 1, without gaps")
    previous: str = Field(default="", description="hash of the entry before; empty for the first")
    kept: datetime = Field(default=NEVER, description="when it was put into the record")
    migration: str = ""
    kind: RecordKind = RecordKind.DECISION
    about: str = Field(description="id of the event, or name of the file")
    event: dict[str, JsonValue] = Field(default={}, description="of the ledger, as it was told")
    sha256: str = Field(default="", description="of the file")
    hash: str = Field(default="", description="SHA-256 of all that stands before it, as JSON with sorted names")

    @property
    def text(self) -> str:
        """Name it in a sentence."""
        words = str(self.event.get("text") or self.event.get("what") or self.about)
        return f"entry {self.number} ({words[:MOST_SHOWN]})"

    def sealed(self) -> Self:
        """Give it with its hash."""
        return self.replace(hash=hash_of(self.plain()))

    def plain(self) -> dict[str, Any]:
        """Give it as data."""
        return self.model_dump(mode="json", by_alias=True)

    def says_what(self, other: "RecordEntry") -> bool:
        """Whether both tell the same, whenever they were kept."""
        return self.sha256 == other.sha256 and is_within(self.event, other.event)


def hash_of(plain: Mapping[str, Any]) -> str:
    """Give the hash of an entry, of all but the hash that stands in it."""
    others = {name: value for name, value in plain.items() if name != HASH}
    text = json.dumps(others, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_within(kept: Any, seen: Any) -> bool:
    """Whether what was kept is said of what is seen; fields that only a newer version knows do not count."""
    if isinstance(kept, Mapping) and isinstance(seen, Mapping):
        return all(is_within(value, seen.get(name)) for name, value in kept.items())
    return bool(kept == seen)


def is_decision(event: Mapping[str, Any]) -> bool:
    """Whether an event tells of what somebody decided or did, the plan included."""
    return bool(event.get("by") or event.get("decision"))


class Record(Model):
    """A record as it was read: lines that are none are only counted."""

    entries: tuple[RecordEntry, ...] = ()
    broken: tuple[int, ...] = Field(default=(), description="numbers of lines that are no entry")
    changed: tuple[int, ...] = Field(default=(), description="numbers of entries that do not have their own hash")

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read it. What cannot be read is no reason to stop: somebody may have written behind us."""
        found = [(number, _read(line)) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]
        entries = [entry for _, entry in found if entry is not None]
        return cls(
            entries=tuple(entry for entry, _ in entries),
            broken=tuple(number for number, entry in found if entry is None),
            changed=tuple(entry.number for entry, is_whole in entries if not is_whole),
        )

    def latest(self) -> dict[str, RecordEntry]:
        """Give what was told last of each thing."""
        return {each.about: each for each in self.entries}

    def following(self, drafts: Iterable[RecordEntry], most: int) -> tuple[bytes, ...]:
        """Give the lines of further entries, the first behind the last that stands; together at most so many bytes, but one."""
        lines: list[bytes] = []
        for entry in _chained(self.entries[-1] if self.entries else None, drafts):
            line = f"{json.dumps(entry.plain(), ensure_ascii=False)}\n".encode()
            if lines and sum(map(len, lines)) + len(line) > most:
                break
            lines.append(line)
        return tuple(lines)


def _read(line: bytes) -> tuple[RecordEntry, bool] | None:
    """Give an entry, and whether its hash is its own; None for what is none."""
    try:
        plain = json.loads(line)
        return RecordEntry.model_validate(plain), plain.get(HASH) == hash_of(plain)
    except (ValueError, ValidationError, RecursionError, AttributeError):
        return None


def _chained(last: RecordEntry | None, drafts: Iterable[RecordEntry]) -> Iterator[RecordEntry]:
    for draft in drafts:
        number, previous = (last.number + 1, last.hash) if last else (1, "")
        last = draft.replace(number=number, previous=previous).sealed()
        yield last
