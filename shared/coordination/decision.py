"""A decision: who says what, when, of which gate and machines, and why. One shape, from whoever decides to who acts on it."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from pydantic import Field

from shared.models import NEVER, Model
from shared.reporting.name_lists import some_of

Ticket = tuple[int, int]  # round and number with which somebody waits at a gate
MOST_NAMES: Final = 20  # of machines in a sentence


class Verdict(StrEnum):
    """What a person can say at a gate."""

    APPROVE = "approve"
    REJECT = "reject"
    CONFIRM = "confirm"


class Decision(Model):
    """What a person, or the plan, decides. The door gives it its id; whoever keeps it, keeps it as it is."""

    by: str = ""
    at: datetime = NEVER
    comment: str = ""
    person: str = Field(default="", description="Entra object id; empty = cannot be told apart from others")
    roles: tuple[str, ...] = Field(default=(), description="in which it was decided")
    surface: str = Field(default="", description="command line, page, API, plan")

    verb: str = Field(default="", description="the command that was given, e.g. cutover")
    verdict: Verdict | None = Field(default=None, description="what was said at a gate; none = it steers")
    gate: str = Field(default="", description="the gate, phase, concern or receiver that it is about")
    waves: tuple[str, ...] = ()
    machines: tuple[str, ...] = Field(default=(), description="none = all that it can be for, or no one in particular")
    all_ready: bool = Field(default=False, description="everything that waits at gates of that name, in any wave")

    id: str = Field(default="", description="comes from all that it says: written twice it is the same decision")
    first: bool = Field(default=False, description="the first of two approvals that are needed")
    tickets: dict[str, Ticket] = Field(default={}, description="with which tickets the machines waited, at a gate")

    @property
    def who(self) -> str:
        """Name the person in a sentence."""
        return self.by or "somebody"

    @property
    def is_no(self) -> bool:
        """Whether it stops whom it is for."""
        return self.verdict == Verdict.REJECT

    @property
    def text(self) -> str:
        """Give the decision in words, as the ledger's events tell it."""
        whom = some_of(self.machines, MOST_NAMES)
        about = f"{'at gate' if self.verdict else 'of'} {self.gate}" if self.gate else ""
        where = f"of wave {', '.join(self.waves)}" if self.waves else ""
        parts = (f"{self.who}: {self.verb}", about, where, f"for {whom}" if whom else "")
        comment = f": {self.comment}" if self.comment else ""
        also = "; another person has to approve it, too, as nobody knows who started the migration"
        return " ".join(part for part in parts if part) + comment + (also if self.first else "")

    def named(self, migration: str) -> Self:
        """Give the decision with an id that comes from all that it says: the same decision again has the same."""
        about = (migration, self.verb, self.gate, *self.waves, "", *self.machines, "")
        parts = (self.person, self.by, self.comment, self.at.isoformat())
        return self.replace(id=hashlib.sha256("\n".join((*about, *parts)).encode()).hexdigest()[:16])

    def of_round(self, number: int) -> tuple[str, ...]:
        """Give the machines that waited for it in a round."""
        return tuple(name for name in self.machines if self.tickets.get(name, (0, 0))[0] == number)

    def joined(self, other: "Decision") -> Self:
        """Give it for all that it and the same decision in another gate are for."""
        waves = tuple(dict.fromkeys((*self.waves, *other.waves)))
        return self.replace(waves=waves, machines=tuple(dict.fromkeys((*self.machines, *other.machines))))
