"""Check connectivity: judged first, then tried from the machine, then back from its server."""

from orchestrators.check_connectivity import check_connectivity
from shared.contracts.sources import CommandStarted, RouteJudgement
from tests.orchestrators.happy_path import MACHINE, happy_stage, says

HERE = MACHINE.replace(phase="check_connectivity")


def played(**overrides):
    stage = happy_stage(**({"send_command": says(CommandStarted(command="c1"))} | overrides))
    stage.play(check_connectivity, HERE)
    return [name for name, _ in stage.calls]


def test_what_was_judged_is_tried():
    assert played() == ["check_routes", "send_command", "poll_command"]


def test_a_server_that_pushes_tries_the_machine():
    back = {"check_routes": says(RouteJudgement(back=True)), "try_back": says(CommandStarted(command="c2"))}
    assert played(**back) == ["check_routes", "send_command", "poll_command", "try_back", "poll_back"]


def test_where_nobody_can_try_back_nothing_is_waited_for():
    names = played(check_routes=says(RouteJudgement(back=True)), try_back=says(CommandStarted()))
    assert names[-1] == "try_back"
