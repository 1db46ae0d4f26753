"""Rounds: which roads, waves and machines walk in one, each from where and how far; and how far back a machine has to go."""

from pydantic import Field

from shared.itinerary import is_before
from shared.models import Model, Scope
from shared.problems import ProblemData


class Member(Model):
    """A machine of a wave in this round, and the phase where its walk begins."""

    name: str
    boot_group: int = 1
    resume_at: str = ""

    def is_past(self, phase: str) -> bool:
        """Whether the machine resumes at a phase later than this one."""
        return bool(self.resume_at) and is_before(phase, self.resume_at)


class Members(Model):
    """The machines of a wave that walk in this round."""

    members: tuple[Member, ...] = ()
    prepare: tuple[str, ...] = Field(default=(), description="phases before the approval, in order")
    land: tuple[str, ...] = Field(default=(), description="phases after the failover, in order")
    afterwards: tuple[str, ...] = Field(default=(), description="phases that nobody waits for")
    together: bool = Field(default=False, description="they are rehearsed as recovery plans")
    life: int = Field(default=1, description="the life of the round, as the ledger has it")


class RoadWalk(Model):
    """What a round walks on one road: its own phases in order, then its waves by name; `wave` names the road's section."""

    wave: str = Field(default="", description="the road's section: empty = the plan's own road, else its first wave")
    phases: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()


class Waves(Model):
    """What a round walks: the phases of the plan as a whole, then the roads side by side."""

    phases: tuple[str, ...] = ()
    roads: tuple[RoadWalk, ...] = ()
    life: int = Field(default=1, description="the life of the round, as the ledger has it")


class PhaseRun(Scope):
    """A stretch of the itinerary for one machine."""

    phases: tuple[str, ...] = ()
    resume_at: str = ""

    @property
    def due(self) -> tuple[str, ...]:
        """Give the phases from the one to resume at, where it lies in this stretch; else all of them."""
        return self.phases[self.phases.index(self.resume_at) if self.resume_at in self.phases else 0 :]


class RoadRun(Scope):
    """A road of a plan: its preparation, then its waves."""

    phases: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()


class Round(Scope):
    """A round: the first run, a retry, a rollback or a cancellation; `purpose` says which."""

    purpose: str = Field(default="migrate", description="migrate, rollback or cancel")
    owner: str = ""
    problem: ProblemData | None = None


class CutoverProgress(Model):
    """How far a machine's cutover came, for rolling it back."""

    failed_over: bool = False
    failover_job: str = Field(default="", description="a failover still under way; it cannot be cancelled")
    target_exists: bool = False
    protected: bool = False
    test_running: bool = False
    source_stopped: bool = False
    services_stopped: bool = False
    cancellable: bool = Field(
        default=False, description="its failover can be cancelled, and nobody was told to work in Azure yet"
    )
