"""Kills the host when a moment comes in a migration, starts it again, and lets the migration go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cli.failing import Failing
from local.stack.actor import Actor
from local.stack.api_client import Picture
from shared.coordination import gates
from shared.ledger import events, machines, migrations
from shared.ledger.events import Event
from shared.settings import settings
from tests.e2e.stack_harness import Release, Seldom, StackHarness

A_MOMENT = 0.02  # real seconds between looks at the ledger
SEEN_AGAIN = 30  # events of the last look: a late twin writes among them

Moments = Callable[[str], list[str]]
"""Gives the names of the moments that have come in a migration since the last look."""


@contextmanager
def ledger_of(running: StackHarness, monkeypatch: Any) -> Iterator[None]:
    """Read the ledger in this process: a look over HTTP would come too late, and not at all while the host is away."""
    monkeypatch.setenv("AZFERRY_STORAGE", running.stack.places.storage)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@dataclass
class News:
    """The events of a migration that were not there at the last look, and the last ones that were."""

    ids: list[str] = field(default_factory=list)

    def of(self, migration: str) -> tuple[Event, ...]:
        """Read them; the first look reads all."""
        begin = self.ids[0] if len(self.ids) == SEEN_AGAIN else ""
        found = events.page(migration, begin, 1000)[0]
        self.ids = sorted({*self.ids, *map(events.id_of, found)})[-SEEN_AGAIN:]
        return found


def first_of_each(wanted: Callable[[str], bool]) -> Moments:
    """The first event of each kind that is wanted."""
    seen: set[str] = set()
    news = News()

    def come(migration: str) -> list[str]:
        fresh = [
            kind for kind in dict.fromkeys(without_ids(each.what) for each in news.of(migration)) if kind not in seen
        ]
        seen.update(fresh)
        return [kind for kind in fresh if wanted(kind)]

    return come


def once(holds: Callable[[str], bool]) -> Moments:
    """The moment at which something holds for the first time."""
    over: list[str] = []

    def come(migration: str) -> list[str]:
        if over or not holds(migration):
            return []
        over.append("it came")
        return over

    return come


def happened(what: str, number: int = 1) -> Moments:
    """The moment at which an event stands in the ledger, in that round."""
    news = News()
    return once(lambda migration: any((each.what, each.round) == (what, number) for each in news.of(migration)))


def gate_opens(name: str) -> Moments:
    """The moment at which people are waited for."""
    return once(lambda migration: any(each.name == name and each.open for each in gates.of_migration(migration)))


def waits_for(words: str) -> Moments:
    """The moment at which the migration or a machine of it says that it waits for something."""
    return once(lambda migration: any(words in text for text in _waiting(migration)))


def _waiting(migration: str) -> Iterator[str]:
    row = migrations.get(migration)
    yield row.waiting_for if row else ""
    yield from (each.waiting_for for each in machines.list(migration))


@dataclass
class Killer:
    """Kills at each moment that comes."""

    running: StackHarness
    migration: str
    moments: Moments
    killed: list[str] = field(default_factory=list)

    def look(self) -> bool:
        """Kill if a moment came; tell whether one did."""
        due = self.moments(self.migration)
        if due:
            self.running.stack.host.kill()
            self.killed += due
            self.running.stack.start_host()
        return bool(due)


class AtTurns(Seldom):
    """Looks at turns only: what looks after a fleet has them come behind the end, too, and moments are asked of the ledger."""

    def _without_turn(self, _actor: Actor, _migration: str) -> None:
        return None


def without_ids(what: str) -> str:
    """Give the kind of an event: what stands before ids and numbers."""
    return "job-ended" if what.startswith("job-ended") else what.rstrip("0123456789").rstrip("-")


def play(running: StackHarness, migration: str, moments: Moments, *releases: Release) -> tuple[Picture, list[str]]:
    """Play the migration to its end and kill on the way; gives how it ended and at what was killed."""
    killer = Killer(running, migration, moments)
    rehearsal = AtTurns(running.stack, running.people(migration, *releases))
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
