"""Telling people of a gate: that somebody came to it, that time runs out, that it ran out."""

from collections.abc import Sequence
from datetime import datetime

from shared.coordination.gate_row import WHOLE, GateRow, Waiting
from shared.models import Scope
from shared.notifications.outbox import tell
from shared.notifications.topics import Topic


def announce(scope: Scope, gate: GateRow) -> GateRow:
    """Have people told of everybody who waits at a gate, once for each coming; gives the gate."""
    groups: dict[tuple[int, int, datetime, datetime | None], list[str]] = {}
    for name in (gate.pending or (WHOLE,)) if gate.open else ():
        if name in gate.waiting and gate.decided(name) is None:
            groups.setdefault(_coming(gate.waiting[name]), []).append(name)
    for (number, turn, since, expires), names in groups.items():
        tell(
            _at(scope, gate, since),
            Topic.GATE_OPENED,
            f"{gate.name} {gate.place} {number}-{turn}",
            machines=names,
            gate=gate.name,
            text=gate.text,
            expires=expires,
            then=gate.then if expires else "",
            command=gate.release,
        )
    return gate


def tell_reminder(scope: Scope, gate: GateRow, text: str, names: Sequence[str]) -> None:
    """Have people reminded of machines that wait, once for each moment at which a reminder is due."""
    expires = gate.waiting[names[0] if names else WHOLE].expires
    tell(
        _at(scope, gate, scope.now),
        Topic.REMINDER,
        f"{gate.name} {gate.place} {scope.now.isoformat()}",
        machines=names,
        gate=gate.name,
        text=text,
        expires=expires,
        then=gate.then,
        command=gate.release,
    )


def tell_expired(scope: Scope, gate: GateRow, names: Sequence[str]) -> None:
    """Have people told that nobody decided in time."""
    for name in names:
        number, turn = gate.ticket(name)
        tell(
            _at(scope, gate, scope.now),
            Topic.EXPIRED,
            f"{gate.name} {gate.place} {number}-{turn}",
            machines=(name,),
            gate=gate.name,
            text=f"nobody decided at gate {gate.name} in time: {gate.then}",
        )


def _coming(waiting: Waiting) -> tuple[int, int, datetime, datetime | None]:
    return waiting.round, waiting.number, waiting.since, waiting.expires


def _at(scope: Scope, gate: GateRow, now: datetime) -> Scope:
    return Scope(migration=gate.migration, wave=gate.wave, machine=gate.machine, round=scope.round, now=now)
