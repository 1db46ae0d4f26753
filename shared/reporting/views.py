"""What the API answers: the ledger's rows without what is only ours, and what belongs to them."""

from datetime import datetime
from typing import Self

from pydantic import Field

from shared.backup.manifest import Manifest
from shared.concerns.registry import Concern
from shared.concerns.source_facts import SourceFacts
from shared.coordination.decision import Decision
from shared.ledger.event_data import EventData
from shared.ledger.evidence import Evidence
from shared.ledger.plan_change import DroppedMachine
from shared.ledger.serving import Outage, Serving
from shared.models import NEVER, Model
from shared.problems import Fault, ProblemData
from shared.states import MachineState, MigrationStatus, Outcome, WaveState


class GateView(Model):
    """A gate that waits for people."""

    name: str
    wave: str = ""
    machine: str = Field(default="", description="set where each machine has a gate of its own")
    round: int = 1
    text: str = Field(default="", description="what to do, in exact steps")
    release: str = Field(default="", description="the command that releases it")
    since: datetime = NEVER
    expires: datetime | None = None
    then: str = Field(default="", description="what happens when nobody decides before it expires")
    approvers: tuple[str, ...] = Field(default=(), description="roles or object ids that may pass it")
    four_eyes: bool = Field(default=False, description="who started the migration may not pass it")
    approved_by: tuple[str, ...] = Field(default=(), description="who approved already, where two people have to")
    verdicts: tuple[str, ...] = Field(default=(), description="what can be said here")
    pending: tuple[str, ...] = Field(default=(), description="machines that nothing was decided for yet")


class WaveView(Model):
    """A wave and how far it is."""

    wave: str
    road: str = Field(default="", description="scenario and mode that its machines go")
    state: WaveState = WaveState.NOT_STARTED
    done: bool = False
    succeeded: bool = False
    depends_on: tuple[str, ...] = ()
    machines: int = 0
    counts: dict[str, int] = Field(default={}, description="machine state -> how many")
    percent: float = Field(default=0, description="roll-up of its machines")


class MigrationSummary(Model):
    """A migration, as a list shows it."""

    id: str
    plan: str = ""
    scenario: str = ""
    mode: str = ""
    status: MigrationStatus = MigrationStatus.RUNNING
    outcome: Outcome = Outcome.NONE
    phase: str = ""
    waiting_for: str = ""
    release: str = Field(default="", description="the command that releases it")
    started_at: datetime | None = None
    ended_at: datetime | None = None
    started_by: str = ""
    round: int = 1
    open_rounds: tuple[int, ...] = ()
    problem: ProblemData | None = None
    concerns: tuple[Concern, ...] = ()
    machines: int = 0
    stamp: datetime = Field(default=NEVER, description="when it changed last")


class MigrationView(MigrationSummary):
    """A migration, whole."""

    road: str = Field(default="", description="scenario and mode of the plan; waves may have others")
    counts: dict[str, int] = Field(default={}, description="machine state -> how many")
    percent: float = Field(default=0, description="roll-up of all machines")
    waves: tuple[WaveView, ...] = ()
    gates: tuple[GateView, ...] = Field(default=(), description="gates that wait for people now")
    left_out: dict[str, str] = Field(
        default={}, description="machines of the plan that are left out of the work -> their strategy"
    )
    serving_nowhere: int = Field(default=0, description="machines that serve neither on their source nor in Azure")
    attention: tuple[str, ...] = Field(
        default=(), description="what a person should know first: outages, copies that no cutover could be made from"
    )


class DecisionView(Model):
    """What a command decided on."""

    id: str = Field(default="", description="of the decision; its event bears it, too")
    verb: str = ""
    gate: str = ""
    waves: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    text: str = Field(default="", description="what was decided on, and what now happens")


class CommandView(MigrationView):
    """A migration after a command, and what the command came to."""

    decision: DecisionView = DecisionView()


class MachineView(Model):
    """A machine of a migration."""

    name: str
    wave: str = ""
    application: str = ""
    boot_group: int = 1
    state: MachineState = MachineState.NOT_READY
    phase: str = ""
    round: int = 1
    failed_in: str = ""
    dropped: DroppedMachine | None = Field(default=None, description="by whom and why it was taken out of the plan")
    waiting_for: str = ""
    release: str = Field(default="", description="the command that releases it")
    since: datetime = NEVER
    percent: float | None = None
    lag_seconds: int | None = Field(default=None, description="while it replicates")
    recovery_point_at: datetime | None = Field(default=None, description="its latest recovery point that was seen")
    health: str = Field(default="", description="of its replication: Normal, Warning or Critical")
    unfit: str = Field(default="", description="why no cutover could begin from its copy now")
    paused_by: str = Field(default="", description="who paused it: it holds before its next phase")
    eta: datetime | None = None
    problem: ProblemData | None = None
    concerns: tuple[Concern, ...] = ()
    unjudged: dict[str, str] = Field(
        default={},
        description="rules that it was not judged by -> the fact that was missing; told in the migration's concerns",
    )
    source_id: str = ""
    private_ip: str = ""
    item_id: str = ""
    target_vm_id: str = ""
    test_vm_id: str = ""
    jobs: dict[str, str] = Field(default={})
    marks: dict[str, datetime] = Field(default={})
    serving: Serving = Field(default=Serving.UNKNOWN, description="where it serves now")
    serving_since: datetime = NEVER
    outage_seconds: int | None = Field(
        default=None, description="how long it has served nowhere by now; null = it serves"
    )
    downtime_seconds: int | None = Field(
        default=None, description="how long all its outages lasted, the one that goes on included; null = it had none"
    )
    expected_downtime_seconds: int | None = Field(
        default=None,
        description="as its rehearsal took, from its submission to the checks of the copy; stopping the source comes on top",
    )
    outages: tuple[Outage, ...] = Field(default=(), description="the oldest first, also those that ended in a way back")
    evidence: Evidence = Evidence()
    source: SourceFacts = SourceFacts()
    stamp: datetime = NEVER


class EventView(Model):
    """One thing that happened."""

    id: str
    at: datetime
    wave: str = ""
    machine: str = ""
    phase: str = ""
    round: int = 1
    what: str
    text: str = ""
    by: str = ""
    decision: Decision | None = Field(default=None, description="that it tells of")
    data: EventData | None = Field(default=None, description="what of it programs read")


class Page(Model):
    """A page of a listing."""

    next_link: str | None = Field(default=None, description="path of the next page; left out on the last one")


class MigrationPage(Page):
    """A page of migrations, the newest first."""

    value: tuple[MigrationSummary, ...] = ()
    kept: str = Field(default="", description="what stays of those that ended, and for how long; told with ended=true")


class MachinePage(Page):
    """A page of machines, by name."""

    value: tuple[MachineView, ...] = ()
    since: str = Field(
        default="",
        description="of the first page: ask with it for the machines that changed since; what was written lately comes again",
    )


class EventPage(Page):
    """A page of events, the oldest first."""

    value: tuple[EventView, ...] = ()
    token: str = Field(
        default="",
        description="poll from here to miss nothing: what was written lately comes again, so tell events apart by id",
    )


class Validation(Model):
    """What is known of a plan without any look at the clouds."""

    valid: bool = True
    name: str = ""
    machines: int = 0
    concerns: tuple[Concern, ...] = ()
    errors: tuple[Fault, ...] = ()
    left_out: dict[str, str] = Field(default={}, description="machines that are not migrated -> their strategy")
    profile: str = Field(default="", description="that it lies upon; empty = none")
    profile_version: int = 0


class AssessmentStatus(Model):
    """An assessment that is being made."""

    id: str = ""
    status: str = "Running"
    place: str = Field(default="", description="path where it will be")


class Health(Model):
    """Whether the app can work."""

    version: str
    storage: str = Field(description="reachable or unreachable")


class HealthDetails(Health):
    """Whether everything goes on, for those who may know."""

    late: tuple[str, ...] = Field(default=(), description="parts that stand still, in plain words; see the runbook")
    refused_messages: int = Field(default=0, description="messages in the poison queue; -1 = not known")


class BackupView(Model):
    """A backup of tables and blobs."""

    name: str
    version: str = Field(default="", description="of the app that wrote it")
    began: datetime = NEVER
    rows: dict[str, int] = Field(default={}, description="by table")
    blobs: int = 0

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Give what people want to know of one."""
        return cls.model_validate(manifest.model_dump(include={"name", "version", "began", "rows", "blobs"}))


class BackupStatus(Model):
    """A backup that is being written or put back."""

    name: str
    status: str = "Running"
    place: str = Field(default="", description="path where it will be told what it came to")


class BackupList(Model):
    """All backups that are whole."""

    value: tuple[BackupView, ...] = ()
