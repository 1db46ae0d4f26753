"""Reads instances and entities in the management API's shape, on a connection of its own beside the turn thread's."""

import json
import sqlite3
import threading
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from .app import Page, Query
from .events import Row, stamp
from .history import history_events
from .instance import ENDED

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
COLUMNS = "id,name,status,created,updated,input,output,custom,reason"
# A child can be found from its first turn on.
FOUND = "NOT (status='Pending' AND parent_id IS NOT NULL)"
# An entity is an instance, too: it always runs, and its input is its state.
ENTITY = (
    "id,'@'||substr(id,2,instr(substr(id,2),'@')-1) AS name,'Running' AS status,created,updated,"
    "json_object('exists',json(iif(state IS NULL,'false','true')),'state',state,'sorter',json('{}')) AS input,"
    "NULL AS output,json_object('entityExists',json(iif(state IS NULL,'false','true'))) AS custom,NULL AS reason"
)
INSTANCES = f"SELECT {COLUMNS} FROM instances WHERE {FOUND}"  # noqa: S608 - constants
# With the names of what stands in a status: a condition may be about them.
ENTITIES = f"SELECT * FROM (SELECT {ENTITY} FROM entities) WHERE 1=1"  # noqa: S608 - constants


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
                table = ENTITIES if instance_id.startswith("@") else INSTANCES
                found = self._db.execute(f"{table} AND id=?", (instance_id,)).fetchone()
                if found is None and table is ENTITIES:  # an orchestration that was given such an id
                    found = self._db.execute(f"{INSTANCES} AND id=?", (instance_id,)).fetchone()
                rows = self._history(instance_id) if found and show_history else []
            finally:
                self._db.execute("COMMIT")
        if found is None:
            return None
        status = _status(found, show_input=show_input)
        if show_history:
            status["historyEvents"] = history_events(rows, show_input=show_input, show_output=show_history_output)
        return status

    def page(self, query: Query) -> Page:
        """Return one page, by id."""
        where, values = condition(query)
        after = query.continuation or ""
        rows: list[sqlite3.Row] = []
        with self._lock:
            for table in (INSTANCES, ENTITIES):
                # One more than asked for tells whether there is a next page.
                sql = f"{table} AND {where} AND id>? ORDER BY id LIMIT ?"
                rows += self._db.execute(sql, (*values, after, query.top + 1))
        rows.sort(key=itemgetter("id"))
        shown = rows[: query.top]
        items = [_status(row, show_input=query.show_input) for row in shown]
        last = shown[-1]["id"] if shown else after
        return Page(items, last if len(rows) > query.top else None)

    def entity(self, entity_id: str) -> str | None:
        """Return an entity's state as JSON text, None when it does not exist."""
        with self._lock:
            row = self._db.execute("SELECT state FROM entities WHERE id=?", (entity_id,)).fetchone()
        return row["state"] if row else None

    def entities(self, prefix: str, query: Query) -> tuple[list[dict[str, Any]], str | None]:
        """Return one page of entities whose ids begin with `prefix`, with their states as JSON text, and its end."""
        sql = (
            "SELECT id,state,updated FROM entities WHERE substr(id,1,?)=? AND id>? AND state IS NOT NULL"
            " AND updated>=? AND updated<=? ORDER BY id LIMIT ?"
        )
        after = query.continuation or ""
        since, until = query.created_from or EARLIEST, query.created_to or LATEST
        with self._lock:
            values = (len(prefix), prefix, after, stamp(since), stamp(until), query.top + 1)
            rows = self._db.execute(sql, values).fetchall()
        shown = rows[: query.top]
        last = shown[-1]["id"] if shown else after
        return [dict(row) for row in shown], last if len(rows) > query.top else None

    def _history(self, instance_id: str) -> list[Row]:
        sql = "SELECT kind,text,event_id,closes,leaf,history.input FROM history JOIN instances ON instance=seq"
        return [Row(*row) for row in self._db.execute(f"{sql} WHERE id=? ORDER BY position", (instance_id,))]


def condition(query: Query) -> tuple[str, list[str]]:
    """Return the SQL condition, and its values, of the instances that a query means."""
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
    # Why it was suspended or resumed stands in the output until there is one.
    output = row["output"] if row["status"] in ENDED else row["reason"]
    return {
        "name": row["name"],
        "instanceId": row["id"],
        "runtimeStatus": row["status"],
        "input": _json(row["input"]) if show_input else None,
        "customStatus": _json(row["custom"]),
        "output": _json(output),
        "createdTime": _whole_seconds(row["created"]),
        "lastUpdatedTime": _whole_seconds(row["updated"]),
    }


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _whole_seconds(text: str) -> str:
    return text[:19] + "Z"
