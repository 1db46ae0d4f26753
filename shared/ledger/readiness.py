"""What a machine waits for that is ready for its cutover, and whether one could begin from its copy."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator

from shared.models import Model


class Hold(StrEnum):
    """What a machine waits for before its cutover, where flows must know it; a new `waiting_for` alone takes it back."""

    GATE = "gate"  # people, at the gate of its wave's cutover
    TARGET = "target"  # what Azure would refuse it now


class Handover(Model):
    """A wave sent machines into their cutover by itself: in which round and life of it, and as its how-manieth cohort."""

    round: int
    life: int
    turn: int

    @property
    def run(self) -> tuple[int, int]:
        """Give the run of the wave's flow, in which no machine is sent twice."""
        return self.round, self.life


class CopyTrouble(StrEnum):
    """What kind of thing is wrong with a copy; an event is written when that changes."""

    GONE = "not protected"
    CRITICAL = "critical health"
    RESYNC = "resynchronisation"
    NO_POINT = "no recovery point"
    BEHIND = "too far behind"


class Unfit(Model):
    """Why no cutover could begin from a machine's copy now."""

    trouble: CopyTrouble
    why: str

    @property
    def text(self) -> str:
        """Put it into words."""
        return f"{self.trouble}: {self.why}"


def _handover(value: object) -> object:
    """Read what an earlier build wrote as text: `round.life.turn`."""
    if not isinstance(value, str):
        return value
    return dict(zip(Handover.model_fields, value.split("."), strict=True)) if value else None


def _unfit(value: object) -> object:
    """Read what an earlier build wrote as text: `trouble: why`."""
    if not isinstance(value, str):
        return value
    trouble, _, why = value.partition(": ")
    return {"trouble": trouble, "why": why} if value else None


KeptHandover = Annotated[Handover | None, BeforeValidator(_handover)]
KeptUnfit = Annotated[Unfit | None, BeforeValidator(_unfit)]
