"""Who may have the app look at itself, and what it answers."""

import pytest

from shared.azure import clients
from tests.triggers.conftest import principal, with_settings

AREAS = {"versions", "zones", "clock", "storage", "sign-in", "rights", "aws", "channels"}


@pytest.fixture
def alone(local):
    """An app whose clouds are out of reach."""
    clients.forget()
    with_settings(local, AZFERRY_ARM_ENDPOINT="http://127.0.0.1:9", AZFERRY_ARM_TOKEN="simulated")
    yield local
    clients.forget()


def test_an_app_whose_clouds_are_away_is_looked_at_all_the_same(alone, ask):
    answer = ask("GET", "/api/doctor")

    assert 200 == answer.status
    assert AREAS == {each["area"] for each in answer.body["findings"]}
    assert {"storage", "clock-not-compared"} <= {each["id"] for each in answer.body["findings"]}


def test_a_plan_is_looked_at_with_its_own_places(alone, ask, plan):
    answer = ask("POST", "/api/doctor", plan)

    assert 200 == answer.status
    assert any(each["id"] == "rights-not-read" for each in answer.body["findings"])
    assert not any(each["id"] == "rights-nowhere" for each in answer.body["findings"])


def test_what_is_no_plan_is_refused_as_everywhere(alone, ask):
    answer = ask("POST", "/api/doctor", {"name": "x"})

    assert (422, True) == (answer.status, bool(answer.body["errors"]))


@pytest.mark.parametrize(("role", "status"), [("operator", 200), ("owner", 200), ("reader", 403), ("approver", 403)])
def test_only_operators_and_owners_may_look(alone, ask, role, status):
    assert status == ask("GET", "/api/doctor", headers=principal("ada@x", role)).status
