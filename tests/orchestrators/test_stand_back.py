"""Standing back: the source serves again, and its copy is kept."""

import pytest

from orchestrators.stand_back import restore_services, stand_back
from shared.requests import WhereItStands
from tests.orchestrators.happy import MACHINE, happy_stage, says


@pytest.mark.parametrize(
    ("standing", "done"),
    [
        (WhereItStands(protected=True), []),
        (WhereItStands(protected=True, source_stopped=True), ["start_source_machine"]),
        (WhereItStands(protected=True, services_stopped=True), ["send_command", "look_command"]),
    ],
)
def test_what_the_cutover_did_to_the_source_is_taken_back_and_nothing_else(standing, done):
    stage = happy_stage(read_standing=says(standing))
    stage.play(stand_back, MACHINE.but(phase="stand_back"))

    assert ["read_standing", *done] == stage.journal


@pytest.mark.parametrize(
    ("standing", "done"),
    [
        (WhereItStands(), []),
        (WhereItStands(services_stopped=True), ["send_command", "look_command"]),
    ],
)
def test_after_a_refused_cutover_services_that_rest_are_started_and_the_source_is_left_alone(standing, done):
    stage = happy_stage(read_services=says(standing))
    stage.play(restore_services, MACHINE.but(phase="restore_services"))

    assert ["read_services", *done] == stage.journal
