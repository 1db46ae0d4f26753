"""Install agent: again each time that a person has put its file into place, and then only seen."""

from orchestrators.install_agent import install_agent
from shared.models import Done
from shared.requests import Began, Installation
from tests.orchestrators.happy import MACHINE, happy_stage

HERE = MACHINE.but(phase="install_agent")


def asked(stage, name, field):
    return [wire.get(field) for each, wire in stage.asked if each == name]


def test_an_agent_that_registers_at_once_asks_nobody():
    stage = happy_stage(send_command=lambda wire: Began(command="c1"))
    assert Done() == stage.play(install_agent, HERE)
    assert stage.journal == ["send_command", "look_installation", "look_agent"]


def test_it_runs_again_after_each_file_until_it_needs_none():
    ends = iter([True, True, False])

    stage = happy_stage(
        send_command=lambda wire: Began(command=f"c{wire.get('number', 1)}"),
        look_installation=lambda wire: Installation(settled=True, needs_file=next(ends)),
    )
    assert Done() == stage.play(install_agent, HERE)
    assert asked(stage, "send_command", "number") == [None, 2, 3]
    assert asked(stage, "look_installation", "job") == ["c1", "c2", "c3"]
    assert asked(stage, "look_agent_file", "tag") == ["1", "2"]
    assert len(set(asked(stage, "look_agent_file", "event"))) == 2
    assert stage.journal[-1] == "look_agent"


def test_where_a_person_installs_nothing_is_run_and_the_gate_is_closed():
    stage = happy_stage(send_command=lambda wire: Began(by_hand=True))
    assert Done() == stage.play(install_agent, HERE)
    assert stage.journal == ["send_command", "look_agent", "close_gate"]
