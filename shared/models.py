"""What crosses a boundary: frozen, typed, plain JSON in camelCase; unknown fields are ignored, new ones have defaults."""

from datetime import UTC, datetime, timedelta
from functools import partial
from operator import not_
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# Clocks of clouds differ from ours: what was asked for at a moment may bear an earlier one there, by this much at most.
CLOCK_SKEW = timedelta(minutes=10)
Sparse: Final = partial(Field, exclude_if=not_)  # a field that is left out where it says nothing


class Model(BaseModel):
    """Base of everything on the wire. Histories outlive deployments: never remove a field, always give a default."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    def replace(self, **changes: object) -> Self:
        """Give a copy with some fields changed."""
        return self.model_copy(update=changes)


class Preserving(Model):
    """Part of a row that keeps what it does not know: a newer version wrote that, and a change by this one must not lose it.

    Kept in camelCase, as the API shows it.
    """

    model_config = ConfigDict(extra="allow", serialize_by_alias=True)


class Request(Model):
    """What an activity or a phase is asked. The seam stamps `now` from the orchestrator's clock at each call."""

    now: datetime = Field(default=NEVER, description="the orchestrator's clock; activities never read the wall clock")
    form: int = Field(
        default=1, description="the form of orchestrators in which its round began; see shared/durable/forms.py"
    )


class Done(Model):
    """Nothing more to say than that it is so."""


class Scope(Request):
    """Where in a migration we are: the plan is found by `migration`, the machine by its name in the plan."""

    migration: str = Field(description="id of the migration, `{plan}.{run}`")
    round: int = Field(default=1, description="1 for the first run, one more for each retry")
    attempt: int = Field(default=1, description="within a round: one more for each further opening of a cutover window")
    life: int = Field(default=1, description="of a round: one more each time its root was lost and begun again")
    wave: str = ""
    machine: str = ""
    phase: str = ""
    enters: str = Field(default="", description="the flow that enters the phase with this request, the first of it")

    @property
    def key(self) -> str:
        """Stable id of this phase of this machine in this round and attempt: from it come request ids, wait ids and row keys."""
        tried = f"{self.round}-{self.attempt}" if self.attempt > 1 else str(self.round)
        return ".".join(part for part in (self.migration, self.wave, self.machine, self.phase, tried) if part)


class Announcement(Model):
    """An event to raise: it only wakes the waiter, which then looks for itself."""

    instance: str
    event: str


class Settled(Model):
    """Reply of an activity that settled something for others: who to wake."""

    announcements: tuple[Announcement, ...] = ()
