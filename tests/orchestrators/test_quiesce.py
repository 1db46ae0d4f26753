"""The proof that nothing is lost comes before the source stops."""

import pytest

from orchestrators.quiesce import quiesce
from shared.contracts.requests import PollResult
from shared.contracts.sources import CommandStarted
from shared.models import Done
from shared.problems import Refused
from tests.orchestrators.happy_path import MACHINE, happy_stage, says
from tests.play import START

HERE = MACHINE.replace(phase="quiesce")


def scripts(stage):
    return [wire["script"] for name, wire in stage.calls if name == "send_command"]


def test_the_recovery_point_must_be_newer_than_the_rest_of_the_source():
    def look(wire):
        return PollResult(settled=wire["since"] >= wire["newerThan"], patience=60)

    stage = happy_stage(poll_recovery_point=look)

    assert Done() == stage.play(quiesce, HERE)
    poll = next(wire for name, wire in stage.calls if name == "poll_recovery_point")
    assert poll["newerThan"] == poll["now"], "and that is the moment of its rest"
    assert START.isoformat().replace("+00:00", "Z") <= poll["newerThan"]


def test_services_are_stopped_before_the_source_is_said_to_rest():
    stage = happy_stage()
    stage.play(quiesce, HERE)

    assert scripts(stage) == ["stop-services"]
    assert stage.journal.index("poll_command") < stage.journal.index("poll_recovery_point")


def test_without_a_proof_the_services_are_started_again_and_the_machine_is_refused():
    def none(wire):
        raise Refused("no recovery point in an hour")

    stage = happy_stage(poll_recovery_point=none)

    with pytest.raises(Refused, match="no recovery point"):
        stage.play(quiesce, HERE)
    assert scripts(stage) == ["stop-services", "start-services"]


def test_a_plan_without_scripts_waits_for_no_command():
    stage = happy_stage(send_command=says(CommandStarted()))
    stage.play(quiesce, HERE)

    assert "poll_command" not in stage.journal


def test_drifted_facts_stop_it_before_anything_is_touched():
    def drift(wire):
        raise Refused("a disk was added")

    stage = happy_stage(check_drift=drift)

    with pytest.raises(Refused):
        stage.play(quiesce, HERE)
    assert stage.journal == ["check_drift"]


def test_services_that_were_stopped_only_in_part_are_started_again():
    def look(wire):
        raise Refused("exit code 5")

    stage = happy_stage(poll_command=look)

    with pytest.raises(Refused, match="exit code 5"):
        stage.play(quiesce, HERE)
    assert scripts(stage) == ["stop-services", "start-services"]
    assert "poll_recovery_point" not in stage.journal
