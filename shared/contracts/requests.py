"""What orchestrators ask and what they are told: the models of shared/contracts/contracts.py, grouped by what they are for."""

from datetime import datetime
from typing import Any, TypeVar

from pydantic import Field

from shared.models import NEVER, Announcement, Model, Request, Scope, Settled
from shared.problems import ProblemData

NEAR = 60  # seconds between two listings of a first copy that is new or about to end


class Poll(Scope):
    """A look at the world by somebody who waits: whom to wake, and by which event, when it is worth another look."""

    instance: str = Field(default="", description="the waiting instance")
    event: str = Field(default="", description="the event to raise at it; a new name for each look")
    since: datetime = Field(default=NEVER, description="when this wait began")
    tag: str = Field(default="", description="tells two waits of one phase apart")
    job: str = Field(default="", description="the job, operation or command that is looked at")
    owner: str = Field(default="", description="the flow that has the machine: its instance id")
    newer_than: datetime = Field(default=NEVER, description="only what is newer counts")

    @property
    def first(self) -> bool:
        """Tell whether the wait begins with this very look: what takes minutes cannot have come yet."""
        return self.now <= self.since


class PollResult(Model):
    """What a look saw. Not settled = a wait is armed, and the next look comes with its event or after `patience`."""

    settled: bool = False
    patience: int = Field(default=86_400, description="seconds until the next look when no event comes")
    exact: bool = Field(default=False, description="the next look is due at a moment: its patience does not grow")


class Submitted(Model):
    """Something was asked of a cloud; an empty `job` says that it was so already."""

    job: str = ""
    patience: int = Field(default=3_600, description="seconds after which it is looked at without being told")
    more: bool = Field(default=False, description="something else may have to be submitted after it")


class FailoverResult(Model):
    """A machine lives in Azure now."""

    source_runs: bool = Field(default=False, description="the failover was to shut its source down and did not manage")


class AppliancePollResult(PollResult):
    """The replication appliance as Site Recovery knows it."""

    registered: bool = False
    healthy: bool = False
    confirmed: bool = False
    advice: str = ""


class Preparation(Model):
    """What the plan asks of the appliance."""

    launch: bool = False
    registration_timeout: int = Field(default=900, description="seconds; the guides speak of 15 minutes")


class SourceCommand(Poll):
    """A script to run on a source machine through its management agent."""

    script: str = Field(default="", description="install-agent, check-connectivity, stop-services or start-services")
    number: int = Field(default=1, description="tells apart several of one script in a phase, one after another")


class RouteJudgement(Model):
    """The way between a machine and its server is open as far as rules tell."""

    back: bool = Field(default=False, description="the server must reach the machine, too, and may try it")


class CommandStarted(Model):
    """A command was sent; an empty id says that there is no agent to send it to, or nothing to run."""

    command: str = ""
    by_hand: bool = Field(default=False, description="a person has to do it")


class Installation(PollResult):
    """What the installer of an agent came to."""

    needs_file: bool = Field(default=False, description="it registers once a person has put a file into place")


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


class Member(Model):
    """A machine of a wave in this round, and the phase where its walk begins."""

    name: str
    boot_group: int = 1
    resume_at: str = ""


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


class RoadRun(Scope):
    """A road of a plan: its preparation, then its waves."""

    phases: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()


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


class VaultListings(Model):
    """What the watcher of a vault keeps in mind from tick to tick: what it listed when."""

    jobs: datetime = Field(default=NEVER, description="when jobs were listed last")
    items: datetime = Field(default=NEVER, description="when protected items were listed last")
    told: datetime = Field(default=NEVER, description="when the copies of those that stand by were told last")
    copies: int = Field(default=NEAR, description="seconds between two listings of items that first copies are worth")
    busy: datetime = Field(default=NEVER, description="when somebody last waited for more than a first copy")


class Watch(Request):
    """The watcher of one vault."""

    vault: str = Field(description="watch key of the vault")
    ticks: int = 0
    listed: VaultListings = VaultListings()


class PartitionProbe(Request):
    """A look whether a partition of the task hub works."""

    partition: int = 0


class WatcherTick(Settled):
    """What a tick of the watcher found: whom to wake, and when to look again; no rows = the watcher may end."""

    next: int = Field(default=30, description="seconds until the next tick")
    rows: int = 0
    listed: VaultListings = VaultListings()
    untended: bool = Field(default=False, description="nobody tends the frame any more: the watcher does it once")


class WakeUps(Request):
    """Events to raise."""

    announcements: tuple[Announcement, ...] = ()


SomeScope = TypeVar("SomeScope", bound=Scope)


def scoped_as(scope: Scope, kind: type[SomeScope], **more: Any) -> SomeScope:
    """Give a request of another kind at the same place."""
    return kind(**({name: getattr(scope, name) for name in Scope.model_fields} | more))
