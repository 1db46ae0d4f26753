"""One command and what has become of it at a given moment: pure functions of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..script_results import RESTARTS, Ran, ran
from .machines import Outcome

DELIVERY = timedelta(seconds=1)
SHOWN = 24_000  # GetCommandInvocation cuts the output here (documented)
LISTED = 2_500  # and ListCommandInvocations here (documented)
ENDED = frozenset({"Success", "Failed", "TimedOut", "Cancelled"})


@dataclass(frozen=True)
class Seen:
    """What SSM shows of an invocation; `code` is -1 until the script ended."""

    status: str
    details: str
    code: int = -1
    started: datetime | None = None
    ended: datetime | None = None


@dataclass
class Invocation:
    """One command on one instance: everything that decides how it ends is known when it is sent."""

    instance_id: str
    instance_name: str
    sent: datetime
    delivery_limit: timedelta
    run_limit: timedelta
    outcome: Outcome
    script: str = ""
    platform: str = "Linux"
    cancelled: datetime | None = None

    @property
    def ran(self) -> Ran:
        """What the script left behind when it ran to the end told for it."""
        code = int(self.outcome.result == "failure") if self.outcome.exit_code is None else self.outcome.exit_code
        return ran(self.script, self.outcome.stdout, code, ended=self.outcome.result in ("success", "failure"))

    @property
    def starts(self) -> datetime:
        """The moment the agent picks the command up."""
        return self.sent + DELIVERY

    @property
    def ends(self) -> datetime:
        """The moment it reaches its last state if nobody cancels it."""
        if self.outcome.result == "undeliverable":
            return self.sent + self.delivery_limit
        if self.outcome.result == "timeOut" or self.restarts:
            return self.starts + self.run_limit
        return self.starts + min(self.outcome.duration, self.run_limit)

    @property
    def restarts(self) -> bool:
        """Whether the agent takes its exit code for the wish to restart: it runs the script again after each restart."""
        return self.ran.exit_code == RESTARTS[self.platform]

    @property
    def succeeds(self) -> bool:
        """Whether the script ends well when it is left alone."""
        return self.outcome.result == "success" and self.ran.exit_code == 0 and self.outcome.duration <= self.run_limit


@dataclass
class Command:
    """What SendCommand made."""

    command_id: str
    document: str
    version: str
    comment: str
    parameters: Mapping[str, Sequence[str]]
    timeout_seconds: int
    requested: datetime
    targets: Sequence[Mapping[str, object]]
    request: Mapping[str, object]
    region: str
    invocations: dict[str, Invocation] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The script's lines as one text."""
        return "\n".join(self.parameters.get("commands", ()))

    @property
    def plugin(self) -> str:
        """The name of the one step of the document."""
        return "aws:runPowerShellScript" if "PowerShell" in self.document else "aws:runShellScript"


def seen(invocation: Invocation, now: datetime) -> Seen:
    """Show an invocation as it stands at `now`."""
    if invocation.cancelled is not None and invocation.cancelled < invocation.ends:
        return _cancelled(invocation)
    if now >= invocation.ends:
        return _ended(invocation)
    if now < invocation.starts:
        return Seen("Pending", "Pending")
    if invocation.outcome.result == "undeliverable":
        return Seen("Delayed", "Delayed")
    return Seen("InProgress", "InProgress", started=invocation.starts)


def _cancelled(invocation: Invocation) -> Seen:
    started = invocation.starts if invocation.cancelled and invocation.cancelled >= invocation.starts else None
    return Seen("Cancelled", "Cancelled", -1, started, invocation.cancelled if started else None)


def _ended(invocation: Invocation) -> Seen:
    """Show the last state; the words of StatusDetails are written without blanks (unknown: assumed for time-outs)."""
    if invocation.outcome.result == "undeliverable":
        return Seen("TimedOut", "DeliveryTimedOut", -1, None, None)
    span = (invocation.starts, invocation.ends)
    outcome = invocation.outcome
    if outcome.result == "timeOut" or invocation.restarts or outcome.duration > invocation.run_limit:
        return Seen("TimedOut", "ExecutionTimedOut", -1, *span)
    status = "Success" if invocation.succeeds else "Failed"
    # After a restart the agent finds its worker gone: the code is the zero that it began with (agent 3.3.1142, its source).
    return Seen(status, status, 0 if outcome.result == "restarted" else invocation.ran.exit_code, *span)


def overall(states: Sequence[Seen]) -> str:
    """Return the command's own status: the worst of its invocations once all have ended (documented order)."""
    found = {state.status for state in states}
    if found <= ENDED:
        return next(status for status in ("Failed", "TimedOut", "Cancelled", "Success") if status in found)
    return "Pending" if found == {"Pending"} else "InProgress"
