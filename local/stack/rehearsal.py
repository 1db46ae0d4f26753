"""Drives one migration to its end: watches, lets people act at gates, lets the skipping clock go on in between."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cli.answers import MachineSeen

from .actor import Actor, Turn
from .api_client import Picture
from .part import StackError
from .scripted_operators import People
from .stack import Stack

A_LOOK = 1.0  # real seconds between looks with a clock that goes by itself
A_GLANCE = 0.35  # real seconds between looks at the machines
GIVE_UP = timedelta(days=7)  # of virtual time in which nothing changed: nobody will do anything any more

Show = Callable[[Picture, datetime, list[str]], None]


class Rehearsal:
    """One migration on a running stack."""

    glance = A_GLANCE

    def __init__(self, stack: Stack, people: People, show: Show = lambda _picture, _now, _done: None) -> None:
        """Keep who takes part."""
        self._stack = stack
        self._people = people
        self._show = show
        self._looked = -1
        self._machines: tuple[MachineSeen, ...] = ()
        self._machines_at = 0.0
        self._silence: tuple[str, datetime] | None = None
        self._turned = datetime.min.replace(tzinfo=UTC)  # the clock's moment at the last turn

    def play(self, migration: str, until: Callable[[Picture], bool] = lambda picture: picture.ended) -> Picture:
        """Go on until the migration has ended, or is where `until` wants it; gives how it stands then.

        Ends early when nothing has changed for a week of virtual time. Raises `StackError` when a part of the stack ended.
        """
        with Actor(self._stack.places.clock) as actor:
            while True:
                for part in self._stack.ended():
                    raise StackError(f"{part.name} ended by itself:\n{part.tail()}")
                picture = self.step(actor, migration)
                if picture is not None and (until(picture) or (actor.skipping and self._is_stuck(picture))):
                    return picture

    def forget(self) -> None:
        """Look again although nothing seems new: something was done behind our back."""
        self._looked = -1

    def step(self, actor: Actor, migration: str, patience: float = A_LOOK) -> Picture | None:
        """Wait a little until there is something to see; look, act, let time go on. None when there was nothing new."""
        if not actor.skipping:
            time.sleep(patience)
            return self._look(migration, actor.now())[0]
        turn = actor.turn(patience)
        if turn is None:
            return self._without_turn(actor, migration)
        self._turned = turn.now
        if turn.epoch == self._looked or not self._is_worth_a_look(actor, turn.now):
            self._go_on(actor, turn, acted=False)
            return None
        picture, acted = self._look(migration, turn.now)
        actor.stop_at(self._next_stop(picture, turn.now))
        self._looked = -1 if acted else turn.epoch
        self._go_on(actor, turn, acted=acted)
        return None if acted else picture

    def _go_on(self, actor: Actor, turn: Turn, *, acted: bool) -> None:
        """Let time go on, or have everybody look at what is new."""
        actor.answer(turn, acted=acted)

    def _without_turn(self, _actor: Actor, _migration: str) -> Picture | None:
        """Do what is to be done while somebody is busy, or nothing is due any more."""
        return None

    def _is_worth_a_look(self, _actor: Actor, _now: datetime) -> bool:
        """Tell whether to look at this moment, at which everybody else is idle."""
        return True

    def _next_stop(self, picture: Picture, now: datetime) -> datetime | None:
        """Give the moment that no jump may pass."""
        return self._people.next_due(picture, now)

    def _look(self, migration: str, now: datetime) -> tuple[Picture, bool]:
        """Look, and let people act."""
        picture = self._picture(migration)
        done = self._people.act(picture, now)
        self._show(picture, now, done)
        return picture, bool(done)

    def _picture(self, migration: str) -> Picture:
        """Ask for the machines only now and then, unless somebody is to decide about them."""
        door = self._people.door
        seen = door.glance(migration).migration
        if seen.gates or seen.ended or time.monotonic() - self._machines_at > self.glance:
            self._machines = door.machines(migration) if seen.ended else door.changed_machines(migration)
            self._machines_at = time.monotonic()
        return Picture(seen, self._machines)

    def _is_stuck(self, picture: Picture) -> bool:
        """Tell whether nothing has changed for so long that nothing will."""
        snapshot = repr(
            [(each.name, each.state, each.phase, each.percent, each.waiting_for) for each in picture.machines]
        )
        snapshot += repr(
            (picture.migration.status, picture.migration.phase, picture.migration.waiting_for, picture.gates)
        )
        if self._silence is None or self._silence[0] != snapshot:
            self._silence = (snapshot, self._turned)
        return self._turned - self._silence[1] > GIVE_UP
