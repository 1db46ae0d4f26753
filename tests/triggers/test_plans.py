"""Plans are judged without being started."""


def test_a_good_plan_is_valid_and_nothing_is_created(ask, client, plan):
    told = ask("POST", "/api/plans/validate", plan)

    assert (200, True, "finance", 1) == (told.status, *(told.body[name] for name in ("valid", "name", "machines")))
    assert [] == ask("GET", "/api/migrations").body["value"]
    assert {} == client.started


def test_a_bad_plan_is_refused_with_every_fault(ask, plan):
    refused = ask("POST", "/api/plans/validate", plan | {"waves": [], "nmae": "x"})

    assert 422 == refused.status
    assert {"/waves", "/nmae"} <= {fault["pointer"] for fault in refused.body["errors"]}


def test_rules_that_need_no_facts_are_judged_already(ask, plan):
    plan["waves"][0]["gates"] = {"test": "skip"}
    concerns = ask("POST", "/api/plans/validate", plan).body["concerns"]

    assert all(each["id"] != "fact-unknown" for each in concerns)
