"""Overrun: what becomes of machines that are under way when their cutover window closes, as the window says."""

from datetime import datetime

from shared.itinerary import step_at
from shared.ledger import machines
from shared.ledger.evidence import AssignedWindow, Evidence
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.machine_windows import windows_at
from shared.models import Scope
from shared.plan.window_sets import WindowSet
from shared.problems import WindowClosed
from shared.scheduling.windows import WindowOpening


def can_overrun(windows: WindowSet) -> bool:
    """Tell whether one of some windows stops anybody when it closes."""
    return any(each.overrun != "finish" for each in windows.windows)


def assigned_window(windows: WindowSet, opening: WindowOpening | None) -> Evidence:
    """Give the evidence of a machine that begins in an opening of its windows; it replaces that of an earlier one."""
    if opening is None or not opening.ends:
        return Evidence(cutover_window=AssignedWindow())
    overrun = windows.windows[opening.number].overrun
    return Evidence(cutover_window=AssignedWindow(closes=opening.ends, overrun=overrun))


def check_window(scope: Scope, row: MachineRow | None = None) -> None:
    """Raise `WindowClosed` where a machine must not take the step of its place, as its window has closed.

    Nothing that was submitted is interrupted. Before the failover is submitted it goes back to `ReadyForCutover` and
    waits for the next opening (`stop`, `rollback`); once it is failed over but not verified it is rolled back
    (`rollback` only).
    """
    wanted = step_at(scope.phase).on_closed_window
    if not wanted or not can_overrun(windows_at(scope)):
        return
    row = row or machines.get(scope.migration, scope.machine)
    assigned = row.evidence.cutover_window if row else None
    if row is None or assigned is None or assigned.closes is None or scope.now < assigned.closes:
        return
    submitted = row.mark(Mark.FAILOVER_ASKED) is not None
    if wanted == "stand back" and not submitted and assigned.overrun != "finish":
        raise _closed(scope, assigned.closes, "window", "it goes back to its source and waits for the next opening")
    if wanted == "roll back" and assigned.overrun == "rollback":
        raise _closed(scope, assigned.closes, "rollback", "it is rolled back to its source")


def _closed(scope: Scope, closes: datetime, intent: str, what: str) -> WindowClosed:
    return WindowClosed(
        f"the cutover window closed at {closes:%Y-%m-%d %H:%M} UTC before {scope.phase} of {scope.machine}: {what}",
        advice="Widen the window, let fewer machines into an opening, or let it `finish` when it overruns.",
        extra={"intent": intent},
    )
