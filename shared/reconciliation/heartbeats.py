"""Table `beats`: when each part of the frame that must never stand still showed itself last, and when it is due again.

Durable Functions calls an instance Running whose partition nobody owns, and a timer that stopped after a deployment is
silent: only a beat that is missing tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import Field

from shared.models import NEVER, Model
from shared.observability import metrics
from shared.storage.batch_writes import write_all
from shared.storage.entities import key
from shared.storage.rows import Operation, Rows, StoredRow, create, update

EVERY: Final = timedelta(minutes=5)  # as triggers/reconcile.py
HARDLY: Final = timedelta(minutes=2)  # later is no news: nobody is late before the grace is over
GRACE: Final = timedelta(minutes=10)
ALL: Final = "beats"
NOT_ASKED: Final = datetime(9999, 1, 1, tzinfo=UTC)  # nothing is due of who answers only when asked


@dataclass(frozen=True)
class FramePart:
    """A part of the frame: under which name it shows itself, what people call it, and whether it watches a vault."""

    name: str
    what: str = ""
    watches: bool = False


RECONCILE: Final = FramePart("reconcile", "the timer `reconcile`")
RECONCILED: Final = FramePart(
    "reconciled", "the look after everything that runs"
)  # by the timer, or by a watcher in its place


class Beat(Model):
    """A part that shows itself again and again."""

    name: str
    what: str = ""
    watches: bool = Field(default=False, description="it is the watcher of a vault, an instance of that name")
    at: datetime = NEVER
    due: datetime = NEVER
    probe: datetime = Field(default=NEVER, description="when the oldest probe began that has not come through")

    def is_late(self, now: datetime) -> bool:
        """Tell whether it should have shown itself again long ago."""
        return now > self.due + GRACE

    def text(self) -> str:
        """Say in plain words that it is late."""
        return f"{self.what or self.name} was last seen at {self.at:%Y-%m-%d %H:%M} UTC and is late"


TABLE: Final = Rows("beats", Beat)


def beat(part: FramePart, now: datetime, again: timedelta) -> None:
    """Note that a part shows itself, and when it is due again, where that is news; a late twin changes nothing."""
    new = _beat(part, now, again)
    known = TABLE.last_known(ALL, part.name)
    if known is None or not _says_enough(known, new):
        TABLE.change(ALL, part.name, lambda existing: None if existing and existing.at > now else new)
    metrics.showed_itself("watcher" if part.watches else part.name)


def _beat(part: FramePart, now: datetime, again: timedelta) -> Beat:
    return Beat(name=part.name, what=part.what, watches=part.watches, at=now, due=now + again)


def _says_enough(known: Beat, new: Beat) -> bool:
    """Tell whether a beat may stand for a new one: it is about as young, and promises about as much."""
    return abs(new.at - known.at) < HARDLY and abs(new.due - known.due) < HARDLY


def expect(part: FramePart, now: datetime, again: timedelta) -> Beat:
    """Give the beat of a part; one that never showed itself is due from now on."""
    new = _beat(part, now, again)
    return TABLE.change(ALL, part.name, lambda existing: existing or new) or new


def is_late(part: FramePart, now: datetime, again: timedelta) -> bool:
    """Tell whether a part is late; read only where what this process knows of it says so: it may have come since."""
    known = TABLE.last_known(ALL, part.name)
    return (known is None or known.is_late(now)) and expect(part, now, again).is_late(now)


def is_due(part: FramePart, now: datetime) -> bool:
    """Tell whether it is time for a part again; read only where what this process knows of it says so."""
    known = TABLE.last_known(ALL, part.name)
    return (known is None or now >= known.due) and now >= expect(part, now, timedelta()).due


@dataclass(frozen=True)
class Question:
    """A part that is asked to show itself: what it is, the last of our questions that it answered, and when it did."""

    what: str
    answered: datetime = NEVER
    at: datetime = NEVER


def ask(parts: Mapping[str, Question], now: datetime) -> None:
    """Note that parts (by name) are asked to show themselves, and who answered: an answer is due to the oldest question.

    Nothing is due of who was not looked at since it was asked, so who stopped asking makes nobody late.
    """

    def operations(existing: Mapping[str, StoredRow[Beat]]) -> list[Operation]:
        return [_asked(existing.get(key(name)), name, question, now) for name, question in parts.items()]

    write_all(TABLE, ALL, operations, parts)
    for name, question in parts.items():
        if question.at != NEVER:
            metrics.showed_itself(name)


def _asked(found: StoredRow[Beat] | None, name: str, question: Question, now: datetime) -> Operation:
    """Ask a part anew, or remind it of the question that it has not answered."""
    new = Beat(name=name, what=question.what, at=now, due=NOT_ASKED, probe=now)
    if found is None:
        return create(ALL, name, new)
    row = found.row.replace(what=question.what, due=found.row.probe)
    if row.probe == NEVER:  # an earlier release wrote it
        row = new
    elif question.at != NEVER and question.answered >= found.row.probe:
        row = row.replace(at=question.at, due=NOT_ASKED, probe=now)
    return update(found, ALL, row)


def end(name: str) -> None:
    """Note that a part has ended as it should."""
    TABLE.drop(ALL, name)


def late(now: datetime) -> tuple[Beat, ...]:
    """Give the parts that are late."""
    return tuple(row for row in TABLE.of(ALL) if row.is_late(now))
