"""The itinerary names phases and activities that exist, and every road is part of it."""

import pytest

from shared.contracts import contracts
from shared.durable.seam import Activity
from shared.itinerary import (
    AFTERWARDS,
    CUTTING_OVER,
    ITINERARY,
    LANDING,
    PREPARING,
    STEPS,
    Step,
    step,
)
from shared.states import MachineState

PHASES = {**contracts.PLAN_PHASES, **contracts.MACHINE_PHASES, contracts.AWAIT_WINDOW.name: contracts.AWAIT_WINDOW}
ACTIVITIES = {value.name for value in vars(contracts).values() if isinstance(value, Activity)}


@pytest.mark.parametrize("row", ITINERARY, ids=lambda row: row.phase)
def test_a_step_is_said_in_one_sentence(row: Step) -> None:
    assert row.does.endswith(".")
    assert row.does.count(". ") == 0


@pytest.mark.parametrize("row", ITINERARY, ids=lambda row: row.phase)
def test_a_step_has_an_orchestrator_unless_the_wave_itself_waits(row: Step) -> None:
    assert row.phase in PHASES or row.phase == "approval"


@pytest.mark.parametrize("row", ITINERARY, ids=lambda row: row.phase)
def test_a_step_is_undone_by_an_activity_that_exists(row: Step) -> None:
    assert row.undo is None or row.undo in ACTIVITIES


@pytest.mark.parametrize("row", ITINERARY, ids=lambda row: row.phase)
def test_the_state_of_a_machine_is_one_of_those_that_exist(row: Step) -> None:
    assert row.state in set(MachineState)


def test_every_orchestrator_of_a_phase_is_in_the_itinerary() -> None:
    assert set(PHASES) <= set(STEPS)


def test_the_legs_of_a_machine_are_the_itinerary_in_order() -> None:
    walked = [*PREPARING, "approval", *CUTTING_OVER, *LANDING, *AFTERWARDS]

    assert walked == [each.phase for each in ITINERARY if each.scope != "plan"]


def test_a_step_is_found_by_its_phase() -> None:
    assert step("quiesce").stage == "CutOver"
