"""What waits for people, as the API answers it: over all migrations, with what one has to know to decide."""

from datetime import datetime

from pydantic import Field

from shared.ledger.serving import Serving
from shared.models import NEVER, Model
from shared.problems import ProblemData
from shared.reporting.notification_views import NotificationView
from shared.reporting.openings import OpeningView
from shared.reporting.views import GateView
from shared.states import MachineState


class WaitingMachine(Model):
    """A machine that waits for a person."""

    name: str
    application: str = ""
    since: datetime = NEVER
    expires: datetime | None = None
    state: MachineState | None = Field(default=None, description="left out where it is under way elsewhere")
    lag_seconds: int | None = None
    recovery_point_at: datetime | None = Field(default=None, description="its latest one, before a cutover")
    health: str = Field(default="", description="of its replication: Normal, Warning or Critical")
    unfit: str = Field(default="", description="why no cutover could begin from its copy now")
    checks: str = Field(default="", description="what became of the checks of its rehearsal; empty = not known")
    checked_at: datetime | None = Field(default=None, description="when its copy was up and checked")
    test_vm_id: str = Field(default="", description="its test VM while that is up")
    test_vm_address: str = Field(default="", description="its private address in the test network")
    expected_downtime_seconds: int | None = Field(
        default=None,
        description="as its rehearsal took, from its submission to the checks of the copy; stopping the source comes on top",
    )
    problem: ProblemData | None = None


class CheckedMachines(Model):
    """Checks that the rehearsals of some machines passed."""

    checks: tuple[str, ...] = ()
    machines: int = 0


class InboxItem(GateView):
    """One thing that waits for a person: a gate, machines that failed for one cause, or what stands still."""

    kind: str = Field(description="gate, failure or hold")
    migration: str
    plan: str = ""
    machines: tuple[WaitingMachine, ...] = Field(default=(), description="machines that wait, as far as they are known")
    started_by: str = Field(default="", description="who may not decide where four eyes are asked for")
    says_why: tuple[str, ...] = Field(default=(), description="verdicts that need a comment")
    opening: OpeningView | None = Field(default=None, description="of the cutover; left out where no window is planned")
    expected_downtime_seconds: int | None = Field(
        default=None, description="of a cutover: the longest that a rehearsal of its machines took"
    )
    checked: tuple[CheckedMachines, ...] = Field(default=(), description="what their rehearsals looked at, and passed")
    replica_gb: float | None = Field(
        default=None, description="disks in Azure that are kept in step while they wait; times days = GB-days"
    )
    sizes_unknown: int = Field(default=0, description="machines whose disks are not in it, as nobody knows them")
    problem: ProblemData | None = Field(default=None, description="the one cause of all its machines")


class DownMachine(Model):
    """A machine that serves nowhere."""

    migration: str
    name: str
    wave: str = ""
    state: MachineState = MachineState.NOT_READY
    phase: str = ""
    serving: Serving = Serving.NOWHERE
    since: datetime = Field(default=NEVER, description="when its outage began")
    waiting_for: str = ""
    way_back: str = Field(default="", description="the command that brings it back soonest, as far as azferry can tell")


class Inbox(Model):
    """What waits for people, the most urgent first, and what is down."""

    value: tuple[InboxItem, ...] = ()
    nowhere: tuple[DownMachine, ...] = Field(default=(), description="machines that serve nowhere, the longest first")
    undelivered: tuple[NotificationView, ...] = Field(
        default=(), description="messages that nobody could be told, until they are sent again or let be"
    )
