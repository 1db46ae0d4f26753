"""Table `outbox`: what is to be told. A notice is what happened to a machine; a dispatch goes to a receiver and tells some of them.

Both stand in the partition of their migration, so that notices become dispatches in one transaction, or not at all.
"""

from datetime import UTC, datetime
from typing import Final

from pydantic import Field

from shared.ids import short_hash
from shared.models import NEVER, Model
from shared.notifications.topics import Topic
from shared.reporting import release_commands
from shared.storage.rows import Rows

HAPPENED, TOLD = "n.", "t."  # how keys of notices and of dispatches begin
WAITS: Final = "waits eq true"
DEAD: Final = "dead eq true"


class Notice(Model):
    """Something that people are to be told of."""

    topic: Topic
    at: datetime = NEVER
    migration: str
    wave: str = ""
    machine: str = ""
    gate: str = ""
    text: str = Field(default="", description="what happened, or what to do, in plain words")
    cause: str = Field(default="", description="id of the problem; machines of one cause are told of together")
    who: tuple[str, ...] = Field(default=(), description="who may decide, where the plan names them")
    expires: datetime | None = None
    then: str = Field(default="", description="what happens when it expires")
    command: str = ""

    @property
    def group(self) -> tuple[str, ...]:
        """Give what notices have in common that are told of in one message."""
        about = self.gate or self.cause or self.text
        return (self.topic, self.wave, self.gate, about, release_commands.for_all(self.command, self.machine))


class Dispatch(Model):
    """A message to one receiver, until it is delivered or given up."""

    receiver: str = Field(description="name of a channel, or an address that the plan gives")
    message: str = Field(description="id of what is told: the same for every receiver and every try")
    notices: tuple[Notice, ...]
    life: int = Field(default=1, description="one more each time that a person has it sent again")
    tries: int = 0
    due: datetime = Field(
        default=NEVER, description="when it is tried (again); while a try runs, when that counts as lost"
    )
    handed_over: bool = Field(default=False, description="the receiver works on it: it is only asked what became of it")
    delivered: datetime | None = None
    given_up: datetime | None = Field(default=None, description="since when nobody tries any more")
    failure: str = Field(default="", description="why the last try failed")

    @property
    def is_open(self) -> bool:
        """Whether it still has to be delivered."""
        return self.delivered is None and self.given_up is None


class OutboxRow(Model):
    """A row: one of both."""

    migration: str
    waits: bool = Field(default=True, description="not yet told, and not given up")
    dead: bool = Field(default=False, description="given up: a person may have it sent again")
    notice: Notice | None = None
    dispatch: Dispatch | None = None


TABLE: Final = Rows("outbox", OutboxRow)


def notice_key(notice: Notice, event: str) -> str:
    """Give the key of a notice: by its time, and by the id of what it tells of, which is written once."""
    return f"{HAPPENED}{_moment(notice.at)}.{short_hash(f'{notice.topic} {notice.machine} {event}')}"


def dispatch_key(dispatch: Dispatch) -> str:
    """Give the key of a dispatch: in the order of what they tell of, then by receiver."""
    first = min(notice.at for notice in dispatch.notices)
    return f"{TOLD}{_moment(first)}.{dispatch.message}.{short_hash(dispatch.receiver)}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}"
