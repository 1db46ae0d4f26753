"""What a gate that expires says before: what will happen then, and reminders at a half and at nine tenths of its time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from activities.flow.wait_rows import later_than
from activities.gates.announcement import tell_reminder
from shared.coordination.gate_row import WHOLE, GateRow, Waiting
from shared.decisions.judging import ESCALATES
from shared.ledger import events, plans
from shared.ledger.event_data import EventData
from shared.models import Scope

HALF, LATE = "half", "nine-tenths"
REMINDERS = {HALF: 0.5, LATE: ESCALATES}  # of the time that people have
A_DAY = timedelta(days=1)


def with_expiry(text: str, expires: datetime | None, then: str) -> str:
    """Give the text of a gate with what happens when nobody decides in time."""
    return f"{text}; if nobody decides by {expires:%Y-%m-%d %H:%M} UTC, {then}" if expires else text


def remind(scope: Scope, gate: GateRow) -> None:
    """Write the reminders that are due, each once for all who came at the same moment, bearing the moment it was due."""
    groups: dict[tuple[datetime, datetime], list[str]] = {}
    for name, each in _waiting(gate).items():
        if each.expires:
            groups.setdefault((each.since, each.expires), []).append(name)
    for (since, expires), names in groups.items():
        for what, share in REMINDERS.items():
            due = since + (expires - since) * share
            if due <= scope.now:
                _tell(scope.replace(now=due), gate, what, expires, [name for name in names if name])


def _tell(scope: Scope, gate: GateRow, what: str, expires: datetime, names: Sequence[str]) -> None:
    where = f" of wave {gate.wave}" if gate.wave else ""
    whom = f" for {', '.join(sorted(names)[:20])}{' …' if len(names) > 20 else ''}" if names else ""
    others = _others(scope, gate) if what == LATE else ()
    too = f"; from now on these may decide, too: {', '.join(others)}" if others else ""
    text = f"nobody has decided yet at gate {gate.name}{where}{whom}: at {expires:%Y-%m-%d %H:%M} UTC {gate.then}{too}"
    data = EventData(machines=tuple(sorted(names)), escalates_to=tuple(others))
    events.write(scope, f"gate-{gate.name}-reminder-{what}", text, data=data)
    tell_reminder(scope, gate, text, names)


def _others(scope: Scope, gate: GateRow) -> tuple[str, ...]:
    """Give whom the plan lets decide as well, shortly before a gate expires."""
    plan = plans.plan_at(scope)
    wave = plan.wave(gate.wave)
    return plan.escalates_to(wave) if plan.approvers_of(wave) else ()


def next_look(gate: GateRow, now: datetime) -> int:
    """Give the seconds until a reminder is due, or the gate expires for somebody; at most a day."""
    moments = [
        moment
        for each in _waiting(gate).values()
        if each.expires
        for moment in (*(_due(each, share) for share in REMINDERS.values()), each.expires)
        if moment > now
    ]
    return min(later_than(min(moments), now), int(A_DAY.total_seconds())) if moments else 1


def _waiting(gate: GateRow) -> dict[str, Waiting]:
    """Give those who wait now, by machine."""
    return {name: gate.waiting[name] for name in gate.pending or (WHOLE,) if name in gate.waiting}


def _due(waiting: Waiting, share: float) -> datetime:
    return waiting.since + ((waiting.expires or waiting.since) - waiting.since) * share
