"""Without a gate: which machines of a wave go on to their cutover by themselves, and what the others are told.

They go together when the last one is ready. One that stays behind does not cost the others their window: those that are
ready when it opens go in it, unless the plan wants them `together`; an application's boot order is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from activities.flow.skipped_phases import is_skipped
from activities.flow.wait_rows import later_than
from shared.contracts.cohorts import ApprovalPoll
from shared.contracts.requests import scoped_as
from shared.ledger import machines, plans
from shared.ledger.machine_row import MachineRow
from shared.ledger.machine_windows import opening_from, windows_at
from shared.ledger.readiness import Handover
from shared.models import Scope
from shared.reporting import release_commands
from shared.reporting.name_lists import some_of
from shared.scheduling.windows import WindowOpening
from shared.states import TERMINAL, MachineState

MOST_NAMES: Final = 5
AT_MOST: Final = 4 * 3_600  # between two looks: by then those that wait are told again for whom
Openings = Mapping[str, WindowOpening | None]
READY: Final = frozenset({MachineState.READY_FOR_CUTOVER, MachineState.CUTTING_OVER, MachineState.CUT_OVER})


@dataclass(frozen=True)
class Going:
    """Who goes now; without anybody, how many seconds until the window opens (None: it is open, or there is none)."""

    machines: tuple[MachineRow, ...] = ()
    opens_in: int | None = None


def by_plan(request: ApprovalPoll, ready: Sequence[MachineRow]) -> Going:
    """Give those of the ready machines that may go; the others are told what they wait for.

    Asked again with the same `taken` the answer holds the same machines: who was handed out is noted with it.
    """
    turn = Handover(round=request.round, life=request.life, turn=max(request.taken, 1))
    eligible = [row for row in ready if row.handed is None or row.handed == turn or row.handed.run != turn.run]
    if request.prepared:
        return _hand_out(request, eligible, turn)
    behind = _behind(request)
    openings = _openings(request, (*eligible, *behind))
    free = _free(request, eligible, behind, openings)
    _tell(request, [row for row in eligible if row not in free], behind, openings)
    if free:
        return _hand_out(request, free, turn)
    begin = [each.begin for each in openings.values() if each is not None and not each.is_open(request.now)]
    return Going(opens_in=min(AT_MOST, later_than(min(begin), request.now)) if begin else None)


def window_is_open(scope: Scope, now: datetime) -> bool:
    """Tell whether a machine that becomes ready now might go at once."""
    opening = _opening(scope.replace(now=now))
    return opening is not None and opening.is_open(now)


def wait_for_the_others(scope: Scope) -> tuple[str, str]:
    """Give what a machine waits for that is ready before its wave, and the command with which it goes without it."""
    return _said(scope, "", _opening(scope))


def _said(scope: Scope, who: str, opening: WindowOpening | None) -> tuple[str, str]:
    until = f", at most until the window opens at {opening.begin:%Y-%m-%d %H:%M} UTC" if opening else ""
    if opening and opening.closed:
        until += f" (not earlier because of {'; '.join(map(str, opening.closed))})"
    release = release_commands.cut_over(scope.migration, scope.wave)
    return f"the other machines of wave {scope.wave}{who}{until}", release


def _opening(scope: Scope) -> WindowOpening | None:
    """Give the opening of a machine's windows that is open or comes next.

    None where there are no windows, or the wave goes together.
    """
    windows = windows_at(scope)
    if not windows.windows or plans.plan_at(scope).wave(scope.wave).cutover.together:
        return None
    return opening_from(scope, windows, scope.now)


def _openings(request: ApprovalPoll, rows: Sequence[MachineRow]) -> Openings:
    """Give the opening that each machine would go in; machines with the same windows have the same one."""
    owners = {row.name: windows_at(scope_of(request, row.name)).owner for row in rows}
    examples = {owner: name for name, owner in owners.items()}
    found = {owner: _opening(scope_of(request, name)) for owner, name in examples.items()}
    return {name: found[owner] for name, owner in owners.items()}


def scope_of(request: ApprovalPoll, machine: str) -> Scope:
    """Return where one machine of the wave stands."""
    return scoped_as(request, Scope).replace(machine=machine)


def _behind(request: ApprovalPoll) -> list[MachineRow]:
    """Give those of the round that are on their way to their cutover still."""
    rows = machines.list(request.migration, wave=request.wave)
    return [row for row in rows if row.round == request.round and row.state not in TERMINAL | READY]


def _free(
    request: ApprovalPoll, own: Sequence[MachineRow], behind: Sequence[MachineRow], openings: Openings
) -> list[MachineRow]:
    """Give those that go before the others: somebody asked for it, or their window is open and the boot order allows it."""
    asked_for = {row.name for row in own if is_skipped(scope_of(request, row.name), "await_window")}
    is_open = {name for name, opening in openings.items() if opening is not None and opening.is_open(request.now)}
    return [row for row in own if row.name in asked_for or (row.name in is_open and not _boots_after(row, behind))]


def _boots_after(row: MachineRow, behind: Sequence[MachineRow]) -> bool:
    """Tell whether a machine of its application that boots before it is not ready; those without a name are one."""
    return any(each.application == row.application and each.boot_group < row.boot_group for each in behind)


def _hand_out(request: ApprovalPoll, rows: Sequence[MachineRow], turn: Handover) -> Going:
    """Note with which turn machines went, before anybody is told: whoever dies in between hands out the same ones."""
    for row in rows:
        machines.change(scope_of(request, row.name), lambda machine: machine.round == request.round, handed=turn)
    return Going(machines=tuple(rows))


def _tell(request: ApprovalPoll, held: Sequence[MachineRow], behind: Sequence[MachineRow], openings: Openings) -> None:
    """Say for whom machines wait that are ready, and the command with which they go without them."""
    if not held:
        return
    names = [f"{row.name} ({row.phase.replace('_', ' ')})" for row in behind]
    for row in held:
        waiting_for, release = _said(request, f": {some_of(names, MOST_NAMES)}", openings[row.name])
        machines.change(
            scope_of(request, row.name),
            lambda machine: machine.state == MachineState.READY_FOR_CUTOVER and machine.round == request.round,
            waiting_for=waiting_for,
            release=release,
        )
