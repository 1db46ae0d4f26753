"""The one door for decisions: nothing else records what a person decided.

Every command that opens, refuses or leaves out something that people wait for comes through here. It was resolved and
judged before; here it is written: into the gates first, then as one event. Whoever acts on a decision tells it once more
(`retell`), so that an event lost with the host is made good.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from shared import controls, gate_decisions
from shared.controls import Acknowledgement, Skip
from shared.gates import Decision, Gate, Verdict
from shared.ledger import events
from shared.ledger.events import Event
from shared.ledger.machines import MachineRow
from shared.models import Place
from shared.names import some_of
from shared.people import Role
from shared.steering.kinds import KINDS
from shared.steering.resolving import Target
from shared.steering.steered import Said, Told, outside

MOST_NAMES = 20
BY_TIME, BY_PLAN = "expiry", "the plan"


def pass_gates(migration: str, verb: str, verdict: Verdict, targets: Sequence[Target], said: Said) -> Told:
    """Record what was said at these gates, and tell it."""
    told = _told(migration, verb, said, gate=targets[0].gate.name, targets=targets)
    for one in targets:
        gate_decisions.record(
            migration, one.gate.wave, one.gate.name, _decision(verdict, told, said), one.machines or None
        )
    tell(migration, f"decided-{told.gate}", told, said)
    return told


def second_gates(migration: str, verb: str, targets: Sequence[Target], said: Said) -> Told:
    """Keep the first of two approvals, and tell it."""
    told = _told(migration, verb, said, gate=targets[0].gate.name, targets=targets)
    told = told.but(
        text=f"{told.text}; another person has to approve it, too, as nobody knows who started the migration"
    )
    for one in targets:
        gate_decisions.second(one.gate, _decision(Verdict.APPROVE, told, said), one.machines)
    tell(migration, f"seconded-{told.gate}", told, said)
    return told


def leave_out(migration: str, rows: Sequence[MachineRow], phase: str, said: Said, verb: str = "skip") -> Told:
    """Record that a phase of some machines shall be left out, and tell it."""
    waves, names = _waves(rows), tuple(row.name for row in rows)
    told = _made(migration, verb, said, gate=phase, waves=waves, machines=names)
    for name in names:
        controls.request_skip(
            Skip(migration=migration, machine=name, phase=phase, by=said.by, comment=said.comment, at=said.at)
        )
    tell(migration, f"skipped-{phase.replace('_', '-')}", told, said)
    return told


def take_upon_oneself(migration: str, concern: str, machine: str, rows: Sequence[MachineRow], said: Said) -> Told:
    """Record that somebody takes a concern of a machine (empty = of all) upon themselves, and tell it."""
    names = tuple(row.name for row in rows)
    told = _made(migration, "acknowledge", said, gate=concern, waves=_waves(rows), machines=names)
    controls.acknowledge(
        Acknowledgement(
            migration=migration, concern=concern, machine=machine or "*", by=said.by, reason=said.comment, at=said.at
        )
    )
    tell(migration, f"acknowledged-{concern}", told, said)
    return told


def steer(place: Place, verb: str, what: str, rows: Sequence[MachineRow], said: Said) -> Told:
    """Tell of a command that steers machines, such as a retry; it was carried out by its own module."""
    told = _made(place.migration, verb, said, waves=_waves(rows), machines=tuple(row.name for row in rows))
    tell(place.migration, what, told, said, place)
    return told


def expire(place: Place, gate_name: str, verdict: Verdict, machines: Sequence[str], at: datetime) -> None:
    """Record what the plan says of machines that nobody decided on in time."""
    said = Said(by=BY_TIME, at=at, comment="nobody decided in time", surface="plan")
    ids = {"gate": gate_name, "waves": (place.wave,), "machines": tuple(machines)}
    told = _made(place.migration, "expire", said, **ids)
    gate_decisions.record(place.migration, place.wave, gate_name, _decision(verdict, told, said), machines)
    tell(place.migration, f"decided-{gate_name}", told, said)


def by_plan(place: Place, gate_name: str, machines: Collection[str]) -> None:
    """Tell that machines pass a gate because the plan asks nobody there."""
    said = Said(by=BY_PLAN, at=place.now, comment="the plan asks nobody here", surface="plan")
    told = _made(place.migration, "approve", said, gate=gate_name, waves=(place.wave,), machines=tuple(machines))
    tell(place.migration, f"decided-{gate_name}", told, said)


def retell(migration: str, gate: Gate, decision: Decision) -> None:
    """Make good the event of a decision that is acted on: whoever recorded it may have died before it was told."""
    if not decision.id:
        return
    said = Said(by=decision.by, at=decision.at, comment=decision.comment, person=decision.person)
    said = said.but(roles=(decision.role,), surface=decision.surface)
    waves = (gate.wave,) if gate.wave else ()
    told = Told(id=decision.id, verb=decision.verb, gate=gate.name, waves=waves, machines=decision.machines)
    events.add_to_decision(_event(migration, f"decided-{gate.name}", _worded(told, said), said))


def tell(migration: str, what: str, told: Told, said: Said, place: Place | None = None) -> None:
    """Write the one event of a decision; the same decision is told once."""
    events.decided(_event(migration, what, told, said, place))


def _event(migration: str, what: str, told: Told, said: Said, place: Place | None = None) -> Event:
    where = place or outside(migration, said)
    return Event(
        at=said.at,
        migration=migration,
        wave=told.waves[0] if len(told.waves) == 1 else "",
        machine=told.machines[0] if len(told.machines) == 1 else "",
        round=where.round,
        what=what,
        text=told.text,
        by=said.by,
        data={
            "decision": told.id,
            "verb": told.verb,
            "gate": told.gate,
            "waves": list(told.waves),
            "machines": list(told.machines),
            "person": said.person,
            "role": role_of(said),
            "surface": said.surface,
            "comment": said.comment,
        },
    )


def _told(migration: str, verb: str, said: Said, gate: str, targets: Sequence[Target]) -> Told:
    waves = tuple(dict.fromkeys(one.gate.wave for one in targets if one.gate.wave))
    names = tuple(name for one in targets for name in one.machines)
    return _made(migration, verb, said, gate=gate, waves=waves, machines=names)


def _made(migration: str, verb: str, said: Said, **meant: Any) -> Told:
    """Name a decision and give it an id that comes from all it says: written twice it is the same decision."""
    told = Told(verb=verb, **meant)
    parts = (migration, told.verb, told.gate, *told.waves, "", *told.machines, "", said.person, said.by, said.comment)
    digest = hashlib.sha256("\n".join((*parts, said.at.isoformat())).encode()).hexdigest()
    return _worded(told.but(id=digest[:16]), said)


def _worded(told: Told, said: Said) -> Told:
    """Put a decision into words."""
    whom = some_of(told.machines, MOST_NAMES)
    parts = (
        f"{said.who}: {told.verb}",
        f"{'at gate' if told.gate in KINDS else 'of'} {told.gate}" if told.gate else "",
        f"of wave {', '.join(told.waves)}" if told.waves else "",
        f"for {whom}" if whom else "",
    )
    comment = f": {said.comment}" if said.comment else ""
    return told.but(text=" ".join(part for part in parts if part) + comment)


def _decision(verdict: Verdict, told: Told, said: Said) -> Decision:
    return Decision(
        decision=verdict,
        by=said.by,
        at=said.at,
        comment=said.comment,
        id=told.id,
        verb=told.verb,
        person=said.person,
        role=role_of(said),
        surface=said.surface,
    )


def role_of(said: Said) -> str:
    """Give the strongest role of a person, in which they speak."""
    return next((role.value for role in reversed(Role) if role in said.roles), "")


def _waves(rows: Sequence[MachineRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.wave for row in rows if row.wave))
