"""A running plan is changed over HTTP: first told, then sent with the version that was read."""

import copy

import pytest

from shared.ledger import plans
from shared.ledger.expanded_plans import save_expanded
from tests.triggers.conftest import principal, with_settings

WINDOW = {"start": "+PT2H", "length": "PT4H"}
HERE = "/api/migrations/finance.1"


@pytest.fixture
def running(ask, plan):
    assert ask("POST", "/api/migrations?by=ada", plan).status == 202
    save_expanded("finance.1", plans.plan_of("finance.1"))
    return plan


def with_window(plan, **more):
    changed = copy.deepcopy(plan)
    changed["waves"][0]["cutover"] = {"windows": [WINDOW | more]}
    return changed


def test_a_dry_run_tells_what_differs_and_its_etag_lets_the_change_through(ask, running):
    judged = ask("PATCH", f"{HERE}?dryRun=true&by=ann", with_window(running))
    assert (judged.status, judged.body["applied"], judged.headers["ETag"]) == (200, False, '"plan-1"')

    sent = {"if-match": judged.headers["ETag"]}
    changed = ask("PATCH", f"{HERE}?by=ann&comment=freeze", with_window(running), sent)

    assert (changed.status, changed.body["version"], changed.headers["ETag"]) == (200, 2, '"plan-2"')
    assert changed.body["changes"][0]["after"] == [WINDOW]
    assert ask("GET", f"{HERE}/plan").body["waves"][0]["cutover"]["windows"] == [WINDOW]
    (event,) = [each for each in ask("GET", f"{HERE}/events").body["value"] if each["what"].startswith("plan-changed")]
    assert (event["by"], event["data"]["after"]) == ("ann", [WINDOW])
    assert "(freeze)" in event["text"]

    late = ask("PATCH", HERE, with_window(running, capacity=3), sent)
    assert (late.status, late.body["type"].rpartition("/")[2]) == (412, "plan-moved")


def test_a_change_without_the_version_that_was_read_is_not_taken(ask, running):
    refused = ask("PATCH", HERE, with_window(running))

    assert (refused.status, "If-Match" in refused.body["detail"]) == (400, True)


def test_what_belongs_to_another_plan_is_refused_with_its_place(ask, running):
    changed = with_window(running) | {"description": "another"}
    refused = ask("PATCH", f"{HERE}?dryRun=true", changed)

    assert (refused.status, [each["pointer"] for each in refused.body["errors"]]) == (422, ["/description"])


def test_an_operator_moves_no_cutover(ask, running, local):
    with_settings(local, AZFERRY_LOCAL="false", AZFERRY_SIGN_IN="true")
    refused = ask("PATCH", f"{HERE}?dryRun=true", with_window(running), principal("oscar@x", "operator"))

    assert refused.status == 403
