"""Instances, histories and inboxes in SQLite: the writer's side, used by the turn thread only."""

import fcntl
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from .entity_state import EntityStore
from .events import Message, Row
from .instance import ENDED, Instance, Memory, Parent
from .replay_cursor import Walk

SCHEMA = """
CREATE TABLE IF NOT EXISTS instances (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version TEXT,
  execution TEXT NOT NULL, status TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
  input TEXT, output TEXT, custom TEXT, parent_id TEXT, parent_execution TEXT, parent_task INTEGER, walk TEXT,
  parent_name TEXT, parent_version TEXT, generation INTEGER, source TEXT, reason TEXT,
  offers INTEGER NOT NULL DEFAULT 0, offered TEXT);
CREATE TABLE IF NOT EXISTS history (
  instance INTEGER NOT NULL, position INTEGER NOT NULL, kind INTEGER NOT NULL, event_id INTEGER, closes INTEGER,
  leaf TEXT, input TEXT, text TEXT NOT NULL, PRIMARY KEY (instance, position)) WITHOUT ROWID;
-- A task is completed once, whatever is delivered twice.
CREATE UNIQUE INDEX IF NOT EXISTS completions ON history (instance, closes) WHERE closes IS NOT NULL;
CREATE TABLE IF NOT EXISTS marks (
  instance INTEGER NOT NULL, position INTEGER NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (instance, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entities (
  id TEXT PRIMARY KEY, state TEXT, created TEXT NOT NULL, updated TEXT NOT NULL, locked_by TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox (row INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, body TEXT NOT NULL);
"""
# What folders of older hosts lack.
NEWER = ["parent_name TEXT", "parent_version TEXT", "generation INTEGER", "source TEXT", "reason TEXT"]
NEWER += ["offers INTEGER NOT NULL DEFAULT 0", "offered TEXT"]
OWN = "seq,id,name,version,execution,status,created,input,custom,generation,source,reason,offers,offered"
COLUMNS = f"{OWN},parent_id,parent_execution,parent_task,parent_name,parent_version"
SAVE = (
    "UPDATE instances SET execution=?,status=?,created=?,updated=?,input=?,output=?,custom=?,walk=?,generation=?,reason=? "
    "WHERE seq=?"
)
NOT_ENDED = f"status NOT IN ({','.join(repr(status) for status in sorted(ENDED))})"


class Store:
    """The database of one host. Nothing is on disk before `commit`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "durable.sqlite"
        self._lock = _lock(folder / "durable.lock")
        self._rows: list[tuple[Any, ...]] = []  # of histories, kept back until the commit
        self._marks: list[tuple[Any, ...]] = []
        self._saved: list[tuple[Any, ...]] = []
        # Histories hold plans and names of machines: nobody else on the machine reads them. Its companions take its mode.
        self.path.touch(mode=0o600)
        self.path.chmod(0o600)
        self._db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        # NORMAL: a killed process loses nothing; only a power cut may lose the last commits (never half of one), and a
        # stand-in for one machine need not outlive its power: FULL would sync the disk at each commit.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-8000", "wal_autocheckpoint=4000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)
        known = {row[1] for row in self._db.execute("PRAGMA table_info(instances)")}
        for column in NEWER:
            if column.partition(" ")[0] not in known:
                self._db.execute(f"ALTER TABLE instances ADD COLUMN {column}")

    def entities(self) -> EntityStore:
        """Return the part of the database that entities have."""
        return EntityStore(self._db)

    def close(self) -> None:
        """Close the file and let another host have it."""
        self._db.close()
        self._lock.close()

    def _flush(self) -> None:
        """Write the rows that were kept back: one statement for a whole group of turns."""
        rows, self._rows = self._rows, []
        if rows:
            self._db.executemany("INSERT INTO history VALUES (?,?,?,?,?,?,?,?)", rows)
        marks, self._marks = self._marks, []
        if marks:
            self._db.executemany("INSERT INTO marks VALUES (?,?,?)", marks)
        saved, self._saved = self._saved, []
        if saved:
            self._db.executemany(SAVE, saved)

    def begin(self) -> None:
        """Open a transaction."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Put everything since `begin` on disk, at once."""
        self._flush()
        self._db.execute("COMMIT")

    def roll_back(self) -> None:
        """Forget everything since `begin`."""
        self._rows, self._marks, self._saved = [], [], []
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def mark(self) -> None:
        """Set a point in the transaction to come back to."""
        self._flush()
        self._db.execute("SAVEPOINT call")

    def back_to_mark(self) -> None:
        """Forget everything since `mark`."""
        self._rows, self._marks, self._saved = [], [], []
        self._db.execute("ROLLBACK TO call")

    def add(self, instance: Instance, updated: str) -> None:
        """Insert an instance and give it its number."""
        self._flush()
        parent = instance.parent
        origin = (parent.id, parent.execution, parent.task, parent.name, parent.version) if parent else (None,) * 5
        values = (instance.id, instance.name, instance.version, instance.execution, instance.status, instance.created)
        more = (updated, instance.input, instance.generation, instance.source)
        cursor = self._db.execute(
            "INSERT INTO instances (id,name,version,execution,status,created,updated,input,generation,source,"
            "parent_id,parent_execution,parent_task,parent_name,parent_version) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (*values, *more, *origin),
        )
        instance.seq = cursor.lastrowid or 0

    def save(self, instance: Instance, updated: str, output: str | None = None) -> None:
        """Write what a turn or a call changed of an instance, its walk included."""
        walk = instance.memory.walk.dump() if instance.memory and instance.status not in ENDED else None
        self._saved.append(
            (
                *(instance.execution, instance.status, instance.created, updated, instance.input, output),
                *(instance.custom, walk, instance.generation, instance.reason, instance.seq),
            )
        )

    def put_back(self, instance: Instance) -> None:
        """Write that a host of another version has put an instance back, and when it is offered again."""
        values = (instance.offers, instance.offered, instance.seq)
        self._db.execute("UPDATE instances SET offers=?,offered=? WHERE seq=?", values)

    def append(self, seq: int, position: int, rows: Sequence[Row]) -> None:
        """Add rows to a history, the first at `position`."""
        self._rows += [
            (seq, position + index, int(row.kind), row.event_id, row.closes, row.leaf, row.input, row.text)
            for index, row in enumerate(rows)
        ]

    def append_marks(self, seq: int, position: int, marks: Sequence[str]) -> None:
        """Remember actions that an orchestrator asked for."""
        self._marks += [(seq, position + index, text) for index, text in enumerate(marks)]

    def clear_history(self, seq: int) -> None:
        """Delete a generation's history."""
        self._flush()
        self._db.execute("DELETE FROM history WHERE instance=?", (seq,))
        self.clear_marks(seq)

    def clear_marks(self, seq: int) -> None:
        """Delete the remembered actions: the instance has ended or begins anew."""
        self._flush()
        self._db.execute("DELETE FROM marks WHERE instance=?", (seq,))

    def delete(self, seq: int) -> None:
        """Delete an instance and its history."""
        self.clear_history(seq)
        self._db.execute("DELETE FROM instances WHERE seq=?", (seq,))

    def delete_all(self, query: "tuple[str, list[str]]") -> list[str]:
        """Delete the instances that a condition means, and their histories; returns their ids."""
        self._flush()
        where, values = query
        found = self._db.execute(f"SELECT seq,id FROM instances WHERE {where}", values).fetchall()  # noqa: S608 - placeholders
        for seq, _ in found:
            self.delete(seq)
        if "status" not in where:  # an entity counts as an instance that runs
            self._db.execute(f"DELETE FROM entities WHERE {where}", values)  # noqa: S608 - placeholders
        return [each for _, each in found]

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
        self._flush()
        row = self._db.execute(f"SELECT {COLUMNS} FROM instances WHERE id=?", (instance_id,)).fetchone()  # noqa: S608 - constants
        return _instance(row) if row else None

    def living(self) -> list[Instance]:
        """Read all instances that have not ended, with their inboxes, oldest first."""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM instances WHERE {NOT_ENDED} ORDER BY seq")  # noqa: S608 - constants
        found = {instance.id: instance for instance in map(_instance, rows)}
        # A kill may leave messages to what has ended; another instance of that id must not get them.
        self._db.execute(
            f"DELETE FROM inbox WHERE instance NOT IN (SELECT id FROM instances WHERE {NOT_ENDED})"  # noqa: S608 - constants
            " AND instance NOT LIKE '@%'"
        )
        for row, instance_id, body in self._db.execute("SELECT row,instance,body FROM inbox ORDER BY row"):
            if instance_id in found:
                found[instance_id].inbox.append(Message.load(body, row))
        return list(found.values())

    def rows(self, seq: int) -> list[Row]:
        """Read a history."""
        self._flush()
        query = "SELECT kind,text,event_id,closes,leaf,input FROM history WHERE instance=? ORDER BY position"
        return [Row(*row) for row in self._db.execute(query, (seq,))]

    def has_begun(self, seq: int) -> bool:
        """Whether this generation has taken its first turn."""
        self._flush()
        return self._db.execute("SELECT 1 FROM history WHERE instance=? LIMIT 1", (seq,)).fetchone() is not None

    def activity(self, seq: int, event_id: int) -> tuple[str, str | None]:
        """Read the name and the input of a scheduled activity."""
        self._flush()
        query = "SELECT text,input FROM history WHERE instance=? AND event_id=?"
        text, given = self._db.execute(query, (seq, event_id)).fetchone()
        return json.loads(text)["Name"], given

    def walk(self, seq: int) -> Walk:
        """Read where an instance stands."""
        self._flush()
        (text,) = self._db.execute("SELECT walk FROM instances WHERE seq=?", (seq,)).fetchone()
        return Walk.load(text) if text else Walk()

    def memory(self, seq: int) -> Memory:
        """Read all that a turn needs of an instance's past."""
        self._flush()
        texts = [
            row[0] for row in self._db.execute("SELECT text FROM history WHERE instance=? ORDER BY position", (seq,))
        ]
        marks = [
            row[0] for row in self._db.execute("SELECT text FROM marks WHERE instance=? ORDER BY position", (seq,))
        ]
        return Memory(self.walk(seq), ",".join(texts), len(texts), marks)


def _instance(row: tuple[Any, ...]) -> Instance:
    own, (parent_id, *origin) = row[:-5], row[-5:]
    parent = Parent(parent_id, *origin) if parent_id is not None else None
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
