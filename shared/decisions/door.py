"""The one door for decisions: nothing else records what a person decided.

Every command that opens, refuses or leaves out something that people wait for comes through here. It was resolved and
judged before; here it is written: into the gates first, then as one event. Whoever acts on a decision tells it once more
(`retell`), so that an event lost with the host is made good.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from shared.coordination import gate_decisions, operator_intents
from shared.coordination.gate_row import Decision, GateRow, Verdict
from shared.coordination.operator_intents import AcknowledgementRow, Skip
from shared.decisions.kinds import KINDS
from shared.decisions.people import Role
from shared.decisions.resolving import DecisionTarget
from shared.decisions.steered import OperatorAction, Told, outside
from shared.ledger import events
from shared.ledger.events import Event
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.reporting.name_lists import some_of

MOST_NAMES = 20
BY_TIME, BY_PLAN = "expiry", "the plan"


def pass_gates(
    migration: str, verb: str, verdict: Verdict, targets: Sequence[DecisionTarget], action: OperatorAction
) -> Told:
    """Record what was said at these gates, and tell it."""
    told = _told(migration, verb, action, gate=targets[0].gate.name, targets=targets)
    for each in targets:
        gate_decisions.record(
            migration, each.gate.wave, each.gate.name, _decision(verdict, told, action), each.machines or None
        )
    tell(migration, f"decided-{told.gate}", told, action)
    return told


def second_gates(migration: str, verb: str, targets: Sequence[DecisionTarget], action: OperatorAction) -> Told:
    """Keep the first of two approvals, and tell it."""
    told = _told(migration, verb, action, gate=targets[0].gate.name, targets=targets)
    told = told.replace(
        text=f"{told.text}; another person has to approve it, too, as nobody knows who started the migration"
    )
    for each in targets:
        gate_decisions.second(each.gate, _decision(Verdict.APPROVE, told, action), each.machines)
    tell(migration, f"seconded-{told.gate}", told, action)
    return told


def leave_out(
    migration: str, rows: Sequence[MachineRow], phase: str, action: OperatorAction, verb: str = "skip"
) -> Told:
    """Record that a phase of some machines shall be left out, and tell it."""
    waves, names = _waves(rows), tuple(row.name for row in rows)
    told = _made(migration, verb, action, gate=phase, waves=waves, machines=names)
    for name in names:
        operator_intents.request_skip(
            Skip(migration=migration, machine=name, phase=phase, by=action.by, comment=action.comment, at=action.at)
        )
    tell(migration, f"skipped-{phase.replace('_', '-')}", told, action)
    return told


def take_upon_oneself(
    migration: str, concern: str, machine: str, rows: Sequence[MachineRow], action: OperatorAction
) -> Told:
    """Record that somebody takes a concern of a machine (empty = of all) upon themselves, and tell it."""
    names = tuple(row.name for row in rows)
    told = _made(migration, "acknowledge", action, gate=concern, waves=_waves(rows), machines=names)
    operator_intents.acknowledge(
        AcknowledgementRow(
            migration=migration,
            concern=concern,
            machine=machine or "*",
            by=action.by,
            reason=action.comment,
            at=action.at,
        )
    )
    tell(migration, f"acknowledged-{concern}", told, action)
    return told


def steer(scope: Scope, verb: str, what: str, rows: Sequence[MachineRow], action: OperatorAction) -> Told:
    """Tell of a command that steers machines, such as a retry; it was carried out by its own module."""
    told = _made(scope.migration, verb, action, waves=_waves(rows), machines=tuple(row.name for row in rows))
    tell(scope.migration, what, told, action, scope)
    return told


def expire(scope: Scope, gate_name: str, verdict: Verdict, machines: Sequence[str], at: datetime) -> None:
    """Record what the plan says of machines that nobody decided on in time."""
    said = OperatorAction(by=BY_TIME, at=at, comment="nobody decided in time", surface="plan")
    ids = {"gate": gate_name, "waves": (scope.wave,), "machines": tuple(machines)}
    told = _made(scope.migration, "expire", said, **ids)
    gate_decisions.record(scope.migration, scope.wave, gate_name, _decision(verdict, told, said), machines)
    tell(scope.migration, f"decided-{gate_name}", told, said)


def by_plan(scope: Scope, gate_name: str, machines: Collection[str]) -> None:
    """Tell that machines pass a gate because the plan asks nobody there."""
    said = OperatorAction(by=BY_PLAN, at=scope.now, comment="the plan asks nobody here", surface="plan")
    told = _made(scope.migration, "approve", said, gate=gate_name, waves=(scope.wave,), machines=tuple(machines))
    tell(scope.migration, f"decided-{gate_name}", told, said)


def retell(migration: str, gate: GateRow, decision: Decision) -> None:
    """Make good the event of a decision that is acted on: whoever recorded it may have died before it was told."""
    if not decision.id:
        return
    said = OperatorAction(by=decision.by, at=decision.at, comment=decision.comment, person=decision.person)
    said = said.replace(roles=(decision.role,), surface=decision.surface)
    waves = (gate.wave,) if gate.wave else ()
    told = Told(id=decision.id, verb=decision.verb, gate=gate.name, waves=waves, machines=decision.machines)
    events.add_to_decision(_event(migration, f"decided-{gate.name}", _worded(told, said), said))


def tell(migration: str, what: str, message: Told, action: OperatorAction, place: Scope | None = None) -> None:
    """Write the one event of a decision; the same decision is told once."""
    events.decided(_event(migration, what, message, action, place))


def _event(migration: str, what: str, message: Told, action: OperatorAction, place: Scope | None = None) -> Event:
    where = place or outside(migration, action)
    return Event(
        at=action.at,
        migration=migration,
        wave=message.waves[0] if len(message.waves) == 1 else "",
        machine=message.machines[0] if len(message.machines) == 1 else "",
        round=where.round,
        what=what,
        text=message.text,
        by=action.by,
        data={
            "decision": message.id,
            "verb": message.verb,
            "gate": message.gate,
            "waves": list(message.waves),
            "machines": list(message.machines),
            "person": action.person,
            "role": role_of(action),
            "surface": action.surface,
            "comment": action.comment,
        },
    )


def _told(migration: str, verb: str, action: OperatorAction, gate: str, targets: Sequence[DecisionTarget]) -> Told:
    waves = tuple(dict.fromkeys(each.gate.wave for each in targets if each.gate.wave))
    names = tuple(name for each in targets for name in each.machines)
    return _made(migration, verb, action, gate=gate, waves=waves, machines=names)


def _made(migration: str, verb: str, action: OperatorAction, **meant: Any) -> Told:
    """Name a decision and give it an id that comes from all it says: written twice it is the same decision."""
    told = Told(verb=verb, **meant)
    parts = (
        migration,
        told.verb,
        told.gate,
        *told.waves,
        "",
        *told.machines,
        "",
        action.person,
        action.by,
        action.comment,
    )
    digest = hashlib.sha256("\n".join((*parts, action.at.isoformat())).encode()).hexdigest()
    return _worded(told.replace(id=digest[:16]), action)


def _worded(message: Told, action: OperatorAction) -> Told:
    """Put a decision into words."""
    whom = some_of(message.machines, MOST_NAMES)
    parts = (
        f"{action.who}: {message.verb}",
        f"{'at gate' if message.gate in KINDS else 'of'} {message.gate}" if message.gate else "",
        f"of wave {', '.join(message.waves)}" if message.waves else "",
        f"for {whom}" if whom else "",
    )
    comment = f": {action.comment}" if action.comment else ""
    return message.replace(text=" ".join(part for part in parts if part) + comment)


def _decision(verdict: Verdict, message: Told, action: OperatorAction) -> Decision:
    return Decision(
        decision=verdict,
        by=action.by,
        at=action.at,
        comment=action.comment,
        id=message.id,
        verb=message.verb,
        person=action.person,
        role=role_of(action),
        surface=action.surface,
    )


def role_of(action: OperatorAction) -> str:
    """Give the strongest role of a person, in which they speak."""
    return next((role.value for role in reversed(Role) if role in action.roles), "")


def _waves(rows: Sequence[MachineRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.wave for row in rows if row.wave))
