"""What a decision is meant for: the gates of a name at which machines wait; where that is not clear, the list of them."""

from collections.abc import Sequence
from datetime import datetime

from shared.coordination import gates
from shared.coordination.gate_decisions import here, waits
from shared.coordination.gate_row import GateRow, Verdict
from shared.models import Model
from shared.problems import NotAllowedNow, NotFound
from shared.reporting.name_lists import some_of


class Answer(Model):
    """A decision at a gate: for the machines named, or for all that wait there."""

    gate: str
    decision: Verdict
    wave: str = ""
    machines: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    all_ready: bool = False

    @property
    def in_waves(self) -> tuple[str, ...]:
        """Give the waves that it names."""
        return tuple(dict.fromkeys((*((self.wave,) if self.wave else ()), *self.waves)))


class DecisionTarget(Model):
    """A gate, and those of its machines that are meant (none = it holds up no machine in particular)."""

    gate: GateRow
    machines: tuple[str, ...] = ()


def resolve(migration: str, answer: Answer, known: Sequence[str], now: datetime) -> tuple[DecisionTarget, ...]:
    """Give the gates that are meant. Raises `NotFound` for waves that are not `known`, and `NotAllowedNow`.

    Several gates are meant only where the machines or waves are named, or `all_ready` is said. Where nothing is named,
    a gate of the whole migration is meant before those of waves and machines: it has no name to say.
    """
    strangers = sorted(set(answer.in_waves) - set(known))
    if strangers:
        raise NotFound(f"the plan has no wave {', '.join(strangers)}", advice=f"Its waves: {', '.join(known)}.")
    named = [each for each in gates.of_migration(migration) if each.name == answer.gate and waits(each, now)]
    there = [each for each in named if not answer.in_waves or each.wave in answer.in_waves]
    if not there:
        of = f" of wave {', '.join(answer.in_waves)}" if answer.in_waves else ""
        raise NotAllowedNow(f"nothing waits for a decision at {answer.gate}{of}", advice=_open(migration, now))
    if answer.machines:
        return _named(there, answer, now)
    whole = [each for each in there if not (each.wave or each.place)]
    if len(whole) == 1 and not answer.all_ready:
        return (DecisionTarget(gate=whole[0], machines=here(whole[0], now)),)
    if len(there) > 1 and not answer.all_ready and len(answer.waves) < len(there):
        raise _unclear(migration, answer, there, now)
    return tuple(DecisionTarget(gate=each, machines=here(each, now)) for each in there)


def _named(existing: Sequence[GateRow], answer: Answer, now: datetime) -> tuple[DecisionTarget, ...]:
    """Give the gates of the machines that were named."""
    at = {name: each for each in existing for name in here(each, now)}
    strangers = sorted(set(answer.machines) - at.keys())
    if strangers:
        raise NotAllowedNow(
            f"not waiting at {answer.gate}: {', '.join(strangers)}",
            advice=f"Waiting there now: {', '.join(sorted(at)) or 'none'}.",
        )
    meant = [(each, tuple(name for name in dict.fromkeys(answer.machines) if at[name] is each)) for each in existing]
    return tuple(DecisionTarget(gate=one, machines=names) for one, names in meant if names)


def _unclear(migration: str, answer: Answer, existing: Sequence[GateRow], now: datetime) -> NotAllowedNow:
    """Say which gates could be meant, each with the machines that wait there, and how to name one."""
    lines = "; ".join(_told(each, now) for each in existing[:50]) + (" …" if len(existing) > 50 else "")
    return NotAllowedNow(
        f"{len(existing)} gates {answer.gate} of {migration} wait, and it is not clear which are meant: {lines}",
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
