"""Which rights are missing at which scope, and which are too many."""

import pytest

from shared.azure.rights import wanted
from shared.doctor import rights
from shared.plan.model import Plan
from tests.activities.migration_harness import plan_of
from tests.clouds import SUBSCRIPTION, group_id
from tests.role_files import role

NOTHING = {"scope": "", "permissions": []}
PLAN = Plan.model_validate(plan_of("web1"))
EVERY = [action for name in ("vault", "target", "network", "cache", "subscription") for action in role(name)["actions"]]


def ids(found):
    return [each.id for each in found]


def grant(cloud, scope, *actions):
    return cloud.ask("POST", "permissions", [{"scope": scope, "permissions": [{"actions": list(actions)}]}])


@pytest.fixture
def narrow(cloud):
    """A cloud where the identity has exactly the roles of infra/roles, at the subscription."""
    cloud.ask("POST", "permissions", [NOTHING])
    grant(cloud, f"/subscriptions/{SUBSCRIPTION}", *EVERY)
    return cloud


def test_exactly_the_roles_of_the_template_are_well_for_a_plan(narrow):
    found = list(rights.look(rights.of_plan(PLAN)))

    assert set(ids(found)) == {"rights"}
    assert any(f"{group_id('rg-target')} (" in each.seen for each in found)
    assert any("Microsoft.Compute/virtualMachines/deallocate/action" in each.seen for each in found)


def test_a_right_of_a_plan_that_is_missing_is_told_with_its_scope_and_what_grants_it(narrow, given):
    action = "Microsoft.Compute/virtualMachines/deallocate/action"
    given(target_groups=group_id("rg-other"))
    grant(narrow, group_id("rg-target"), *(each for each in EVERY if each != action))

    (found,) = [each for each in rights.look(rights.of_plan(PLAN)) if each.id == "rights-missing"]

    assert f"{group_id('rg-target')} (target): {action}" == found.seen
    remedy = f'azd env set AZFERRY_TARGET_GROUPS "{group_id("rg-other")},{group_id("rg-target")}" && azd provision'
    assert remedy == found.remedy


def test_the_places_of_the_settings_are_compared_with_all_that_their_roles_grant(narrow, given):
    given(
        target_groups=group_id("rg-target"),
        cache_groups=f" {group_id('rg-ferry').upper()} ",
        WEBSITE_OWNER_NAME=f"{SUBSCRIPTION}+x",
    )
    assert set(ids(rights.look(rights.of_settings()))) == {"rights"}
    grant(narrow, group_id("rg-ferry"), "Microsoft.Storage/storageAccounts/read")

    (found,) = [each for each in rights.look(rights.of_settings()) if each.id == "rights-missing"]

    assert "(cache): Microsoft.Storage/storageAccounts/listkeys/action" in found.seen
    assert found.remedy.startswith("azd env set AZFERRY_CACHE_GROUPS ")


def test_who_may_make_groups_is_compared_at_the_subscription(narrow, given):
    given(target_groups=group_id("rg-target"), may_create_groups="true", WEBSITE_OWNER_NAME=f"{SUBSCRIPTION}+x")

    found = [each for each in rights.look(rights.of_settings()) if each.id == "rights-missing"]

    assert ['azd env set AZFERRY_MAY_CREATE_GROUPS "true" && azd provision'] == [each.remedy for each in found]


def test_a_group_that_is_not_there_is_told(narrow, given):
    given(network_groups=group_id("rg-gone"))
    assert "group-missing" in ids(rights.look(rights.of_settings()))


def test_a_group_that_a_plan_has_made_is_asked_for_at_its_subscription(narrow):
    document = plan_of("web1")
    document["target"] |= {
        "resourceGroup": "rg-new",
        "vault": {"name": "rsv", "resourceGroup": "rg-new", "create": True},
    }

    found = list(rights.look(rights.of_plan(Plan.model_validate(document))))

    assert "group-missing" not in ids(found)
    assert any("rg-new" in each.seen and each.id == "rights" for each in found) or "rights-missing" in ids(found)


def test_an_owner_is_told_to_be_too_much(cloud):
    found = [each for each in rights.look(rights.of_plan(PLAN)) if each.id == "rights-too-many"]

    assert found
    assert "Microsoft.Authorization/roleAssignments/write" in found[0].seen


def test_a_cloud_that_does_not_tell_is_told(cloud, given):
    given(target_groups=group_id("rg-target"))
    cloud.fault("server-error", status=503, times=None)
    assert "rights-not-read" in ids(rights.look(rights.of_settings()))


def test_settings_without_a_place_say_that_nobody_compared(given):
    given()
    assert ids(rights.look(rights.of_settings())) == ["rights-nowhere"]


def test_what_only_a_person_wishes_is_not_asked_for(narrow, given):
    given(vault_groups=group_id("rg-ferry"))
    (vault,) = [each for each in rights.of_settings() if each.where == "vault"]
    assert "Microsoft.RecoveryServices/vaults/certificates/write" not in vault.actions
    assert set(wanted("vault", {"appliance"})) <= set(vault.actions)
