"""The request log: one small row a request, read with filters by the control API."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One request: `at` is virtual time, `status` 0 means the connection was dropped."""

    number: int
    at: str
    method: str
    path: str
    query: str
    operation: str
    status: int
    client_request_id: str
    request_id: str
    effect: str
    fault: str


_GLOBS = ("method", "path", "operation", "client_request_id", "effect", "fault")


class RequestLog:
    """Append-only; filters are globs in any case."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Keep a row."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget all rows."""
        self._entries.clear()

    def read(self, filters: Mapping[str, str]) -> dict[str, Any]:
        """Return rows after `since` (a number) that match, at most `limit`, oldest first, and how many there are in all."""
        since = int(filters.get("since", "0"))
        limit = int(filters.get("limit", "1000"))
        found = [entry for entry in self._entries[max(since, 0) :] if _matches(entry, filters)]
        return {
            "total": len(self._entries),
            "matched": len(found),
            "entries": [asdict(entry) for entry in found[:limit]],
        }

    def summary(self, filters: Mapping[str, str]) -> dict[str, int]:
        """Return how often each operation was called, for a cheap look over a big run."""
        counts: dict[str, int] = {}
        for entry in self._entries:
            if _matches(entry, filters):
                counts[entry.operation] = counts.get(entry.operation, 0) + 1
        return dict(sorted(counts.items()))


def _matches(entry: Entry, filters: Mapping[str, str]) -> bool:
    status = filters.get("status")
    if status and str(entry.status) != status:
        return False
    return all(
        fnmatchcase(str(getattr(entry, name)).lower(), filters[name].lower()) for name in _GLOBS if filters.get(name)
    )
