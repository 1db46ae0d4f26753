"""What a run cost: requests by kind as the stand-ins logged them, turns and activities of the hub, CPU and memory of processes."""

import os
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from local import azurite
from local.host.durable.events import Kind
from local.stack.stack import Stack

REQUEST = re.compile(r'"(GET|PUT|POST|DELETE|PATCH|HEAD|MERGE) /\w+/([^?\s]*)\S* HTTP/1.1" (\d{3})')
TABLE = "azferry"  # how all our tables begin
QUEUES = ("migration-requests", "azferry-notifications")
VERBS = {"PUT": "replace", "PATCH": "merge", "MERGE": "merge", "DELETE": "delete", "POST": "insert"}


@dataclass(frozen=True)
class Requests:
    """Requests to storage: of tables by operation and by table, of blobs and of queues."""

    operations: Counter[str]
    tables: Counter[str]
    blobs: int
    queues: int

    @property
    def of_tables(self) -> int:
        """Give how many were to tables."""
        return self.operations.total()


@dataclass(frozen=True)
class Process:
    """What a process of the stack took."""

    name: str
    cpu: float
    peak: float  # megabytes


def count_in_log() -> None:
    """Have Azurite log each request from its next start on."""
    azurite.options = ()


def requests(log: Path) -> Requests:
    """Count what Azurite logged."""
    operations, tables, others = Counter[str](), Counter[str](), Counter[str]()
    for verb, path, code in _logged(log):
        name, _, key = path.partition("(")
        if name in ("Tables", "$batch") or (name.startswith(TABLE) and name.isalnum()):  # no other name may be so plain
            operations[_operation(verb, name, key) + (f" {code}" if int(code) >= 400 else "")] += 1
            tables[name.removeprefix(TABLE)] += 1
        else:
            others["queues" if name.startswith(QUEUES) else "blobs"] += 1
    return Requests(operations, tables, others["blobs"], others["queues"])


def _logged(log: Path) -> Iterator[tuple[str, str, str]]:
    for line in log.read_text(errors="replace").splitlines():
        if found := REQUEST.search(line):
            yield found[1], found[2], found[3]


def _operation(verb: str, name: str, key: str) -> str:
    if name == "Tables":
        return "create table"
    if name == "$batch":
        return "transaction"
    return VERBS.get(verb) or ("query" if key == ")" else "get")


def turns(hub: Path) -> tuple[int, int]:
    """Give the activities and the turns in a hub's histories; a watcher keeps only its last ticks."""
    with closing(sqlite3.connect(f"file:{hub / 'durable.sqlite'}?mode=ro", uri=True)) as store:
        counts = dict(store.execute("SELECT kind, count(*) FROM history GROUP BY kind").fetchall())
    return int(counts.get(Kind.TASK_SCHEDULED, 0)), int(counts.get(Kind.TURN_STARTED, 0))


def processes(stack: Stack) -> list[Process]:
    """Give what each process of a stack took so far."""
    return [Process(part.name, cpu_seconds(part.pid), peak_memory(part.pid)) for part in stack.parts]


def cpu_seconds(pid: int) -> float:
    """Give the processor time of a process so far, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(pid: int) -> float:
    """Give the most memory that a process held, in megabytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
