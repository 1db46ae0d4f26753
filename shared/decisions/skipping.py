"""Phases that may be left out, and whether leaving one out would still change anything for a machine."""

from shared.itinerary import ITINERARY, ORDER, step_at
from shared.ledger.machine_row import MachineRow
from shared.plan.model import Plan
from shared.plan.road_sections import seen_from
from shared.problems import NotAllowedNow
from shared.states import GIVEN_UP, MachineState

SKIPPABLE = tuple(each.phase for each in ITINERARY if each.skipped_at is not None)


def check_skip(plan: Plan, row: MachineRow, phase: str) -> str:
    """Give the kind of gate that leaving the phase out passes (empty = none).

    Raises `NotAllowedNow` for a phase that cannot be left out, is not on the machine's road, or lies behind it.
    """
    gate = step_at(phase).skipped_at
    if gate is None:
        raise NotAllowedNow(f"{phase} cannot be left out", advice=f"Possible for {', '.join(SKIPPABLE)}.")
    if not _is_on_the_road(plan, row, phase):
        raise NotAllowedNow(f"{phase} is not on the road of {row.name}: there is nothing to leave out")
    if _is_behind(row, phase):
        where = f"{row.state} in {row.failed_in or row.phase}" if row.failed_in or row.phase else row.state
        raise NotAllowedNow(f"{phase} lies behind {row.name}, which is {where}: leaving it out would change nothing")
    return gate


def _is_on_the_road(plan: Plan, row: MachineRow, phase: str) -> bool:
    """Tell whether the plan walks the phase with this machine at all."""
    wave = plan.wave(row.wave)
    if step_at(phase).skipped_at == "test":
        return wave.gates.test != "skip"
    if phase == "decommission_source":
        return plan.finish.decommission.mode == "terminate"
    road = seen_from(plan, wave).road_row
    return road is None or phase in road.phases


def _is_behind(row: MachineRow, phase: str) -> bool:
    """Tell whether the machine is through with a phase; one that was given up begins anew."""
    if row.state in GIVEN_UP:
        return False
    if row.state == MachineState.DECOMMISSIONED:
        return True
    if row.state == MachineState.READY_FOR_CUTOVER:
        return ORDER[phase] < ORDER["await_window"]
    stands = row.failed_in or row.phase
    if row.failed_in:  # of a test that failed the copy was removed: a retry tests again from the beginning
        stands = step_at(stands).retry_at or stands
    last = ORDER["stop_source"] if phase == "await_window" else ORDER[phase]  # until then a window may close upon it
    return ORDER.get(stands, -1) > last
