"""A plan is assessed by the app: waited for, told rule by rule, kept as a file."""

import json

import pytest

from shared.reporting.assessment import AssessedMachine, Assessment, JudgedRule, RuleFinding
from tests.cli.test_starting import PLAN

GOOD = Assessment(
    id="finance-1a2b", plan="finance", machines=(AssessedMachine(name="web1", wave="shop", state="running"),)
)
RULES = (
    JudgedRule(
        id="machine-not-found",
        category="critical",
        title="It is not there",
        advice="Look at its id",
        blocks=True,
        findings=tuple(RuleFinding(machine=f"db{number}", evidence="no such instance") for number in range(7)),
    ),
)
GHOST = AssessedMachine(name="db0", wave="shop", found=False, blocked=True, concerns=("machine-not-found",))


@pytest.fixture
def bad(prepared):
    prepared.assessment = GOOD.replace(machines=(*GOOD.machines, GHOST), rules=RULES)


def test_a_plan_that_nothing_stops_is_told_so_once_it_is_judged(ask, prepared):
    prepared.assessment, prepared.later = GOOD, [lambda: None]

    answer = ask("assess", PLAN, "--every", "0.1")

    assert answer.exit_code == 0
    assert answer.stdout.endswith(
        "nothing would stop finance: 1 machine\nnothing was started and nothing was changed\n"
    )
    assert ["/api/plans/assess", *["/api/assessments/finance-1a2b"] * 2] == [each[1] for each in prepared.requests]
    assert prepared.requests[0][2]["content-type"] == "application/yaml"


@pytest.mark.usefixtures("bad")
def test_what_was_found_is_told_rule_by_rule_with_what_to_do_and_ends_with_1(ask):
    answer = ask("assess", PLAN)

    assert answer.exit_code == 1
    assert "critical machine-not-found: It is not there\n  db0: no such instance\n" in answer.stdout
    assert "… and 2 more" in answer.stdout
    assert "  what to do: Look at its id" in answer.stdout
    assert "1 machine of 2 would be stopped: db0" in answer.stdout


@pytest.mark.usefixtures("bad")
def test_it_is_given_as_data_whole(ask):
    data = json.loads(ask("assess", PLAN, "-o", "json").stdout)

    assert 7 == len(data["rules"][0]["findings"])


def test_it_is_written_to_a_file_in_the_form_of_its_name(ask, prepared, tmp_path):
    prepared.assessment = GOOD

    ask("assess", PLAN, "--report", tmp_path / "found.csv")

    assert "an assessment as csv" == (tmp_path / "found.csv").read_text()


def test_a_file_of_another_form_is_refused_before_anything_is_asked(ask, prepared, tmp_path):
    answer = ask("assess", PLAN, "--report", tmp_path / "found.pdf")

    assert (2, []) == (answer.exit_code, prepared.requests)
