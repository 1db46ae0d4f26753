"""How far a wave is, and a migration: judged from where their machines stand, so that no two rows can disagree."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from shared.itinerary import PLAN_STEPS, STEPS
from shared.ledger.machine_row import MachineRow
from shared.states import TERMINAL, MachineState, WaveState

S = MachineState
ORDER: Final = tuple(STEPS)
# What is most urgent to know of a wave comes first: it is in that state as soon as one machine is.
URGENCY: Final = (
    WaveState.CUTTING_OVER,
    WaveState.AWAITING_APPROVAL,
    WaveState.AWAITING_WINDOW,
    WaveState.REHEARSING,
    WaveState.REPLICATING,
)
BY_STAGE: Final = {
    "Replicate": WaveState.REPLICATING,
    "Rehearse": WaveState.REHEARSING,
    "CutOver": WaveState.CUTTING_OVER,
    "Finish": WaveState.CUTTING_OVER,
}


def wave_state(rows: Sequence[MachineRow], deciding: Collection[str], *, done: bool) -> WaveState:
    """Judge a wave by its machines; `deciding` are those that wait for an approval of their cutover."""
    under_way = [row for row in rows if row.state not in TERMINAL]
    if done or (rows and not under_way):
        return WaveState.ENDED
    found = {_of(row, deciding) for row in under_way}
    return next((state for state in URGENCY if state in found), WaveState.NOT_STARTED)


def _of(row: MachineRow, deciding: Collection[str]) -> WaveState:
    """Give what the wave would be if it had this machine only."""
    if row.state == S.READY_FOR_CUTOVER:
        return WaveState.AWAITING_APPROVAL if row.name in deciding else WaveState.AWAITING_WINDOW
    if row.state == S.READY_FOR_TEST:
        return WaveState.REHEARSING
    step = STEPS.get(row.phase)
    return BY_STAGE.get(step.stage, WaveState.NOT_STARTED) if step else WaveState.NOT_STARTED


def earliest_phase(planned: str, rows: Iterable[MachineRow]) -> str:
    """Give the phase of the machine that is least far; that of the plan itself while its machines wait for it.

    Machines that are through, or stopped for good, do not count; without any other it is empty.
    """
    under_way = [row.phase for row in rows if row.state not in TERMINAL]
    if any(phase in ("", *PLAN_STEPS) for phase in under_way):
        return planned
    known = [phase for phase in under_way if phase in STEPS]
    return min(known, key=ORDER.index, default="")
