"""Profiles over HTTP: kept version by version, found by plans at every door, and never moving what runs."""

import json

import pytest
import yaml

from shared.ledger import plans
from shared.ledger.expanded_plans import save_expanded
from shared.plan.schema import EXAMPLE
from tests.triggers.conftest import principal, with_settings
from tests.triggers.test_requests_queue import Message, Out

HERE = "/api/target-profiles/prod-weu"
SETTINGS = {
    "description": "Production",
    "target": {name: value for name, value in EXAMPLE["target"].items() if name != "resourceGroup"},
    "limits": {"cuttingOver": 5},
    "eachWave": {"gates": {"cutover": "auto"}},
}
LATER = SETTINGS | {"limits": {"cuttingOver": 7}}


@pytest.fixture
def kept(ask):
    assert 201 == ask("PUT", f"{HERE}?by=ann&comment=first", SETTINGS).status


@pytest.fixture
def upon(plan):
    """The plan of the other tests, which leaves to its profile what that says."""
    return plan | {"profile": "prod-weu", "target": {"resourceGroup": "rg-finance"}}


def later(ask):
    return ask("PUT", f"{HERE}?by=bob&comment=more", LATER)


def other(plan):
    """Another plan upon the same profile."""
    machine = {"name": "mail1", "source": {"instanceId": "i-0bbb2222"}}
    return plan | {"name": "other", "waves": [{"name": "mail", "machines": [machine]}]}


def frozen(ask):
    return ask("GET", "/api/migrations/finance.1/plan").body


@pytest.mark.usefixtures("kept")
def test_a_profile_is_shown_with_each_change_who_made_it_and_why(ask):
    changed = later(ask)
    shown = ask("GET", HERE)

    assert (201, '"profile-2"', LATER) == (changed.status, shown.headers["ETag"], shown.body["settings"])
    second, first = shown.body["versions"]
    assert (2, "bob", "more", ["limits/cuttingOver: 5 becomes 7"]) == (
        second["version"],
        second["by"],
        second["comment"],
        second["changes"],
    )
    assert ("ann", "first") == (first["by"], first["comment"])
    assert SETTINGS == ask("GET", f"{HERE}?version=1").body["settings"]
    (listed,) = ask("GET", "/api/target-profiles").body["value"]
    assert ("prod-weu", 2, "Production") == (listed["name"], listed["version"], listed["description"])


@pytest.mark.usefixtures("kept")
def test_the_same_settings_are_no_version_and_yaml_means_the_same(ask):
    again = ask("PUT", HERE, yaml.safe_dump(SETTINGS).encode())

    assert (200, 1) == (again.status, again.body["version"])


@pytest.mark.usefixtures("kept")
def test_who_goes_by_an_earlier_version_is_refused(ask):
    later(ask)

    assert 412 == ask("PUT", HERE, SETTINGS, {"if-match": '"profile-1"'}).status
    assert 412 == ask("PUT", HERE, SETTINGS, {"if-none-match": "*"}).status
    assert 400 == ask("PUT", HERE, SETTINGS, {"if-match": "the last"}).status
    assert 201 == ask("PUT", HERE, SETTINGS, {"if-match": '"profile-2"'}).status


@pytest.mark.usefixtures("kept")
def test_a_profile_that_is_not_valid_is_not_kept_and_one_that_is_not_there_is_told_with_those_that_are(ask):
    refused = ask("PUT", HERE, SETTINGS | {"target": {"region": "West Europe"}})
    missing = ask("GET", "/api/target-profiles/prod-wue")

    assert (422, ["/target/region"]) == (refused.status, [each["pointer"] for each in refused.body["errors"]])
    assert (404, True) == (missing.status, "there are prod-weu" in missing.body["detail"])
    assert 400 == ask("PUT", "/api/target-profiles/Prod%20WEU", SETTINGS).status
    assert 1 == ask("GET", HERE).body["version"]


@pytest.mark.usefixtures("kept")
def test_a_plan_is_judged_and_started_upon_its_profile_and_its_frozen_plan_says_so(ask, upon):
    judged = ask("POST", "/api/plans/validate", upon).body
    assert (True, "prod-weu", 1) == (judged["valid"], judged["profile"], judged["profileVersion"])

    assert 202 == ask("POST", "/api/migrations?by=ada", upon).status
    plan = frozen(ask)
    assert ("westeurope", "rg-finance", 5, "auto") == (
        plan["target"]["region"],
        plan["target"]["resourceGroup"],
        plan["limits"]["cuttingOver"],
        plan["waves"][0]["gates"]["cutover"],
    )
    assert ("prod-weu", 1) == (plan["profile"]["name"], plan["profile"]["version"])
    assert "/waves/0/gates/cutover" in plan["profile"]["gave"]
    begun = ask("GET", "/api/migrations/finance.1/events").body["value"][0]
    assert "with profile prod-weu in version 1" in begun["text"]


@pytest.mark.usefixtures("kept")
def test_a_later_version_moves_nothing_that_runs_and_the_plan_sent_again_is_the_same_migration(ask, upon):
    ask("POST", "/api/migrations", upon)
    before = frozen(ask)
    later(ask)

    again = ask("POST", "/api/migrations", upon)
    assert (200, "finance.1") == (again.status, again.body["id"])
    assert 200 == ask("POST", "/api/migrations", before).status  # the frozen plan is that plan, too
    assert before == frozen(ask)

    assert 202 == ask("POST", "/api/migrations", other(upon)).status
    assert 7 == ask("GET", "/api/migrations/other.1/plan").body["limits"]["cuttingOver"]


@pytest.mark.usefixtures("kept")
def test_a_change_goes_by_the_version_that_runs_unless_it_names_another(ask, upon):
    ask("POST", "/api/migrations", upon)
    save_expanded("finance.1", plans.plan_of("finance.1"))
    later(ask)

    unchanged = ask("PATCH", "/api/migrations/finance.1?dryRun=true", upon).body
    newer = upon | {"profile": {"name": "prod-weu", "version": 2}}
    moved = ask("PATCH", "/api/migrations/finance.1", newer, {"if-match": '"plan-1"'}).body

    assert [] == unchanged["changes"]
    assert {"profile/version": (1, 2), "limits/cuttingOver": (5, 7)} == {
        each["path"]: (each["before"], each["after"]) for each in moved["changes"]
    }
    assert (2, 7) == (frozen(ask)["profile"]["version"], frozen(ask)["limits"]["cuttingOver"])


@pytest.mark.usefixtures("kept")
def test_what_a_change_may_not_do_names_the_profile_that_says_it(ask, upon):
    ask("POST", "/api/migrations", upon)
    target = SETTINGS["target"] | {"region": "northeurope"}
    ask("PUT", HERE, SETTINGS | {"target": target})

    refused = ask(
        "PATCH", "/api/migrations/finance.1?dryRun=true", upon | {"profile": {"name": "prod-weu", "version": 2}}
    )

    (fault,) = refused.body["errors"]
    assert ("/target/region", "prod-weu", "/target/region") == (fault["pointer"], fault["profile"], fault["origin"])


def test_a_plan_that_names_no_profile_that_is_there_is_refused_with_those_that_are(ask, upon):
    empty = ask("POST", "/api/migrations", upon)
    ask("PUT", "/api/target-profiles/dev", SETTINGS)
    refused = ask("POST", "/api/migrations", upon)

    assert (422, 422) == (empty.status, refused.status)
    (fault,) = refused.body["errors"]
    assert ("/profile", "there is no profile 'prod-weu'; there are dev") == (fault["pointer"], fault["message"])


@pytest.mark.usefixtures("kept")
def test_a_dropped_profile_is_named_by_no_further_plan_and_its_versions_stay(ask, upon):
    ask("POST", "/api/migrations", upon)
    assert 200 == ask("DELETE", f"{HERE}?by=bob&comment=old").status

    assert 422 == ask("POST", "/api/plans/validate", upon).status
    assert 200 == ask("POST", "/api/migrations", upon).status  # it runs already
    assert 404 == ask("GET", HERE).status
    history = ask("GET", f"{HERE}?version=1").body["versions"]
    assert (True, "bob", "old") == (history[0]["dropped"], history[0]["by"], history[0]["comment"])
    assert 404 == ask("DELETE", "/api/target-profiles/never").status


@pytest.mark.usefixtures("kept")
def test_four_eyes_of_a_profile_that_cannot_hold_name_the_profile(ask, upon, local):
    ask("PUT", HERE, SETTINGS | {"eachWave": {"gates": {"fourEyes": True}}})
    with_settings(local, AZFERRY_LOCAL="false")

    refused = ask("POST", "/api/plans/validate", upon)

    (fault,) = refused.body["errors"]
    assert ("/waves/0/gates/fourEyes", "/eachWave/gates/fourEyes") == (fault["pointer"], fault["origin"])


@pytest.mark.usefixtures("kept")
def test_who_may_not_approve_sets_no_profile(ask, local):
    with_settings(local, AZFERRY_LOCAL="false", AZFERRY_SIGN_IN="true")

    assert 403 == ask("PUT", HERE, LATER, principal("ann", "operator")).status
    assert 403 == ask("DELETE", HERE, b"", principal("ann", "reader")).status
    assert 201 == ask("PUT", HERE, LATER, principal("ann", "approver")).status
    assert 200 == ask("GET", HERE, b"", principal("ann", "reader")).status


@pytest.mark.usefixtures("kept")
def test_a_list_goes_into_a_plan_upon_a_profile_and_repeats_nothing_of_it(ask, upon):
    files = [{"name": "list.csv", "text": "name,wave,instanceId,region\nshop-web2,shop,i-0aaa2222,\n"}]
    text = json.dumps(upon, indent=1)

    result = ask("POST", "/api/plans/import", {"files": files, "plan": text}).body

    assert (True, ["shop-web2"]) == (result["valid"], [each["machine"] for each in result["changes"]])
    assert upon["target"] == json.loads(result["plan"])["target"]


@pytest.mark.usefixtures("kept")
def test_an_inventory_knows_its_target_from_the_profile(ask, upon, client):
    place = {"source": upon["source"], "profile": "prod-weu", "target": upon["target"]}

    assert (
        202
        == ask("POST", "/api/inventory", {"place": place, "plans": [{"name": "p", "text": json.dumps(upon)}]}).status
    )
    assert client.started


@pytest.mark.usefixtures("kept")
def test_a_message_of_the_queue_finds_its_profile(ask, call, upon):
    out = Out()
    call("take_message", Message(json.dumps(upon).encode()), refused=out)

    assert (None, "westeurope") == (out.message, frozen(ask)["target"]["region"])
