"""One command and what has become of it at a given moment: pure functions of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

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
    cancelled: datetime | None = None

    @property
    def starts(self) -> datetime:
        """The moment the agent picks the command up."""
        return self.sent + DELIVERY

    @property
    def ends(self) -> datetime:
        """The moment it reaches its last state if nobody cancels it."""
        if self.outcome.result == "undeliverable":
            return self.sent + self.delivery_limit
        if self.outcome.result == "timeOut":
            return self.starts + self.run_limit
        return self.starts + min(self.outcome.duration, self.run_limit)

    @property
    def succeeds(self) -> bool:
        """Whether the script ends well when it is left alone."""
        return self.outcome.result == "success" and self.outcome.duration <= self.run_limit


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
    asked: Mapping[str, object]
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
    if invocation.outcome.result == "timeOut" or invocation.outcome.duration > invocation.run_limit:
        return Seen("TimedOut", "ExecutionTimedOut", -1, *span)
    if invocation.succeeds:
        return Seen("Success", "Success", invocation.outcome.exit_code or 0, *span)
    return Seen("Failed", "Failed", invocation.outcome.exit_code or 1, *span)


def overall(states: Sequence[Seen]) -> str:
    """Return the command's own status: the worst of its invocations once all have ended (documented order)."""
    found = {state.status for state in states}
    if found <= ENDED:
        return next(status for status in ("Failed", "TimedOut", "Cancelled", "Success") if status in found)
    return "Pending" if found == {"Pending"} else "InProgress"
