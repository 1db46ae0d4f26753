"""Install agent: again each time that a person has put its file into place, and then only seen."""

from orchestrators.install_agent import install_agent
from shared.contracts.sources import CommandStarted, Installation
from shared.models import Done
from tests.orchestrators.happy_path import MACHINE, happy_stage

HERE = MACHINE.replace(phase="install_agent")


def requests_of(stage, name, field):
    return [wire.get(field) for each, wire in stage.calls if each == name]


def test_an_agent_that_registers_at_once_asks_nobody():
    stage = happy_stage(send_command=lambda wire: CommandStarted(command="c1"))
    assert Done() == stage.play(install_agent, HERE)
    assert stage.journal == ["send_command", "poll_installation", "poll_agent"]


def test_it_runs_again_after_each_file_until_it_needs_none():
    ends = iter([True, True, False])

    stage = happy_stage(
        send_command=lambda wire: CommandStarted(command=f"c{wire.get('number', 1)}"),
        poll_installation=lambda wire: Installation(settled=True, needs_file=next(ends)),
    )
    assert Done() == stage.play(install_agent, HERE)
    assert requests_of(stage, "send_command", "number") == [None, 2, 3]
    assert requests_of(stage, "poll_installation", "job") == ["c1", "c2", "c3"]
    assert requests_of(stage, "poll_agent_file", "tag") == ["1", "2"]
    assert len(set(requests_of(stage, "poll_agent_file", "event"))) == 2
    assert stage.journal[-1] == "poll_agent"


def test_where_a_person_installs_nothing_is_run_and_the_gate_is_closed():
    stage = happy_stage(send_command=lambda wire: CommandStarted(by_hand=True))
    assert Done() == stage.play(install_agent, HERE)
    assert stage.journal == ["send_command", "poll_agent", "close_gate"]
