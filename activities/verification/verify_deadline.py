"""When a migrated machine that is not verified goes back to its source by itself, where the plan says so."""

from datetime import datetime, timedelta

from shared.ledger.machine_context import MachineContext
from shared.ledger.machine_row import Mark


def goes_back_at(machine: MachineContext, *, test: bool = False) -> datetime | None:
    """Give the moment; None = it never does by itself: a person decides. A test copy serves nobody, and has none."""
    cutover = machine.wave.cutover
    if test or cutover.on_verify_failed != "rollBack" or cutover.verify_deadline is None:
        return None
    return (machine.row.mark(Mark.FAILED_OVER) or machine.row.since) + cutover.verify_deadline


def with_deadline(text: str, machine: MachineContext, *, test: bool = False) -> str:
    """Give what a machine waits for, with what happens then if it does not come."""
    back = goes_back_at(machine, test=test)
    return f"{text}; if it is not verified by {back:%H:%M} UTC it is rolled back to its source" if back else text


def time_left(machine: MachineContext, now: datetime, most: timedelta, *, test: bool = False) -> timedelta:
    """Give how much of some patience is left: it ends with the deadline at the latest."""
    back = goes_back_at(machine, test=test)
    return most if back is None else min(most, back - now)
