"""Standing back: the source serves again, and its copy is kept."""

import pytest

from orchestrators.restore_source import restore_services, restore_source
from shared.contracts.rounds import CutoverProgress
from tests.orchestrators.happy_path import MACHINE, happy_stage, says


@pytest.mark.parametrize(
    ("standing", "done"),
    [
        (CutoverProgress(protected=True), []),
        (CutoverProgress(protected=True, source_stopped=True), ["start_source_machine"]),
        (CutoverProgress(protected=True, services_stopped=True), ["send_command", "poll_command"]),
    ],
)
def test_what_the_cutover_did_to_the_source_is_taken_back_and_nothing_else(standing, done):
    stage = happy_stage(read_standing=says(standing))
    stage.play(restore_source, MACHINE.replace(phase="restore_source"))

    assert ["read_standing", *done] == stage.journal


@pytest.mark.parametrize(
    ("standing", "done"),
    [
        (CutoverProgress(), []),
        (CutoverProgress(services_stopped=True), ["send_command", "poll_command"]),
    ],
)
def test_after_a_refused_cutover_services_that_rest_are_started_and_the_source_is_left_alone(standing, done):
    stage = happy_stage(read_services=says(standing))
    stage.play(restore_services, MACHINE.replace(phase="restore_services"))

    assert ["read_services", *done] == stage.journal
