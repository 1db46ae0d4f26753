"""Who is let in: each operation only for its roles, nobody unnamed where people sign in."""

import base64

import pytest

from shared.decisions.people import Role, may
from tests.triggers.conftest import principal, with_settings
from triggers.operations import OPERATIONS
from triggers.principal import PRINCIPAL

GUARDED = [each for each in OPERATIONS if not each.anonymous]


def sent(ask, operation, headers):
    path = (
        operation.path.replace("{migration}", "nowhere.1")
        .replace("{machine}", "m")
        .replace("{wave}", "w")
        .replace("{application}", "a")
    )
    return ask(operation.method.upper(), path, {}, headers)


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.name)
def test_an_operation_is_for_its_roles_and_for_nobody_else(ask, local, operation):
    with_settings(local, AZFERRY_SIGN_IN="true", AZFERRY_LOCAL="false")
    for role in Role:
        answer = sent(ask, operation, principal("ada@x", role.value.removeprefix("azferry.")))
        assert (answer.status == 403) == (not may([role], *operation.roles)), role
        if answer.status == 403:
            assert "azferry.owner" in answer.body["may"]
    assert sent(ask, operation, principal("ada@x", "stranger")).status == 403


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.name)
def test_where_people_sign_in_nobody_unnamed_is_let_in(ask, local, operation):
    with_settings(local, AZFERRY_SIGN_IN="true")
    for header in (
        "",
        "nonsense",
        base64.b64encode(b'{"claims": [{"typ": "roles", "val": "azferry.owner"}]}').decode(),
    ):
        answer = sent(ask, operation, {PRINCIPAL: header})
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (401, "not-signed-in")


def test_keys_backups_that_are_put_back_and_the_end_of_sources_are_the_owners():
    assert [each.name for each in GUARDED if not each.roles] == ["registration-key", "restore"]


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.name)
def test_nobody_is_believed_where_the_platforms_own_check_was_turned_off(ask, local, operation):
    with_settings(local, AZFERRY_SIGN_IN="true", WEBSITE_SITE_NAME="func-ferry", WEBSITE_AUTH_ENABLED="False")
    answer = sent(ask, operation, principal("mallory@x", "owner"))

    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (401, "not-signed-in")
    assert "turned off" in answer.body["detail"]
