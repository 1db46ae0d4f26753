"""Decisions at gates: a decision reaches exactly the machines it names, once, and is refused where nothing waits.

Only the door for decisions (shared/decisions/door.py) records any: it has judged them first.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import reduce

from shared.coordination.gate_row import WHOLE, Decision, GateRow
from shared.coordination.gates import TABLE, change, stand
from shared.problems import NotAllowedNow


def record(migration: str, wave: str, name: str, decision: Decision, machines: Collection[str] | None) -> GateRow:
    """Record a decision for some machines (None = all that wait there); the others go on waiting. Gives what is left.

    The very same decision (same person, same moment) is recorded once. Raises `NotAllowedNow` when nothing waits for
    it, or when one of the machines does not; nothing is written then.
    """
    there = [each for each in TABLE.of(migration) if (each.wave, each.name) == (wave, name)]
    meant = _meant(there, decision, None if machines is None else tuple(machines))
    if not meant:
        raise NotAllowedNow(f"nothing waits for a decision at {name}{f' of wave {wave}' if wave else ''}")
    return reduce(_together, [_write(one, decision.replace(machines=named)) for one, named in meant])


def second(gate: GateRow, decision: Decision, machines: Collection[str]) -> GateRow:
    """Keep an approval that needs another person's; the machines go on waiting. Gives the gate as it stands."""

    def mutate(existing: GateRow | None) -> GateRow | None:
        if existing is None or any(each.id == decision.id for each in existing.seconded):
            return existing
        kept = decision.replace(
            machines=tuple(machines), tickets={name: existing.ticket(name) for name in machines or (WHOLE,)}
        )
        return existing.replace(seconded=(*existing.seconded, kept))

    return change(gate, mutate)


def _meant(
    gates: Sequence[GateRow], decision: Decision, machines: tuple[str, ...] | None
) -> list[tuple[GateRow, tuple[str, ...]]]:
    """Give the gates that a decision is for, each with its machines. Raises `NotAllowedNow` for machines at none."""
    waiting = [each for each in gates if waits(each, decision.at) or _heard(each, decision)]
    if machines is None:
        return [(each, tuple(_named(_heard(each, decision))) or here(each, decision.at)) for each in waiting]
    at = {machine: each for each in waiting for machine in (*here(each, decision.at), *_named(_heard(each, decision)))}
    strangers = sorted(set(machines) - at.keys())
    if strangers or not machines:
        raise NotAllowedNow(
            f"not waiting here: {', '.join(strangers) or 'no machine was named'}",
            advice=f"Waiting now: {', '.join(sorted(at)) or 'none'}.",
        )
    return [(each, named) for each in waiting if (named := tuple(name for name in machines if at[name] is each))]


def _write(gate: GateRow, decision: Decision) -> GateRow:
    """Put a decision into its gate."""

    def mutate(existing: GateRow | None) -> GateRow | None:
        if existing is None or _heard(existing, decision):
            return None
        gone = sorted(set(decision.machines) - set(existing.pending))
        if gone or not existing.open:
            raise NotAllowedNow(f"{gate.name} was decided meanwhile{': ' if gone else ''}{', '.join(gone)}")
        tickets = {name: existing.ticket(name) for name in decision.machines or (WHOLE,)}
        left = tuple(machine for machine in existing.pending if machine not in decision.machines)
        return stand(existing, pending=left).replace(batches=(*existing.batches, decision.replace(tickets=tickets)))

    return change(gate, mutate)


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


def _heard(gate: GateRow, decision: Decision) -> list[Decision]:
    """Give this very decision, if the gate has it already: the writer runs a second time."""
    plain = decision.replace(machines=(), tickets={})
    return [each for each in gate.batches if each.replace(machines=(), tickets={}) == plain]


def _named(decisions: Sequence[Decision]) -> Iterator[str]:
    return (machine for each in decisions for machine in each.machines)


def _together(gate: GateRow, other: GateRow) -> GateRow:
    """Show gates of one name as one."""
    return gate.replace(
        machine="",
        open=gate.open or other.open,
        pending=gate.pending + other.pending,
        batches=gate.batches + other.batches,
    )
