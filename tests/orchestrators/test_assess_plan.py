"""A plan that nobody started is judged; where that is refused, why is kept for who asked."""

from orchestrators.assess_plan import assess_plan
from shared.models import Scope
from shared.problems import Refused
from tests.orchestrators.happy_path import happy_stage

HERE = Scope(migration="acme-0123")


def test_a_plan_is_judged_and_nothing_else_is_done():
    stage = happy_stage()
    stage.play(assess_plan, HERE)
    assert [name for name, _ in stage.calls] == ["judge_plan"]


def test_a_refusal_is_kept_with_its_reason():
    def refuses(_wire):
        raise Refused("the role may not be assumed", id="no-role")

    stage = happy_stage(judge_plan=refuses)
    stage.play(assess_plan, HERE)
    name, wire = stage.calls[-1]
    assert (name, wire["problem"]["id"]) == ("keep_refused_assessment", "no-role")
