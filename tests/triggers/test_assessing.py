"""A plan is assessed without being started: where the assessment will be is told at once, then what it came to."""

import pytest

from shared.ledger import assessments
from shared.ledger.assessments import AssessmentResult
from shared.problems import Refused
from shared.reporting.assessment import AssessedMachine, Assessment, JudgedRule, RuleFinding
from tests.triggers.conftest import principal, with_settings

EVIL = "<script>=1"
MADE = Assessment(
    id="x",
    plan="finance",
    machines=(AssessedMachine(name="web1", wave="shop", blocked=True, concerns=("machine-not-found",)),),
    rules=(
        JudgedRule(
            id="machine-not-found",
            category="critical",
            blocks=True,
            findings=(RuleFinding(machine="web1", evidence=EVIL),),
        ),
    ),
)


@pytest.fixture
def begun(ask, plan):
    answer = ask("POST", "/api/plans/assess", plan)
    assert (202, "Running") == (answer.status, answer.body["status"])
    assert answer.headers["Location"] == answer.body["place"]
    return answer.body


def ended(begun, client, **result):
    assessments.save_result(begun["id"], AssessmentResult(**result))
    client.states[f"assess-plan.{begun['id']}"] = "Completed"


def test_it_is_begun_once_and_no_migration_is_made(ask, begun, client):
    ((name, request),) = client.started[f"assess-plan.{begun['id']}"]

    assert ("assess_plan", begun["id"]) == (name, request["migration"])
    assert [] == ask("GET", "/api/migrations").body["value"]


def test_while_it_is_made_who_asks_is_told_to_come_again(ask, begun):
    answer = ask("GET", begun["place"])

    assert (202, "2") == (answer.status, answer.headers["Retry-After"])


def test_what_it_came_to_is_given_in_each_form_and_nothing_in_it_runs(ask, begun, client):
    ended(begun, client, assessment=MADE)

    as_json, as_csv, as_html = (ask("GET", f"{begun['place']}?format={form}") for form in ("json", "csv", "html"))

    assert ["machine-not-found"] == [rule["id"] for rule in as_json.body["rules"]]
    assert b"critical,machine-not-found,yes," in as_csv.raw
    assert b"would be stopped" in as_html.raw
    assert b"<script>" not in as_html.raw
    assert "default-src 'none'" in as_html.headers["Content-Security-Policy"]


def test_why_there_is_none_is_told(ask, begun, client):
    ended(begun, client, problem=Refused("the role may not be assumed", id="no-role").facts)

    answer = ask("GET", begun["place"])

    assert answer.status >= 400
    assert "the role may not be assumed" in answer.body["detail"]


def test_one_that_was_lost_is_told_to_be_asked_for_again(ask, begun, client):
    client.states[f"assess-plan.{begun['id']}"] = "Completed"

    answer = ask("GET", begun["place"])

    assert "azferry assess" in answer.body["advice"]


@pytest.mark.parametrize(("path", "status"), [("nobody-1", 404), ("nobody-1?format=toml", 400)])
def test_one_that_nobody_asked_for_or_another_form_is_told(ask, path, status):
    assert status == ask("GET", f"/api/assessments/{path}").status


def test_a_plan_that_is_none_is_refused_with_every_fault_and_nothing_is_begun(ask, client, plan):
    refused = ask("POST", "/api/plans/assess", plan | {"waves": [], "nmae": "x"})

    assert (422, {}) == (refused.status, client.started)


def test_who_may_validate_may_assess_and_strangers_may_not(ask, local, plan):
    with_settings(local, AZFERRY_SIGN_IN="true", AZFERRY_LOCAL="false")

    assert 202 == ask("POST", "/api/plans/assess", plan, headers=principal("ann", "reader")).status
    assert 401 == ask("POST", "/api/plans/assess", plan).status
