"""Decisions at gates: a decision reaches exactly the machines it names, once, and is refused where nothing waits.

Only the door for decisions (shared/decisions/door.py) records any: it has judged them first.
"""

from datetime import datetime

from shared.coordination.decision import Decision
from shared.coordination.gate_row import WHOLE, GateRow
from shared.coordination.gates import change, stand
from shared.problems import NotAllowedNow


def record(gate: GateRow, decision: Decision) -> GateRow:
    """Put a decision into a gate, for those of its machines that are meant; the others go on waiting. Gives what is left.

    The very same decision (same person, same moment) is recorded once. Raises `NotAllowedNow` when one of the machines,
    or the gate as a whole, waits no longer; nothing is written then.
    """
    own = decision.replace(machines=meant(gate, decision))

    def mutate(existing: GateRow | None) -> GateRow | None:
        if existing is None or any(_is_same(each, own) for each in existing.batches):
            return None
        gone = sorted(set(own.machines) - set(here(existing, own.at)))
        if gone or not waits(existing, own.at) or (existing.pending and not own.machines):
            raise NotAllowedNow(f"{gate.name} was decided meanwhile{': ' if gone else ''}{', '.join(gone)}")
        left = tuple(machine for machine in existing.pending if machine not in own.machines)
        return stand(existing, pending=left).replace(batches=(*existing.batches, _ticketed(existing, own)))

    return change(gate, mutate)


def second(gate: GateRow, decision: Decision) -> GateRow:
    """Keep an approval that needs another person's; the machines go on waiting. Gives the gate as it stands."""
    own = decision.replace(machines=meant(gate, decision))

    def mutate(existing: GateRow | None) -> GateRow | None:
        if existing is None or any(each.id == own.id for each in existing.seconded):
            return existing
        return existing.replace(seconded=(*existing.seconded, _ticketed(existing, own)))

    return change(gate, mutate)


def meant(gate: GateRow, decision: Decision) -> tuple[str, ...]:
    """Give the machines that wait at a gate and are meant: those it names, or all that can be decided on."""
    if not decision.machines:
        return here(gate, decision.at)
    return tuple(name for name in dict.fromkeys(decision.machines) if name in gate.pending)


def waits(gate: GateRow, now: datetime) -> bool:
    """Tell whether something can be decided at a gate: it is open, and has not expired for all who wait there."""
    end = gate.waiting[WHOLE].expires if WHOLE in gate.waiting else None
    whole = not gate.pending and (end is None or now < end)
    return gate.open and (whole or bool(here(gate, now)))


def here(gate: GateRow, now: datetime) -> tuple[str, ...]:
    """Give the machines that can be decided on: they wait, and their time is not over."""
    late = overdue(gate, now)
    return tuple(name for name in gate.pending if name not in late)


def overdue(gate: GateRow, now: datetime) -> tuple[str, ...]:
    """Give the machines that nobody decided on in time."""
    ends = {name: gate.waiting[name].expires for name in gate.pending if name in gate.waiting}
    return tuple(name for name, end in ends.items() if end is not None and now >= end)


def _ticketed(gate: GateRow, decision: Decision) -> Decision:
    """Note with which tickets its machines waited: a decision is for this coming of theirs and for no later one."""
    return decision.replace(tickets={name: gate.ticket(name) for name in decision.machines or (WHOLE,)})


def _is_same(kept: Decision, decision: Decision) -> bool:
    """Tell whether a gate has this very decision already: the writer runs a second time."""
    return kept.replace(machines=(), tickets={}) == decision.replace(machines=(), tickets={})
