"""What a gate that expires says before: what will happen then, and reminders at a half and at nine tenths of its time."""

from datetime import datetime, timedelta

from activities.waking import later_than
from shared.gates import WHOLE, Gate, Waiting
from shared.ledger import events
from shared.models import Place

REMINDERS = {"half": 0.5, "nine-tenths": 0.9}  # of the time that people have
A_DAY = timedelta(days=1)


def with_expiry(said: str, expires: datetime | None, then: str) -> str:
    """Give the text of a gate with what happens when nobody decides in time."""
    return f"{said}; if nobody decides until {expires:%Y-%m-%d %H:%M} UTC, {then}" if expires else said


def remind(place: Place, gate: Gate) -> None:
    """Write the reminders that are due, each once for all who came at the same moment, bearing the moment it was due."""
    for came in {one.ticket: one for one in _waiting(gate).values() if one.expires}.values():
        names = [name for name, one in _waiting(gate).items() if (one.since, one.expires) == (came.since, came.expires)]
        for what, share in REMINDERS.items():
            due = _due(came, share)
            if due <= place.now:
                _tell(place.but(now=due), gate, what, [name for name in names if name])


def _tell(place: Place, gate: Gate, what: str, names: list[str]) -> None:
    where = f" of wave {gate.wave}" if gate.wave else ""
    whom = f" for {', '.join(sorted(names)[:20])}{' …' if len(names) > 20 else ''}" if names else ""
    expires = max(one.expires for one in _waiting(gate).values() if one.expires)
    text = f"nobody decided yet at gate {gate.name}{where}{whom}: until {expires:%Y-%m-%d %H:%M} UTC, then {gate.then}"
    events.write(place, f"gate-{gate.name}-reminder-{what}", text, data={"machines": sorted(names)})


def next_look(gate: Gate, now: datetime) -> int:
    """Give the seconds until a reminder is due, or the gate expires for somebody; at most a day."""
    moments = [
        moment
        for one in _waiting(gate).values()
        if one.expires
        for moment in (*(_due(one, share) for share in REMINDERS.values()), one.expires)
        if moment > now
    ]
    return min(later_than(min(moments), now), int(A_DAY.total_seconds())) if moments else 1


def _waiting(gate: Gate) -> dict[str, Waiting]:
    """Give those who wait now, by machine."""
    return {name: gate.waiting[name] for name in gate.pending or (WHOLE,) if name in gate.waiting}


def _due(one: Waiting, share: float) -> datetime:
    return one.since + ((one.expires or one.since) - one.since) * share
