"""Who decided what about each machine: the answer to "who let it be cut over, when, why and with whom"."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from shared.coordination.decision import Decision
from shared.models import Model
from shared.reporting.views import EventView

LETTING = ("approve", "cutover")


class MachineDecision(Model):
    """A decision about a machine."""

    machine: str
    decision: Decision
    others: tuple[str, ...] = Field(default=(), description="machines that the same decision was for")


def decisions_of(events: Iterable[EventView]) -> dict[str, tuple[MachineDecision, ...]]:
    """Give every decision about each machine that it names, the oldest first."""
    found: dict[str, tuple[MachineDecision, ...]] = {}
    for decision in (event.decision for event in events if event.decision is not None):
        for name in decision.machines:
            others = tuple(other for other in decision.machines if other != name)
            of_machine = MachineDecision(machine=name, decision=decision, others=others)
            found[name] = (*found.get(name, ()), of_machine)
    return found


def let_by(decisions: Sequence[MachineDecision]) -> tuple[MachineDecision, ...]:
    """Give the approval by which a machine cut over last: of two people where two had to agree; empty = nobody did."""
    letting = [each for each in decisions if each.decision.gate == "cutover" and each.decision.verb in LETTING]
    complete = [at for at, event in enumerate(letting) if not event.decision.first]
    if not complete:
        return ()
    begin = complete[-2] + 1 if len(complete) > 1 else 0
    return tuple(letting[begin : complete[-1] + 1])


def cells(decisions: Sequence[MachineDecision]) -> dict[str, str]:
    """Give the columns of a table that say who let a machine be cut over, when, why and with whom."""
    by = let_by(decisions)
    if not by:
        return dict.fromkeys(COLUMNS, "")
    return {
        "cutoverApprovedBy": ", ".join(each.decision.who for each in by),
        "cutoverApprovedAt": f"{by[-1].decision.at:%Y-%m-%d %H:%M:%S} UTC",
        "cutoverComment": "; ".join(each.decision.comment for each in by if each.decision.comment),
        "cutoverWith": ", ".join(by[-1].others),
    }


COLUMNS = ("cutoverApprovedBy", "cutoverApprovedAt", "cutoverComment", "cutoverWith")
