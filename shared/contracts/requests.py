"""What most activities are asked and answer: a poll, something submitted, a gate, how a phase ended. The rest by subject beside it."""

from datetime import datetime
from typing import TypedDict, TypeVar

from pydantic import Field

from shared.models import NEVER, Announcement, Model, Request, Scope
from shared.problems import ProblemData


class Poll(Scope):
    """A look at the world by somebody who waits: whom to wake, and by which event, when it is worth another look."""

    instance: str = Field(default="", description="the waiting instance")
    event: str = Field(default="", description="the event to raise at it; a new name for each look")
    since: datetime = Field(default=NEVER, description="when this wait began")
    tag: str = Field(default="", description="tells two waits of one phase apart")
    job: str = Field(default="", description="the job, operation or command that is looked at")
    owner: str = Field(default="", description="the flow that has the machine: its instance id")
    newer_than: datetime = Field(default=NEVER, description="only what is newer counts")
    urgent: bool = Field(default=False, description="machines are down until it is seen, whatever the phase")

    @property
    def first(self) -> bool:
        """Tell whether the wait begins with this very look: what takes minutes cannot have come yet."""
        return self.now <= self.since


class PollResult(Model):
    """What a look saw. Not settled = a wait is armed, and the next look comes with its event or after `patience`."""

    settled: bool = False
    patience: int = Field(default=86_400, description="seconds until the next look when no event comes")
    exact: bool = Field(default=False, description="the next look is due at a moment: its patience does not grow")


class SyncResult(PollResult):
    """A first copy is through, or not yet."""

    differs: bool = Field(default=False, description="the item may have to be told more than enabling could say")


class BootResult(PollResult):
    """A machine in Azure is up, or not yet."""

    scripts: bool = Field(default=False, description="the plan has scripts of its own to run in it")
    checks: bool = Field(default=False, description="the plan has checks to run in it")


class Submitted(Model):
    """Something was asked of a cloud; an empty `job` says that it was so already."""

    job: str = ""
    patience: int = Field(default=3_600, description="seconds after which it is looked at without being told")
    more: bool = Field(default=False, description="something else may have to be submitted after it")


class FailoverResult(Model):
    """A machine lives in Azure now."""

    source_runs: bool = Field(default=False, description="the failover was to shut its source down and did not manage")


class GatePoll(Poll):
    """A gate: something that a person decides."""

    name: str = ""


class GatePollResult(PollResult):
    """What people decided at a gate so far."""

    decision: str = Field(default="", description="approve, confirm or reject; empty while it is open")
    by: str = ""
    comment: str = ""
    expired: bool = False


class Verification(Poll):
    """Looking into a machine in Azure: the test machine or the migrated one."""

    test: bool = False


class PhaseExit(Scope):
    """A flow lets go of a machine (or of a wave, or of the plan's own phases), well or with a problem."""

    owner: str = ""
    problem: ProblemData | None = None


class WakeUps(Request):
    """Events to raise."""

    announcements: tuple[Announcement, ...] = ()


SomeScope = TypeVar("SomeScope", bound=Scope)


class ScopeFields(TypedDict):
    """Where in a migration we are, as the arguments of any request."""

    now: datetime
    form: int
    migration: str
    round: int
    attempt: int
    life: int
    wave: str
    machine: str
    phase: str
    enters: str


def where(scope: Scope) -> ScopeFields:
    """Give a place as the arguments of a request that says more: `Poll(**where(scope), job=job)`."""
    return ScopeFields(
        now=scope.now,
        form=scope.form,
        migration=scope.migration,
        round=scope.round,
        attempt=scope.attempt,
        life=scope.life,
        wave=scope.wave,
        machine=scope.machine,
        phase=scope.phase,
        enters=scope.enters,
    )


def scoped_as(scope: Scope, kind: type[SomeScope]) -> SomeScope:
    """Give a request of another kind at the same place."""
    return kind(**where(scope))
