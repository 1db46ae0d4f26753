"""How a machine stands when a round begins: what this migration itself did about it before."""

from shared.concerns.registry import Standing
from shared.itinerary import STEPS
from shared.ledger.machine_row import MachineRow, Mark
from shared.states import MOVED, TERMINAL

BEFORE_CUTOVER = ("Assess", "Prepare", "Replicate", "Rehearse")


def is_in_azure(row: MachineRow) -> bool:
    """Tell whether a machine was failed over and not taken back."""
    return row.state in MOVED or row.mark(Mark.FAILED_OVER) is not None


def is_rehearsed(row: MachineRow) -> bool:
    """Tell whether a machine goes on behind its rehearsal: ready for its cutover, or on its way through it."""
    at = row.failed_in if row.failed_in in STEPS else ""
    return row.mark(Mark.READY) is not None and (not at or STEPS[at].stage not in BEFORE_CUTOVER)


def standing(row: MachineRow, number: int) -> Standing:
    """Give what this migration itself did about a machine before the round of this number."""
    goes_on = row.round == number or row.state not in TERMINAL
    return Standing(
        replicated=bool(row.item_id),
        placed=is_in_azure(row) or not goes_on,
        rehearsed=is_rehearsed(row),
        stopped=row.mark(Mark.STOP_REQUESTED) is not None,
        failing_over=row.mark(Mark.FAILOVER_ASKED) is not None,
        fenced=row.evidence.fenced_target.guid if row.evidence.fenced_target else "",
    )
