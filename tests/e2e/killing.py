"""Kills the host when something new happens in a migration, starts it again, and lets the migration go on."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cli.failing import Failing
from local.stack.actor import Actor
from local.stack.door import Picture
from local.stack.rehearsal import Rehearsal
from shared.ledger import events
from shared.settings import settings
from tests.e2e.field import Field

A_MOMENT = 0.02  # real seconds between looks at the ledger


@contextmanager
def ledger_of(running: Field, monkeypatch: Any) -> Iterator[None]:
    """Read the ledger in this process: a look over HTTP would come too late, and not at all while the host is away."""
    monkeypatch.setenv("AZFERRY_STORAGE", running.stack.places.storage)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@dataclass
class Killer:
    """Kills at the first event of each kind that is wanted."""

    running: Field
    migration: str
    wanted: Callable[[str], bool]
    killed: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def look(self) -> bool:
        """Kill if something of a new kind happened; tell whether it did."""
        fresh = [kind for kind in dict.fromkeys(self._kinds()) if kind not in self._seen]
        self._seen.update(fresh)
        due = [kind for kind in fresh if self.wanted(kind)]
        if due:
            self.running.stack.kill_host()
            self.killed += due
            self.running.stack.start_host()
        return bool(due)

    def _kinds(self) -> list[str]:
        found, _ = events.page(self.migration, "", 1000)
        return [without_ids(one.what) for one in found]


def without_ids(what: str) -> str:
    """Give the kind of an event: what stands before ids and numbers."""
    return "job-ended" if what.startswith("job-ended") else what.rstrip("0123456789").rstrip("-")


def play(running: Field, migration: str, wanted: Callable[[str], bool]) -> tuple[Picture, Collection[str]]:
    """Play the migration to its end and kill on the way; gives how it ended and at what was killed."""
    killer = Killer(running, migration, wanted)
    rehearsal = Rehearsal(running.stack, running.people())
    with Actor(running.stack.places.clock) as actor:
        while True:
            if killer.look():
                rehearsal.forget()
            try:
                picture = rehearsal.step(actor, migration, A_MOMENT)
            except Failing:
                continue  # it was killed meanwhile
            if picture is not None and picture.ended:
                return picture, killer.killed
