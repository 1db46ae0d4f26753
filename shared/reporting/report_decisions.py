"""Who decided what about each machine: the answer to "who let it be cut over, when, why and with whom"."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import Field

from shared.models import Model
from shared.reporting.views import EventView

LETTING = ("approve", "cutover")


class MachineDecision(Model):
    """A decision about a machine."""

    machine: str
    at: datetime
    verb: str
    gate: str = Field(default="", description="the gate, phase or concern that it was about")
    by: str = ""
    role: str = ""
    surface: str = ""
    comment: str = ""
    others: tuple[str, ...] = Field(default=(), description="machines that the same decision was for")
    second: bool = Field(default=False, description="one of two approvals that were needed")
    decision: str = Field(default="", description="id; the event bears it as data.decision")


def decisions_of(events: Iterable[EventView]) -> dict[str, tuple[MachineDecision, ...]]:
    """Give every decision about each machine that it names, the oldest first."""
    found: dict[str, tuple[MachineDecision, ...]] = {}
    for event in events:
        names = tuple(event.data.get("machines") or ()) if event.data.get("decision") else ()
        for name in names:
            others = tuple(other for other in names if other != name)
            found[name] = (*found.get(name, ()), _decision(event, name, others))
    return found


def _decision(event: EventView, machine: str, others: tuple[str, ...]) -> MachineDecision:
    told = {
        name: str(event.data.get(name) or "") for name in ("verb", "gate", "role", "surface", "comment", "decision")
    }
    second = event.what.startswith("seconded-")
    return MachineDecision(machine=machine, at=event.at, by=event.by, others=others, second=second, **told)


def let_by(decisions: Sequence[MachineDecision]) -> tuple[MachineDecision, ...]:
    """Give the approval by which a machine cut over last: of two people where two had to agree; empty = nobody did."""
    asked = [each for each in decisions if each.gate == "cutover" and each.verb in LETTING]
    whole = [at for at, one in enumerate(asked) if not one.second]
    if not whole:
        return ()
    begin = whole[-2] + 1 if len(whole) > 1 else 0
    return tuple(asked[begin : whole[-1] + 1])


def cells(decisions: Sequence[MachineDecision]) -> dict[str, str]:
    """Give the columns of a table that say who let a machine be cut over, when, why and with whom."""
    by = let_by(decisions)
    if not by:
        return dict.fromkeys(COLUMNS, "")
    return {
        "cutoverApprovedBy": ", ".join(each.by or "somebody" for each in by),
        "cutoverApprovedAt": f"{by[-1].at:%Y-%m-%d %H:%M:%S} UTC",
        "cutoverComment": "; ".join(each.comment for each in by if each.comment),
        "cutoverWith": ", ".join(by[-1].others),
    }


COLUMNS = ("cutoverApprovedBy", "cutoverApprovedAt", "cutoverComment", "cutoverWith")
