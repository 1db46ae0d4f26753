"""Reads instances in the management API's shape, on a connection of its own beside the turn thread's."""

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

from .app import Page, Query
from .events import Row, stamp
from .history import history_events
from .instance import ENDED

COLUMNS = "seq,id,name,status,created,updated,input,output,custom"


class Queries:
    """Safe to call from any thread; sees what was committed."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA query_only=ON")
        self._db.row_factory = sqlite3.Row

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()

    def status(
        self, instance_id: str, *, show_input: bool, show_history: bool, show_history_output: bool
    ) -> dict[str, Any] | None:
        """Return one instance, or None."""
        with self._lock:
            self._db.execute("BEGIN")  # the row and the history of one moment
            try:
                found = self._db.execute(f"SELECT {COLUMNS} FROM instances WHERE id=?", (instance_id,)).fetchone()  # noqa: S608 - constants
                rows = self._history(found["seq"]) if found and show_history else []
            finally:
                self._db.execute("COMMIT")
        if found is None:
            return None
        status = _status(found, show_input=show_input)
        if show_history:
            status["historyEvents"] = history_events(rows, show_input=show_input, show_output=show_history_output)
        return status

    def page(self, query: Query) -> Page:
        """Return one page, oldest first."""
        where, values = _where(query)
        after = int(query.continuation) if query.continuation else 0
        # One more than asked for tells whether there is a next page.
        sql = f"SELECT {COLUMNS} FROM instances WHERE {where} AND seq>? ORDER BY seq LIMIT ?"  # noqa: S608 - constants and placeholders
        with self._lock:
            rows = self._db.execute(sql, (*values, after, query.top + 1)).fetchall()
        shown = rows[: query.top]
        items = [_status(row, show_input=query.show_input) for row in shown]
        return Page(items, str(shown[-1]["seq"]) if len(rows) > query.top else None)

    def ended(self, query: Query) -> list[int]:
        """Return the numbers of the ended instances that a query means."""
        where, values = _where(query)
        ended = ",".join(repr(status) for status in sorted(ENDED))
        sql = f"SELECT seq FROM instances WHERE {where} AND status IN ({ended})"  # noqa: S608 - constants and placeholders
        with self._lock:
            return [row["seq"] for row in self._db.execute(sql, values)]

    def _history(self, seq: int) -> list[Row]:
        sql = "SELECT kind,text,event_id,closes,leaf,input FROM history WHERE instance=? ORDER BY position"
        return [Row(*row) for row in self._db.execute(sql, (seq,))]


def _where(query: Query) -> tuple[str, list[str]]:
    parts, values = ["1=1"], []
    if query.statuses:
        parts.append(f"status IN ({','.join('?' * len(query.statuses))})")
        values += sorted(query.statuses)
    if query.created_from is not None:
        parts.append("created>=?")
        values.append(stamp(query.created_from))
    if query.created_to is not None:
        parts.append("created<=?")
        values.append(stamp(query.created_to))
    if query.prefix:
        parts.append("substr(id,1,length(?))=?")
        values += [query.prefix, query.prefix]
    return " AND ".join(parts), values


def _status(row: sqlite3.Row, *, show_input: bool) -> dict[str, Any]:
    return {
        "name": row["name"],
        "instanceId": row["id"],
        "runtimeStatus": row["status"],
        "input": _json(row["input"]) if show_input else None,
        "customStatus": _json(row["custom"]),
        "output": _json(row["output"]),
        "createdTime": _whole_seconds(row["created"]),
        "lastUpdatedTime": _whole_seconds(row["updated"]),
    }


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _whole_seconds(text: str) -> str:
    return text[:19] + "Z"
