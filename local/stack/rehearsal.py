"""Drives one migration to its end: watches, lets people act at gates, lets the skipping clock go on in between."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from .actor import Actor, Turn
from .door import Door, Picture
from .part import StackError
from .people import People
from .stack import Stack

A_LOOK = 1.0  # real seconds between looks with a clock that goes by itself
GIVE_UP = timedelta(days=7)  # of virtual time in which nothing changed: nobody will do anything any more

Show = Callable[[Picture, datetime, list[str]], None]


class Rehearsal:
    """One migration on a running stack."""

    def __init__(self, stack: Stack, door: Door, people: People, show: Show) -> None:
        """Keep who takes part."""
        self._stack = stack
        self._door = door
        self._people = people
        self._show = show
        self._last: tuple[str, datetime] | None = None
        self.seen: Picture | None = None

    def play(self, migration: str, until: Callable[[Picture], bool] = lambda picture: picture.ended) -> Picture:
        """Go on until the migration has ended, or is where `until` wants it; gives how it stands then.

        Ends early when nothing has changed for a week of virtual time. Raises `StackError` when a part of the stack ended.
        """
        with Actor(self._stack.places.clock) as actor:
            skipping, looked = actor.skipping, -1
            while True:
                turn = self._turn(actor, skipping=skipping)
                if turn is not None and turn.epoch == looked:
                    actor.answer(turn, acted=False)
                    continue
                if turn is None and skipping and self.seen is not None:
                    continue
                picture, now = self._door.look(migration), actor.now()
                self.seen = picture
                done = self._people.act(picture, now)
                self._show(picture, now, done)
                if not done and (until(picture) or (skipping and self._is_stuck(picture, now))):
                    return picture
                actor.stop_at(self._people.next_due(picture, now) if skipping else None)
                looked = self._go_on(actor, turn, acted=bool(done))

    def _turn(self, actor: Actor, *, skipping: bool) -> Turn | None:
        """Wait until it is worth another look."""
        for part in self._stack.ended():
            raise StackError(f"{part.name} ended by itself:\n{part.tail()}")
        if skipping:
            return actor.turn()
        time.sleep(A_LOOK)
        return None

    @staticmethod
    def _go_on(actor: Actor, turn: Turn | None, *, acted: bool) -> int:
        """Answer the turn; gives the epoch that needs no second look."""
        if turn is None:
            return -1
        actor.answer(turn, acted=acted)
        return -1 if acted else turn.epoch

    def _is_stuck(self, picture: Picture, now: datetime) -> bool:
        """Tell whether nothing has changed for so long that nothing will."""
        said = repr([(one.name, one.state, one.phase, one.percent, one.waiting_for) for one in picture.machines])
        said += repr((picture.migration.status, picture.migration.phase, picture.migration.waiting_for, picture.gates))
        if self._last is None or self._last[0] != said:
            self._last = (said, now)
        return now - self._last[1] > GIVE_UP
