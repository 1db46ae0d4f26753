"""The states of entities and the operations that wait for them, in the store's database."""

import sqlite3
from collections.abc import Iterator

from .events import OPERATION, Message


class EntityStore:
    """Used by the turn thread, inside the store's transactions."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def read(self, entity_id: str) -> tuple[str | None, str | None]:
        """Return an entity's state (None: it does not exist) and the instance that has locked it."""
        row = self._db.execute("SELECT state,locked_by FROM entities WHERE id=?", (entity_id,)).fetchone()
        return (row[0], row[1]) if row else (None, None)

    def write(self, entity_id: str, state: str | None, at: str) -> None:
        """Write an entity's state."""
        self._db.execute(
            "INSERT INTO entities (id,state,created,updated) VALUES (?,?,?,?) "
            "ON CONFLICT (id) DO UPDATE SET state=excluded.state,updated=excluded.updated",
            (entity_id, state, at, at),
        )

    def lock(self, entity_id: str, holder: str | None, at: str) -> None:
        """Write who has locked an entity."""
        self._db.execute(
            "INSERT INTO entities (id,created,updated,locked_by) VALUES (?,?,?,?) "
            "ON CONFLICT (id) DO UPDATE SET locked_by=excluded.locked_by",
            (entity_id, at, at, holder),
        )

    def operations(self) -> Iterator[tuple[str, Message]]:
        """Read what waits for entities, in the order of arrival."""
        rows = self._db.execute("SELECT row,instance,body FROM inbox WHERE instance LIKE '@%' ORDER BY row").fetchall()
        for row, entity_id, body in rows:
            message = Message.load(body, row)
            if message.kind == OPERATION:
                yield entity_id, message

    def forget(self, message: Message) -> None:
        """Delete an operation that was done."""
        if message.row is not None:
            self._db.execute("DELETE FROM inbox WHERE row=?", (message.row,))
