"""Machines that go together: prepared, approved, let into a window and into places within limits."""

from datetime import datetime

from pydantic import Field

from shared.contracts.requests import Poll, PollResult
from shared.contracts.rounds import Member
from shared.models import Model, Scope


class ApprovalPoll(Poll):
    """The wave asks what was approved: it has taken `taken` decisions already."""

    taken: int = 0
    prepared: bool = Field(default=False, description="no machine of the wave is on its way to the gate any more")
    straight: tuple[Member, ...] = Field(default=(), description="machines of a retry that were approved before")


class Cohorts(PollResult):
    """What was approved since: machines that go through cutover together, as cohorts within the limits."""

    cohorts: tuple[tuple[Member, ...], ...] = ()
    after: tuple[tuple[str, ...], ...] = Field(default=(), description="of each: the machines that must serve before")
    taken: int = 0


class Cohort(Poll):
    """Machines that go through cutover together."""

    number: int = 0
    machines: tuple[Member, ...] = ()
    after: tuple[str, ...] = Field(default=(), description="machines of an application's lower boot groups")
    land: tuple[str, ...] = ()
    overruns: int = Field(default=0, description="how often the window closed upon its machines")


class GroupPreparation(Scope):
    """Machines of a wave that are prepared side by side and then rehearsed together."""

    machines: tuple[Member, ...] = ()
    phases: tuple[str, ...] = ()


class CutoverMode(Model):
    """How a cohort fails over."""

    recovery_plan: bool = False


class WindowPollResult(PollResult):
    """The cutover window: settled = open now."""

    opens_at: datetime | None = None
    machines: tuple[Member, ...] = Field(default=(), description="those of a cohort that have a place in it")
    gone: tuple[str, ...] = Field(
        default=(), description="those of a cohort that another round has: nobody waits for them"
    )


class Slots(Poll):
    """Places within limits: `limit` names the kind of limit that counts."""

    limit: str = Field(default="", description="replicating or cuttingOver")
    count: int = 1
    machines: tuple[Member, ...] = Field(default=(), description="of a cohort: who waits meanwhile")
