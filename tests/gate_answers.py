"""Answers at gates as the door for decisions gives them, once it was judged that somebody may."""

from collections.abc import Collection

from shared.coordination.decision import Decision
from shared.coordination.gate_decisions import record as put
from shared.coordination.gate_row import GateRow
from shared.decisions.resolving import resolve


def record(migration: str, wave: str, name: str, decision: Decision, machines: Collection[str] | None) -> GateRow:
    """Record a decision for some machines (None = all that wait there); gives the last of its gates as it stands."""
    waves = (wave,) if wave else ()
    answer = decision.replace(gate=name, waves=waves, machines=tuple(machines or ()), all_ready=True)
    meant, gates = resolve(migration, answer, waves)
    return [put(gate, meant) for gate in gates][-1]


def spoken(words: Decision, who: Decision) -> Decision:
    """Give what is said as this person says it now: a decision is made of both."""
    of_person = {name: getattr(who, name) for name in ("by", "at", "comment", "person", "roles", "surface")}
    return words.replace(verb=words.verdict.value if words.verdict else "", **of_person)
