"""What a source has is asked for before a plan is: where the inventory will be is told at once, then what it came to."""

import json

import pytest

from shared.ledger import assessments
from shared.ledger.assessments import AssessmentResult
from shared.problems import Refused
from shared.reporting.inventory import InventoriedMachine, Inventory
from tests.triggers.conftest import principal, with_settings

PLACE = {"scenario": "aws-to-azure", "source": {"aws": {"region": "eu-west-1"}}}
RISKY = "=cmd()"
MADE = Inventory(
    id="x",
    scenario="aws-to-azure",
    uncovered=1,
    machines=(
        InventoriedMachine(name="web1", instance_id="i-0aaa1111", source_name=RISKY, tags={"App": "shop"}, cores=2),
    ),
)


@pytest.fixture
def begun(ask):
    answer = ask("POST", "/api/inventory", {"place": PLACE})
    assert (202, answer.body["place"]) == (answer.status, answer.headers["Location"])
    return answer.body


def ended(begun, client, **result):
    assessments.save_result(begun["id"], AssessmentResult(**result))
    client.states[f"assess-plan.{begun['id']}"] = "Completed"


def test_it_is_begun_with_the_plans_that_may_cover_machines_and_no_migration_is_made(ask, client, plan):
    given = [{"name": "finance.yaml", "text": json.dumps(plan)}]

    begun = ask("POST", "/api/inventory", {"place": PLACE, "plans": given}).body

    assert ["assess_plan"] == [name for name, _ in client.started[f"assess-plan.{begun['id']}"]]
    order = assessments.load_order(begun["id"])
    assert (False, ["finance.yaml"]) == (order.inventory.target_known, [each.name for each in order.inventory.plans])
    assert [] == ask("GET", "/api/migrations").body["value"]


def test_a_target_that_is_told_is_kept(ask, plan):
    begun = ask("POST", "/api/inventory", {"place": PLACE | {"target": plan["target"]}}).body

    order = assessments.load_order(begun["id"])
    assert (True, "rg-finance") == (order.inventory.target_known, order.plan.target.resource_group)


def test_what_it_came_to_is_given_as_data_and_as_a_list_that_no_spreadsheet_runs(ask, begun, client):
    assert 202 == ask("GET", begun["place"]).status
    ended(begun, client, inventory=MADE)

    as_json, as_csv = ask("GET", begun["place"]), ask("GET", f"{begun['place']}?format=csv")

    assert "i-0aaa1111" == as_json.body["machines"][0]["instanceId"]
    assert f"web1,aws-to-azure,i-0aaa1111,,'{RISKY}" in as_csv.raw.decode()


def test_why_there_is_none_is_told(ask, begun, client):
    ended(begun, client, problem=Refused("the role may not be assumed", id="no-role").facts)

    assert "the role may not be assumed" in ask("GET", begun["place"]).body["detail"]


def test_an_assessment_is_no_inventory_and_the_other_way_round(ask, begun, client, plan):
    assessment = ask("POST", "/api/plans/assess", plan).body["id"]
    assert 404 == ask("GET", f"/api/inventories/{assessment}").status
    ended(begun, client, inventory=MADE)

    assert 400 <= ask("GET", f"/api/assessments/{begun['id']}").status < 500


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"place": {"scenario": "aws-to-azure"}}, "/source/aws"),
        ({"place": {**PLACE, "scenario": "vmware-to-azure"}}, "/target"),
        ({}, "/place"),
        ({"place": PLACE, "plans": [{"name": "x", "text": "{}"}]}, "/name"),
    ],
)
def test_what_cannot_be_listed_is_refused_before_anything_begins(ask, client, body, where):
    refused = ask("POST", "/api/inventory", body)

    assert (422, {}) == (refused.status, client.started)
    assert where in {each["pointer"] for each in refused.body["errors"]}


def test_readers_look_and_operators_ask(ask, local, begun):
    with_settings(local, AZFERRY_SIGN_IN="true", AZFERRY_LOCAL="false")
    wanted = {"place": PLACE}

    assert 403 == ask("POST", "/api/inventory", wanted, headers=principal("ann", "reader")).status
    assert 202 == ask("POST", "/api/inventory", wanted, headers=principal("ann", "operator")).status
    assert 202 == ask("GET", begun["place"], headers=principal("ann", "reader")).status
    assert 401 == ask("GET", begun["place"]).status


def test_a_plan_that_selects_nothing_asks_no_cloud(ask, plan):
    answer = ask("POST", "/api/plans/select", plan)

    assert (200, [], 0) == (answer.status, answer.body["entries"], answer.body["listed"])
