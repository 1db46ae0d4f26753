"""Which machines a change of the plan touches, what becomes of each, and whom it comes too late for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from shared.coordination.operator_intents import Intent
from shared.decisions.round_rules import is_complete, was_rolled_back
from shared.ids import round_of
from shared.itinerary import STEPS, is_before, step_at
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.plan.carrying_over import MachineEffect, Touch
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.plan.road_sections import seen_from
from shared.plan.target import address_said
from shared.roads.target_spec import target_of
from shared.states import ASIDE, GIVEN_UP, MachineState

S = MachineState
BEGUN = frozenset({S.CUTTING_OVER, S.CUT_OVER, S.FINALIZED, S.DECOMMISSIONED})
TOLD_IN = "initial_sync"  # the phase that tells Site Recovery what a machine becomes
ANEW = "it is judged anew, then Site Recovery is told, and read back"


@dataclass(frozen=True)
class Touched:
    """The machines that a change touches, and how they stand."""

    migration: MigrationRow
    touches: Mapping[str, Touch]
    rows: Mapping[str, MachineRow]

    @property
    def effects(self) -> tuple[MachineEffect, ...]:
        """Give what becomes of each."""
        return tuple(
            MachineEffect(machine=name, touch=touch, text=f"{name} {_becomes(touch, self.rows.get(name))}")
            for name, touch in self.touches.items()
        )

    def late(self) -> Iterator[tuple[str, str]]:
        """Give each machine for which the change comes too late, or too early, and why."""
        for name, touch in self.touches.items():
            if why := why_not(touch, self.rows.get(name), self.migration):
                yield name, why


def touches_of(before: Plan, after: Plan) -> dict[str, Touch]:
    """Give what differs between two plans of single machines, by machine."""
    earlier, later = _entries(before), _entries(after)
    found = dict[str, Touch]()
    for name, (wave, machine) in earlier.items():
        if name not in later:
            found[name] = Touch.DROPPED
        elif _target(before, wave, machine) != _target(after, *later[name]):
            found[name] = Touch.RETARGETED
    return found | {name: Touch.ADDED for name in later if name not in earlier}


def _entries(plan: Plan) -> dict[str, tuple[Wave, Machine]]:
    return {machine.name: (wave, machine) for wave, machine in plan.entries()}


def _target(plan: Plan, wave: Wave, machine: Machine) -> tuple[object, ...]:
    """Give all that Site Recovery is told of a machine; its disks cannot be changed."""
    seen, own = seen_from(plan, wave), machine.target
    plain = machine.model_copy(update={"target": own.model_copy(update={"disks": ()})})
    return target_of(seen, plain), own.cards, address_said(seen.target, own)


def why_not(touch: Touch, row: MachineRow | None, migration: MigrationRow) -> str:
    """Say why a machine cannot be changed now; empty where it can."""
    if touch == Touch.ADDED:
        return _why_not_added(row)
    if row is None:
        return "is not assessed yet: try again in a few minutes"
    if has_begun(row):
        return f"has begun its cutover ({row.state} in {row.failed_in or row.phase}): what is under way stays as it is"
    if _is_taken_back(row, migration):
        return "is being taken back: change the plan when that has ended"
    if touch == Touch.RETARGETED and _rehearses(row):
        return f"is in its rehearsal ({row.phase}): change it when that has ended, or skip the rehearsal first"
    return ""


def _why_not_added(row: MachineRow | None) -> str:
    if row is None:
        return ""
    if row.dropped is None:
        return f"is in this migration already ({row.state})"
    return "" if row.state in GIVEN_UP else f"is still being dropped ({row.state}): add it again when that has ended"


def has_begun(row: MachineRow) -> bool:
    """Tell whether the cutover of a machine has begun, however it went on, and was not taken back."""
    return is_complete(row) or _is_at(row, BEGUN)


def is_cutting_over(row: MachineRow) -> bool:
    """Tell whether a machine is on its way into Azure, or failed on it, and does not serve there yet."""
    return _is_at(row, (S.CUTTING_OVER,))


def _is_at(row: MachineRow, states: Collection[MachineState]) -> bool:
    """Tell whether a machine is in one of some states, or stopped in a phase of one."""
    at = row.failed_in if row.state == S.FAILED else row.phase
    return row.state in states or (row.state in ASIDE and step_at(at).state in states)


def _is_taken_back(row: MachineRow, migration: MigrationRow) -> bool:
    """Tell whether a round that is open takes the machine back."""
    purposes = {number: purpose for purpose, number in map(round_of, migration.instances)}
    return row.round in migration.open_rounds and purposes.get(row.round) in (Intent.ROLLBACK, Intent.CANCEL)


def _rehearses(row: MachineRow) -> bool:
    step = STEPS.get(row.phase)
    under_way = row.state not in (S.FAILED, S.READY_FOR_CUTOVER, *GIVEN_UP)
    return row.state == S.TESTING or (under_way and step is not None and step.stage == "Rehearse")


def is_walked(row: MachineRow) -> bool:
    """Tell whether some flow has the machine, or waits with it; all others take the change when they are retried."""
    return row.state not in (S.FAILED, *GIVEN_UP) and not was_rolled_back(row)


def resumes_at(row: MachineRow) -> str:
    """Give the phase where a machine that is told anew goes on: where it is told, or at the start if it is not there yet."""
    phase = row.phase if row.phase in STEPS else ""
    return "" if is_before(phase, TOLD_IN) else TOLD_IN


def _becomes(touch: Touch, row: MachineRow | None) -> str:
    """Say what becomes of a machine that the change fits."""
    if touch == Touch.DROPPED:
        running = "" if row is not None and row.state in GIVEN_UP else "its replication ends, its source serves on; "
        return f"is dropped: {running}it stays in the ledger and in the report as dropped"
    if touch == Touch.ADDED:
        again = " again" if row is not None else ""
        return f"is added{again}: it is assessed and replicated in a round of its own, as its wave says"
    if row is None or not is_walked(row):
        return "becomes something else in Azure: it is told so when the machine is retried"
    approval = (
        "; its rehearsal and its approval are asked anew"
        if row.state in (S.READY_FOR_TEST, S.READY_FOR_CUTOVER)
        else ""
    )
    return f"becomes something else in Azure: {ANEW}{approval}"
