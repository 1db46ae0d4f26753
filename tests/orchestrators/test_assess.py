"""Assess: facts, then a look inside where somebody can, then judgement."""

from orchestrators.assess import assess
from shared.contracts.inspections import Inspecting, SentInspection
from tests.orchestrators.happy_path import PLAN, happy_stage, says

HERE = PLAN.replace(phase="assess")
COMMANDS = Inspecting(sent=(SentInspection(command="c1", nonce="n1"),))


def test_what_was_sent_into_machines_is_waited_for_before_they_are_judged():
    stage = happy_stage(start_inspection=says(COMMANDS))
    stage.play(assess, HERE)
    assert [name for name, _ in stage.calls] == [
        "read_sources",
        "read_target",
        "start_inspection",
        "poll_inspection",
        "judge_machines",
    ]


def test_where_nothing_is_looked_into_nothing_is_waited_for():
    stage = happy_stage()
    stage.play(assess, HERE)
    assert "poll_inspection" not in [name for name, _ in stage.calls]
