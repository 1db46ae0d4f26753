"""The one door for decisions: nothing else records what a person decided.

Every command that opens, refuses or leaves out something that people wait for comes through here. It was resolved and
judged before; here it is written: into the gates first, then as one event. Whoever acts on a decision tells it once more
(`tell`), so that an event lost with the host is made good.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from shared.coordination import gate_decisions, gates, operator_intents
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.coordination.operator_intents import AcknowledgementRow, Skip
from shared.decisions.resolving import for_all
from shared.ledger import events
from shared.ledger.events import Event
from shared.ledger.machine_row import MachineRow
from shared.models import Scope

BY_TIME, BY_PLAN = "expiry", "the plan"


def pass_gates(migration: str, decision: Decision, at: Sequence[GateRow]) -> Decision:
    """Record at these gates what was decided, and tell it. Gives the decision with its id, for all whom it is for."""
    decided = for_all(decision, at).named(migration)
    for gate in at:
        gate_decisions.record(gate, decided)
    tell(migration, decided)
    return decided


def second_gates(migration: str, decision: Decision, at: Sequence[GateRow]) -> Decision:
    """Keep the first of two approvals, and tell it."""
    decided = for_all(decision, at).named(migration).replace(first=True)
    for gate in at:
        gate_decisions.second(gate, decided)
    tell(migration, decided, f"seconded-{decided.gate}")
    return decided


def leave_out(migration: str, rows: Sequence[MachineRow], phase: str, decision: Decision) -> Decision:
    """Record that a phase of some machines shall be left out, and tell it."""
    decided = _of(decision, rows).replace(gate=phase, verdict=None).named(migration)
    for name in decided.machines:
        operator_intents.request_skip(
            Skip(migration=migration, machine=name, phase=phase, by=decided.by, comment=decided.comment, at=decided.at)
        )
    tell(migration, decided, f"skipped-{phase.replace('_', '-')}")
    return decided


def take_upon_oneself(migration: str, machine: str, rows: Sequence[MachineRow], decision: Decision) -> Decision:
    """Record that somebody takes a concern of a machine (empty = of all) upon themselves, and tell it."""
    decided = _of(decision, rows).named(migration)
    operator_intents.acknowledge(
        AcknowledgementRow(
            migration=migration,
            concern=decided.gate,
            machine=machine or "*",
            by=decided.by,
            reason=decided.comment,
            at=decided.at,
        )
    )
    tell(migration, decided, f"acknowledged-{decided.gate}")
    return decided


def steer(scope: Scope, what: str, rows: Sequence[MachineRow], decision: Decision) -> Decision:
    """Tell of a command that steers machines, such as a retry; it was carried out by its own module."""
    decided = _of(decision, rows).named(scope.migration)
    tell(scope.migration, decided, what, scope.round)
    return decided


def expire(gate: GateRow, verdict: Verdict, machines: Sequence[str], at: datetime) -> GateRow:
    """Record what the plan says of machines that nobody decided on in time. Gives the gate as it stands."""
    decision = Decision(
        by=BY_TIME, at=at, comment="nobody decided in time", surface="plan", verb="expire", verdict=verdict
    )
    pass_gates(gate.migration, decision.replace(machines=tuple(machines), gate=gate.name), (gate,))
    return gates.get(gate.migration, gate.wave, gate.name, gate.place) or gate


def by_plan(scope: Scope, gate_name: str, machines: Collection[str]) -> None:
    """Tell that machines pass a gate because the plan asks nobody there."""
    decision = Decision(by=BY_PLAN, at=scope.now, comment="the plan asks nobody here", surface="plan", gate=gate_name)
    decision = decision.replace(verb="approve", verdict=Verdict.APPROVE, waves=(scope.wave,), machines=tuple(machines))
    tell(scope.migration, decision.named(scope.migration))


def tell(migration: str, decision: Decision, what: str = "", number: int = 0) -> None:
    """Write the one event of a decision (`what`, usually that it was decided at its gate), told twice it is one.

    People speak outside of any round (0). A decision that nobody gave an id is not told.
    """
    if not decision.id:
        return
    plain = decision.replace(tickets={})
    event = Event(at=plain.at, migration=migration, round=number, what=what or f"decided-{plain.gate}", by=plain.by)
    events.tell(event.replace(text=plain.text, decision=plain))


def _of(decision: Decision, rows: Sequence[MachineRow]) -> Decision:
    """Name the machines that a decision is for, and their waves."""
    waves = tuple(dict.fromkeys(row.wave for row in rows if row.wave))
    return decision.replace(waves=waves, machines=tuple(row.name for row in rows))
