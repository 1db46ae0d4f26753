"""Instances, histories and inboxes in SQLite: the writer's side, used by the turn thread only."""

import fcntl
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from .events import Message, Row
from .instance import ENDED, Instance, Memory, Parent
from .walk import Walk

SCHEMA = """
CREATE TABLE IF NOT EXISTS instances (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version TEXT,
  execution TEXT NOT NULL, status TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
  input TEXT, output TEXT, custom TEXT, parent_id TEXT, parent_execution TEXT, parent_task INTEGER, walk TEXT);
CREATE TABLE IF NOT EXISTS history (
  instance INTEGER NOT NULL, position INTEGER NOT NULL, kind INTEGER NOT NULL, event_id INTEGER, closes INTEGER,
  leaf TEXT, input TEXT, text TEXT NOT NULL, PRIMARY KEY (instance, position)) WITHOUT ROWID;
-- A task is completed once, whatever is delivered twice.
CREATE UNIQUE INDEX IF NOT EXISTS completions ON history (instance, closes) WHERE closes IS NOT NULL;
CREATE TABLE IF NOT EXISTS marks (
  instance INTEGER NOT NULL, position INTEGER NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (instance, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox (row INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, body TEXT NOT NULL);
"""
COLUMNS = "seq,id,name,version,execution,status,created,input,custom,parent_id,parent_execution,parent_task"
NOT_ENDED = f"status NOT IN ({','.join(repr(status) for status in sorted(ENDED))})"


class Store:
    """The database of one host. Nothing is on disk before `commit`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "durable.sqlite"
        self._lock = _lock(folder / "durable.lock")
        # Histories hold plans and names of machines: nobody else on the machine reads them. Its companions take its mode.
        self.path.touch(mode=0o600)
        self.path.chmod(0o600)
        self._db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        # NORMAL: a killed process loses nothing; only a power cut may lose the last commits (never half of one), and a
        # stand-in for one machine need not outlive its power: FULL would sync the disk at each commit.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-32000", "wal_autocheckpoint=4000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file and let another host have it."""
        self._db.close()
        self._lock.close()

    def begin(self) -> None:
        """Open a transaction."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Put everything since `begin` on disk, at once."""
        self._db.execute("COMMIT")

    def roll_back(self) -> None:
        """Forget everything since `begin`."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def mark(self) -> None:
        """Set a point in the transaction to come back to."""
        self._db.execute("SAVEPOINT call")

    def back_to_mark(self) -> None:
        """Forget everything since `mark`."""
        self._db.execute("ROLLBACK TO call")

    def add(self, instance: Instance, updated: str) -> None:
        """Insert an instance and give it its number."""
        parent = instance.parent
        origin = (parent.id, parent.execution, parent.task) if parent else (None, None, None)
        values = (instance.id, instance.name, instance.version, instance.execution, instance.status, instance.created)
        cursor = self._db.execute(
            "INSERT INTO instances (id,name,version,execution,status,created,updated,input,"
            "parent_id,parent_execution,parent_task) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (*values, updated, instance.input, *origin),
        )
        instance.seq = cursor.lastrowid or 0

    def save(self, instance: Instance, updated: str, output: str | None = None) -> None:
        """Write what a turn or a call changed of an instance, its walk included."""
        walk = instance.memory.walk.dump() if instance.memory and instance.status not in ENDED else None
        self._db.execute(
            "UPDATE instances SET execution=?,status=?,updated=?,input=?,output=?,custom=?,walk=? WHERE seq=?",
            (instance.execution, instance.status, updated, instance.input, output, instance.custom, walk, instance.seq),
        )

    def set_status(self, instance: Instance, updated: str) -> None:
        """Write an instance's status only."""
        self._db.execute(
            "UPDATE instances SET status=?,updated=? WHERE seq=?", (instance.status, updated, instance.seq)
        )

    def append(self, seq: int, position: int, rows: Sequence[Row]) -> None:
        """Add rows to a history, the first at `position`."""
        self._db.executemany(
            "INSERT INTO history VALUES (?,?,?,?,?,?,?,?)",
            [
                (seq, position + index, int(row.kind), row.event_id, row.closes, row.leaf, row.input, row.text)
                for index, row in enumerate(rows)
            ],
        )

    def append_marks(self, seq: int, position: int, marks: Sequence[str]) -> None:
        """Remember actions that an orchestrator asked for."""
        rows = [(seq, position + index, text) for index, text in enumerate(marks)]
        self._db.executemany("INSERT INTO marks VALUES (?,?,?)", rows)

    def clear_history(self, seq: int) -> None:
        """Delete a generation's history."""
        self._db.execute("DELETE FROM history WHERE instance=?", (seq,))
        self.clear_marks(seq)

    def clear_marks(self, seq: int) -> None:
        """Delete the remembered actions: the instance has ended or begins anew."""
        self._db.execute("DELETE FROM marks WHERE instance=?", (seq,))

    def delete(self, seq: int) -> None:
        """Delete an instance and its history."""
        self.clear_history(seq)
        self._db.execute("DELETE FROM instances WHERE seq=?", (seq,))

    def delete_ended(self, seq: int) -> int:
        """Delete an instance if it has ended; returns how many were deleted."""
        row = self._db.execute("SELECT status FROM instances WHERE seq=?", (seq,)).fetchone()
        if row is None or row[0] not in ENDED:
            return 0
        self.delete(seq)
        return 1

    def receive(self, instance_id: str, message: Message) -> None:
        """Put a message into the durable inbox; it stays until the turn that takes it is committed."""
        cursor = self._db.execute("INSERT INTO inbox (instance,body) VALUES (?,?)", (instance_id, message.dump()))
        message.row = cursor.lastrowid

    def forget(self, messages: Iterable[Message]) -> None:
        """Delete messages from the durable inbox."""
        rows = [(message.row,) for message in messages if message.row is not None]
        if rows:
            self._db.executemany("DELETE FROM inbox WHERE row=?", rows)

    def find(self, instance_id: str) -> Instance | None:
        """Read an instance, ended or not."""
        row = self._db.execute(f"SELECT {COLUMNS} FROM instances WHERE id=?", (instance_id,)).fetchone()  # noqa: S608 - constants
        return _instance(row) if row else None

    def living(self) -> list[Instance]:
        """Read all instances that have not ended, with their inboxes, oldest first."""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM instances WHERE {NOT_ENDED} ORDER BY seq")  # noqa: S608 - constants
        found = {instance.id: instance for instance in map(_instance, rows)}
        # A kill may leave messages to what has ended; another instance of that id must not get them.
        self._db.execute(f"DELETE FROM inbox WHERE instance NOT IN (SELECT id FROM instances WHERE {NOT_ENDED})")  # noqa: S608 - constants
        for row, instance_id, body in self._db.execute("SELECT row,instance,body FROM inbox ORDER BY row"):
            found[instance_id].inbox.append(Message.load(body, row))
        return list(found.values())

    def rows(self, seq: int) -> list[Row]:
        """Read a history."""
        query = "SELECT kind,text,event_id,closes,leaf,input FROM history WHERE instance=? ORDER BY position"
        return [Row(*row) for row in self._db.execute(query, (seq,))]

    def has_begun(self, seq: int) -> bool:
        """Whether this generation has taken its first turn."""
        return self._db.execute("SELECT 1 FROM history WHERE instance=? LIMIT 1", (seq,)).fetchone() is not None

    def activity(self, seq: int, event_id: int) -> tuple[str, str | None]:
        """Read the name and the input of a scheduled activity."""
        query = "SELECT text,input FROM history WHERE instance=? AND event_id=?"
        text, given = self._db.execute(query, (seq, event_id)).fetchone()
        return json.loads(text)["Name"], given

    def walk(self, seq: int) -> Walk:
        """Read where an instance stands."""
        (text,) = self._db.execute("SELECT walk FROM instances WHERE seq=?", (seq,)).fetchone()
        return Walk.load(text) if text else Walk()

    def memory(self, seq: int) -> Memory:
        """Read all that a turn needs of an instance's past."""
        texts = [
            row[0] for row in self._db.execute("SELECT text FROM history WHERE instance=? ORDER BY position", (seq,))
        ]
        marks = [
            row[0] for row in self._db.execute("SELECT text FROM marks WHERE instance=? ORDER BY position", (seq,))
        ]
        return Memory(self.walk(seq), ",".join(texts), len(texts), marks)


def _instance(row: tuple[Any, ...]) -> Instance:
    *own, parent_id, execution, task = row
    parent = Parent(parent_id, execution, task) if parent_id is not None else None
    instance = Instance(*own)
    instance.parent = parent
    return instance


def _lock(path: Path) -> IO[str]:
    held = path.open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise RuntimeError(f"Another host uses {path.parent}: one data folder serves one host at a time.") from None
    return held
