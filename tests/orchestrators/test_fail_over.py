"""One machine's failover, seen from its orchestrator."""

from orchestrators.fail_over import fail_over
from shared.contracts.requests import FailoverResult, PollResult
from shared.models import Done
from tests.orchestrators.happy_path import MACHINE, happy_stage

HERE = MACHINE.replace(phase="fail_over")


def test_a_source_that_its_failover_left_running_is_stopped_before_anything_goes_on():
    looks = []

    def off_at_the_second_look(wire):
        looks.append(wire["tag"])
        return PollResult(settled=len(looks) == 2, patience=60)

    stage = happy_stage(
        read_failover=lambda wire: FailoverResult(source_runs=True), stop_source_machine=off_at_the_second_look
    )

    assert Done() == stage.play(fail_over, HERE)
    assert looks == ["left-running", "left-running"]


def test_a_source_that_is_off_is_not_stopped_again():
    stage = happy_stage()

    stage.play(fail_over, HERE)

    assert "stop_source_machine" not in stage.journal
