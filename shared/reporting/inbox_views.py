"""What waits for people, as the API answers it: over all migrations, with what one has to know to decide."""

from datetime import datetime

from pydantic import Field

from shared.ledger.serving import Serving
from shared.models import NEVER, Model
from shared.problems import ProblemData
from shared.reporting.notification_views import NotificationView
from shared.reporting.timeline import BlackoutTime
from shared.reporting.views import GateView
from shared.states import MachineState


class OpeningView(Model):
    """The opening of a wave's cutover windows that a decision now would lead to."""

    opens_at: datetime
    closes_at: datetime | None = None
    time_zone: str = Field(default="UTC", description="in which the plan writes it")
    capacity: int = Field(default=0, description="machines in one opening; 0 = no limit of its own")
    whose: str = Field(default="", description="the application or machine whose window it is; empty = the wave's")
    blackouts: tuple[BlackoutTime, ...] = Field(default=(), description="without them it would open earlier")
    missed: bool = Field(default=False, description="the plan has windows, and none of them will open any more")


class WaitingMachine(Model):
    """A machine that waits for a person."""

    name: str
    application: str = ""
    since: datetime = NEVER
    expires: datetime | None = None
    state: MachineState | None = Field(default=None, description="left out where it is under way elsewhere")
    lag_seconds: int | None = None
    health: str = Field(default="", description="of its replication: Normal, Warning or Critical")
    unfit: str = Field(default="", description="why no cutover could begin from its copy now")
    checks: str = Field(default="", description="what became of the checks of its rehearsal; empty = not known")
    test_vm_id: str = Field(default="", description="its test VM while that is up")
    expected_downtime_seconds: int | None = Field(
        default=None,
        description="as its rehearsal took, from its submission to the checks of the copy; stopping the source comes on top",
    )
    problem: ProblemData | None = None


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
