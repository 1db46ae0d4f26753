"""A machine's row in the ledger: what is known of it, the moments that are marked, and what a change of it may say."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypedDict

from pydantic import Field, PlainSerializer

from shared.concerns.registry import Concern
from shared.concerns.source_facts import SourceFacts
from shared.ledger.evidence import Evidence
from shared.ledger.plan_change import DroppedMachine
from shared.ledger.readiness import Handover, Hold, KeptHandover, KeptUnfit, Unfit
from shared.ledger.serving import Change, Service
from shared.ledger.versioned_row import Stamped
from shared.models import NEVER
from shared.problems import ProblemData
from shared.states import MachineState


class Mark(StrEnum):
    """A moment of a machine's migration that is remembered; one that comes before its last rollback counts no more."""

    SOUGHT = "sought"  # its server began to be asked for it
    TEST_ASKED = "testAsked"  # its rehearsal was submitted
    TEST_UP = "testUp"  # its test copy was up, and its checks passed
    READY = "readyForCutover"  # it came to the approval of its cutover
    FACTS_READ_AGAIN = "factsReadAgain"  # source and target were read once more before its window
    TARGET_LOOKED = "targetLooked"  # the target was looked at, minutes before its source is touched
    SERVICES_ASKED = "servicesAsked"  # the script that stops its services was sent
    QUIESCED = "quiesced"  # they rest
    SERVICES_BACK = "servicesBack"  # they were started again
    STOP_REQUESTED = "stopRequested"  # its source was told to stop
    STOPPED = "stopped"  # and is seen off
    FAILOVER_ASKED = "failoverAsked"  # its failover was submitted: from here it may have a VM in Azure
    FAILED_OVER = "failedOver"  # it lives in Azure
    UP = "up"  # it was verified there: its users work in Azure
    FENCED = "fenced"  # its VM in Azure is off, so that its source may start
    SOURCE_BACK = "sourceBack"  # its source runs again
    ROLLED_BACK = "rolledBack"  # takes back all earlier ones


def _compact(facts: SourceFacts) -> dict[str, object]:
    """Give facts as the table keeps them: those that say something."""
    return facts.model_dump(mode="json", exclude_defaults=True)


class MachineRow(Stamped):
    """What is known of one machine of a migration."""

    migration: str
    name: str
    wave: str = ""
    application: str = ""
    boot_group: int = 1

    state: MachineState = MachineState.NOT_READY
    phase: str = ""
    round: int = 1
    failed_in: str = Field(default="", description="the phase where a retry goes on")
    handed: KeptHandover = Field(default=None, description="when its wave sent it into its cutover by itself")
    owner: str = Field(default="", description="instance id of the flow that has the machine; empty = none")
    yields: str = Field(default="", description="the flow of an earlier round that lets go of it after its phase")
    changing: int = Field(
        default=0, description="version of the plan that is about to hold: it enters no phase meanwhile"
    )
    retarget: int = Field(default=0, description="version of the plan whose target Site Recovery was not told yet")
    dropped: DroppedMachine | None = Field(default=None, description="it is not in the plan any more")
    waiting_for: str = ""
    held_by: Hold | None = Field(default=None, description="what of the kinds in `Hold` `waiting_for` speaks of")
    release: str = Field(default="", description="the command that releases it")
    since: datetime = NEVER

    percent: float | None = None
    moved_at: datetime | None = Field(default=None, description="when the percentage of its first copy last rose")
    stalled: bool = Field(default=False, description="its first copy does not get on")
    lag_seconds: int | None = None
    recovery_point_at: datetime | None = Field(default=None, description="the latest one that was seen")
    health: str = Field(default="", description="of its replication, as Site Recovery says: Normal, Warning, Critical")
    unfit: KeptUnfit = Field(default=None, description="why no cutover could begin from its copy now")
    eta: datetime | None = None
    problem: ProblemData | None = None
    concerns: tuple[Concern, ...] = ()
    unjudged: dict[str, str] = Field(default={}, description="rule -> the fact that was missing to judge by it")

    source: Annotated[SourceFacts, PlainSerializer(_compact)] = SourceFacts()
    source_id: str = ""
    private_ip: str = ""
    item_id: str = Field(default="", description="ARM id of the protected item")
    target_vm_id: str = ""
    test_vm_id: str = ""
    jobs: dict[str, str] = Field(default={}, description="phase -> job id; a change adds")
    marks: dict[Mark, datetime] = Field(default={}, description="a change adds")
    service: Service = Field(default=Service(), description="where it serves, and its outages")
    evidence: Evidence = Field(default=Evidence(), description="a change adds")
    scripts: dict[str, str] = Field(
        default={}, description="script -> the signed URL where its result is read, never shown; a change adds"
    )

    @property
    def unfit_text(self) -> str:
        """Say why no cutover could begin from its copy now; empty = one could."""
        return self.unfit.text if self.unfit else ""

    def mark(self, name: Mark) -> datetime | None:
        """Give when something happened to the machine; None if never, or only before it was last rolled back."""
        when = self.marks.get(name)
        return when if when is not None and when >= self.marks.get(Mark.ROLLED_BACK, NEVER) else None


class MachineChanges(TypedDict, total=False):
    """What a change of a machine's row may say; `marks`, `jobs`, `scripts` and `evidence` add to what is there."""

    wave: str
    application: str
    boot_group: int
    state: MachineState
    phase: str
    round: int
    failed_in: str
    handed: Handover
    owner: str
    yields: str
    changing: int
    retarget: int
    dropped: DroppedMachine | None
    waiting_for: str
    held_by: Hold | None
    release: str
    since: datetime
    percent: float | None
    moved_at: datetime | None
    stalled: bool
    lag_seconds: int | None
    recovery_point_at: datetime | None
    health: str
    unfit: Unfit | None
    eta: datetime | None
    problem: ProblemData | None
    concerns: tuple[Concern, ...]
    unjudged: Mapping[str, str]
    source: SourceFacts
    source_id: str
    private_ip: str
    item_id: str
    target_vm_id: str
    test_vm_id: str
    jobs: Mapping[str, str]
    marks: Mapping[Mark, datetime]
    service: Service | Change
    evidence: Evidence
    scripts: Mapping[str, str]
