"""What a decision is meant for: the gates of a name at which machines wait; where that is not clear, the list of them."""

from collections.abc import Sequence
from datetime import datetime

from shared.coordination import gates
from shared.coordination.decision import Decision
from shared.coordination.gate_decisions import here, meant, waits
from shared.coordination.gate_row import GateRow
from shared.problems import NotAllowedNow, NotFound
from shared.reporting.name_lists import some_of


def resolve(migration: str, decision: Decision, known: Sequence[str]) -> tuple[Decision, tuple[GateRow, ...]]:
    """Give the gates that are meant, and the decision for all who wait there and are meant.

    Raises `NotFound` for waves that are not `known`, and `NotAllowedNow`. Several gates are meant only where the machines
    or waves are named, or `all_ready` is said. Where nothing is named, a gate of the whole migration is meant before those
    of waves and machines: it has no name to say.
    """
    waves = decision.waves
    strangers = sorted(set(waves) - set(known))
    if strangers:
        raise NotFound(f"the plan has no wave {', '.join(strangers)}", advice=f"Its waves: {', '.join(known)}.")
    named = [each for each in gates.of_migration(migration) if each.name == decision.gate and waits(each, decision.at)]
    candidates = [each for each in named if not waves or each.wave in waves]
    if not candidates:
        of = f" of wave {', '.join(waves)}" if waves else ""
        raise NotAllowedNow(
            f"nothing waits for a decision at {decision.gate}{of}", advice=_open(migration, decision.at)
        )
    if decision.machines:
        candidates = _named(candidates, decision)
    elif not decision.all_ready:
        candidates = [each for each in candidates if not (each.wave or each.place)] or candidates
        if len(candidates) > 1 and len(waves) < len(candidates):
            raise _unclear(migration, decision, candidates)
    return for_all(decision, candidates), tuple(candidates)


def for_all(decision: Decision, at: Sequence[GateRow]) -> Decision:
    """Name the waves and the machines that a decision at these gates is for."""
    waves = tuple(dict.fromkeys(gate.wave for gate in at if gate.wave))
    return decision.replace(waves=waves, machines=tuple(name for gate in at for name in meant(gate, decision)))


def _named(existing: Sequence[GateRow], decision: Decision) -> list[GateRow]:
    """Give the gates of the machines that were named."""
    at = {name for each in existing for name in here(each, decision.at)}
    strangers = sorted(set(decision.machines) - at)
    if strangers:
        raise NotAllowedNow(
            f"not waiting at {decision.gate}: {', '.join(strangers)}",
            advice=f"Waiting there now: {', '.join(sorted(at)) or 'none'}.",
        )
    return [each for each in existing if meant(each, decision)]


def _unclear(migration: str, decision: Decision, existing: Sequence[GateRow]) -> NotAllowedNow:
    """Say which gates could be meant, each with the machines that wait there, and how to name one."""
    listed = "; ".join(_told(each, decision.at) for each in existing[:50]) + (" …" if len(existing) > 50 else "")
    return NotAllowedNow(
        f"{len(existing)} gates {decision.gate} of {migration} wait, and it is not clear which are meant: {listed}",
        id="decision-unclear",
        title="Several gates could be meant",
        advice="Name waves (--wave) or machines (--machines); --all-ready means all that wait now.",
    )


def _told(gate: GateRow, now: datetime) -> str:
    names = here(gate, now)
    whom = some_of(names, 20)
    return f"wave {gate.wave}: {whom}" if gate.wave else whom or "the whole migration"


def _open(migration: str, now: datetime) -> str:
    """Say what waits now."""
    found = [f"{each.name} ({_told(each, now)})" for each in gates.of_migration(migration) if waits(each, now)]
    return f"Waiting now: {'; '.join(found[:20])}." if found else "No gate waits now."
