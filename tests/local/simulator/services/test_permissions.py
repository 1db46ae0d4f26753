"""What the caller may do, as the Authorization API tells it: by subscription, group and resource, in pages."""

from typing import Any

import pytest

ROOT = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP = f"{ROOT}/resourceGroups/rg-a"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/app"
READER = {"actions": ["*/read"]}
VAULTS = {"actions": ["Microsoft.RecoveryServices/*"], "notActions": ["Microsoft.RecoveryServices/vaults/delete"]}


@pytest.fixture
def permissions_of(frozen: Any) -> Any:
    frozen.control("POST", "resources", {"id": GROUP, "location": "westeurope", "properties": {}})

    def read(scope: Any) -> Any:
        found, path = [], f"{scope}/providers/Microsoft.Authorization/permissions"
        while path:
            page = frozen.arm("GET", path).json()
            found += page["value"]
            path = page.get("nextLink", "").removeprefix(frozen.running.url).replace("api-version=2023-06-06&", "")
        return found

    return read


@pytest.mark.parametrize("scope", [ROOT, GROUP, VM, SUBNET])
def test_the_caller_may_do_everything_unless_the_world_says_otherwise(permissions_of: Any, scope: str) -> None:
    assert [each["actions"] for each in permissions_of(scope)] == [["*"]]


def test_what_is_granted_on_a_scope_holds_below_it_until_a_nearer_one_is_told(permissions_of: Any, frozen: Any) -> None:
    frozen.control("POST", "permissions", [{"scope": ROOT, "permissions": [READER]}, {"scope": VM, "permissions": []}])
    assert [each["actions"] for each in permissions_of(GROUP)] == [["*/read"]]
    assert [each["actions"] for each in permissions_of(SUBNET)] == [["*/read"]]
    assert permissions_of(VM.upper()) == []
    frozen.control("DELETE", "permissions")
    assert [each["actions"] for each in permissions_of(VM)] == [["*"]]


def test_several_roles_come_in_pages(permissions_of: Any, frozen: Any) -> None:
    frozen.control("PATCH", "settings", {"page_size": 1})
    frozen.control("POST", "permissions", {"scope": GROUP, "permissions": [READER, VAULTS]})
    found = permissions_of(GROUP)
    assert [each["actions"][0] for each in found] == ["*/read", "Microsoft.RecoveryServices/*"]
    assert found[1]["notActions"] == ["Microsoft.RecoveryServices/vaults/delete"]


def test_a_group_that_is_not_there_has_no_permissions(permissions_of: Any, frozen: Any) -> None:
    path = f"{ROOT}/resourceGroups/none/providers/Microsoft.Authorization/permissions"
    assert frozen.arm("GET", path).status_code == 404
    assert permissions_of(GROUP)


def test_what_is_not_granted_is_refused_as_azure_refuses_it(frozen: Any) -> None:
    frozen.control("POST", "resources", {"id": GROUP, "location": "westeurope", "properties": {}})
    frozen.control("POST", "permissions", {"scope": ROOT, "permissions": [READER]})
    assert frozen.arm("GET", GROUP).status_code == 200
    refused = frozen.arm("PUT", f"{ROOT}/resourceGroups/rg-b", {"location": "westeurope"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "AuthorizationFailed")
    assert "'Microsoft.Resources/subscriptions/resourceGroups/write'" in refused.json()["error"]["message"]
    frozen.control("POST", "permissions", {"scope": f"{ROOT}/resourceGroups/rg-b", "permissions": [{"actions": ["*"]}]})
    assert frozen.arm("PUT", f"{ROOT}/resourceGroups/rg-b", {"location": "westeurope"}).status_code == 201
