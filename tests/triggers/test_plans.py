"""Plans are judged without being started; the plan of a migration is given back as it was frozen."""

import json

import pytest
import yaml

from shared.plan.hashing import plan_hash
from shared.plan.reader import read_plan
from tests.triggers.conftest import principal, with_settings


def test_a_good_plan_is_valid_and_nothing_is_created(ask, client, plan):
    answer = ask("POST", "/api/plans/validate", plan)

    assert (200, True, "finance", 1) == (answer.status, *(answer.body[name] for name in ("valid", "name", "machines")))
    assert [] == ask("GET", "/api/migrations").body["value"]
    assert {} == client.started


def test_a_bad_plan_is_refused_with_every_fault(ask, plan):
    refused = ask("POST", "/api/plans/validate", plan | {"waves": [], "nmae": "x"})

    assert 422 == refused.status
    assert {"/waves", "/nmae"} <= {fault["pointer"] for fault in refused.body["errors"]}


def test_rules_that_need_no_facts_are_judged_already(ask, plan):
    plan["waves"][0]["gates"] = {"test": "skip"}
    concerns = ask("POST", "/api/plans/validate", plan).body["concerns"]

    assert concerns
    assert [] == [each for each in concerns if each["id"] == "fact-unknown"]


def test_faults_of_a_text_have_their_lines(ask, plan):
    refused = ask("POST", "/api/plans/validate", yaml.safe_dump(plan | {"nmae": "x"}, sort_keys=False).encode())

    (fault,) = refused.body["errors"]
    assert ("/nmae", yaml.safe_dump(plan, sort_keys=False).count("\n") + 1, 1) == (
        fault["pointer"],
        fault["line"],
        fault["column"],
    )


@pytest.mark.parametrize(("form", "media"), [("json", "application/json"), ("yaml", "application/yaml")])
def test_the_plan_of_a_migration_is_given_back_and_means_the_same(ask, plan, form, media):
    plan["waves"][0]["machines"].append({"name": "old1", "source": {"instanceId": "i-0bbb2222"}, "strategy": "retire"})
    plan["description"] = "first line\n- second: line #1"
    ask("POST", "/api/migrations", plan)

    answer = ask("GET", f"/api/migrations/finance.1/plan?format={form}")

    assert 200 == answer.status
    assert plan_hash(read_plan(json.dumps(plan).encode(), "")) == plan_hash(read_plan(answer.raw, media))


@pytest.mark.parametrize(("path", "status"), [("finance.9/plan", 404), ("finance.1/plan?format=toml", 400)])
def test_a_plan_that_is_not_there_or_another_format_is_told(ask, path, status):
    assert status == ask("GET", f"/api/migrations/{path}").status


def test_who_may_only_read_does_not_see_what_a_plan_may_hold(ask, local):
    with_settings(local, AZFERRY_SIGN_IN="true", AZFERRY_LOCAL="false")

    assert 403 == ask("GET", "/api/migrations/finance.1/plan", headers=principal("ann", "reader")).status
    assert 404 == ask("GET", "/api/migrations/finance.1/plan", headers=principal("ann", "operator")).status
