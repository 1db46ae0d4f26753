"""Storage accounts as azure-mgmt-storage sees them."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

ACCOUNT = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


@pytest.fixture
def client(azure: Any) -> Any:
    azure.client(ResourceManagementClient).resource_groups.create_or_update("rg", {"location": "westeurope"})
    return azure.client(StorageManagementClient)


def test_an_account_is_made_by_a_long_operation(client: Any) -> None:
    account = client.storage_accounts.begin_create("rg", "stferrycache", ACCOUNT).result()
    assert account.primary_endpoints.blob == "https://stferrycache.blob.core.windows.net/"
    assert account.provisioning_state == "Succeeded"
    assert [each.name for each in client.storage_accounts.list_by_resource_group("rg")] == ["stferrycache"]
    assert client.storage_accounts.get_properties("rg", "STFERRYCACHE").sku.name == "Standard_LRS"


def test_a_name_is_taken_only_once(client: Any) -> None:
    check = client.storage_accounts.check_name_availability
    assert check({"name": "stferrycache", "type": "Microsoft.Storage/storageAccounts"}).name_available
    client.storage_accounts.begin_create("rg", "stferrycache", ACCOUNT).result()
    assert check({"name": "stferrycache", "type": "Microsoft.Storage/storageAccounts"}).reason == "AlreadyExists"
    with pytest.raises(HttpResponseError) as raised:
        client.storage_accounts.begin_create("rg", "No-Good", ACCOUNT)
    assert raised.value.status_code == 400


def test_its_firewall_and_its_keys_can_be_changed_and_its_namespace_cannot(client: Any) -> None:
    rules = {"defaultAction": "Deny", "bypass": "None"}
    shut = {"isHnsEnabled": True, "allowSharedKeyAccess": False, "networkAcls": rules}
    client.storage_accounts.begin_create("rg", "stferrycache", {**ACCOUNT, "properties": shut}).result()
    opened = {"isHnsEnabled": False, "allowSharedKeyAccess": True, "networkAcls": rules | {"bypass": "AzureServices"}}
    client.storage_accounts.begin_create("rg", "stferrycache", {**ACCOUNT, "properties": opened}).result()
    account = client.storage_accounts.get_properties("rg", "stferrycache")
    assert (account.is_hns_enabled, account.allow_shared_key_access) == (True, True)
    assert (account.network_rule_set.default_action, account.network_rule_set.bypass) == ("Deny", "AzureServices")


def test_keys_are_listed_and_stay_the_same(client: Any) -> None:
    client.storage_accounts.begin_create("rg", "stferrycache", ACCOUNT).result()
    first, again = (client.storage_accounts.list_keys("rg", "stferrycache").keys_property for _ in range(2))
    assert [key.value for key in first] == [key.value for key in again]


def test_a_missing_account_is_not_found(client: Any) -> None:
    with pytest.raises(ResourceNotFoundError):
        client.storage_accounts.get_properties("rg", "stferrycache")
