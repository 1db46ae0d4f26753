"""Recovery Services vaults as azure-mgmt-recoveryservices sees them."""

from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.recoveryservices import RecoveryServicesClient
from azure.mgmt.resource.resources import ResourceManagementClient

VAULT = {
    "location": "westeurope",
    "sku": {"name": "RS0", "tier": "Standard"},
    "identity": {"type": "SystemAssigned"},
    "properties": {"publicNetworkAccess": "Enabled"},
}


@pytest.fixture
def client(azure: Any) -> Any:
    azure.client(ResourceManagementClient).resource_groups.create_or_update("rg", {"location": "westeurope"})
    return azure.client(RecoveryServicesClient)


def test_a_vault_is_made_by_a_long_operation(client: Any) -> None:
    vault = client.vaults.begin_create_or_update("rg", "rsv", VAULT).result()
    assert vault.properties.provisioning_state == "Succeeded"
    assert vault.identity.principal_id
    assert vault.id.startswith("/subscriptions/")
    assert [each.name for each in client.vaults.list_by_resource_group("rg")] == ["rsv"]
    assert [each.name for each in client.vaults.list_by_subscription_id()] == ["rsv"]


def test_a_vault_needs_its_group(client: Any) -> None:
    with pytest.raises(ResourceNotFoundError) as raised:
        client.vaults.begin_create_or_update("nowhere", "rsv", VAULT)
    assert raised.value.error.code == "ResourceGroupNotFound"


def test_a_vault_is_deleted(client: Any) -> None:
    client.vaults.begin_create_or_update("rg", "rsv", VAULT).result()
    client.vaults.begin_delete("rg", "rsv").result()
    with pytest.raises(ResourceNotFoundError):
        client.vaults.get("rg", "rsv")


def test_a_vault_with_a_fabric_is_not_deleted(azure: Any, client: Any) -> None:
    vault = client.vaults.begin_create_or_update("rg", "rsv", VAULT).result()
    azure.control("POST", "resources", {"id": f"{vault.id}/replicationFabrics/f", "properties": {}})
    with pytest.raises(HttpResponseError) as raised:
        client.vaults.begin_delete("rg", "rsv")
    assert raised.value.status_code == 409


def test_a_registration_key_is_valid_for_five_days(client: Any) -> None:
    client.vaults.begin_create_or_update("rg", "rsv", VAULT).result()
    body = {"properties": {"authType": "AAD", "certificate": "bm90IGEgY2VydGlmaWNhdGU="}}
    key = client.vault_certificates.create("rg", "rsv", "CN", body).properties
    assert key.valid_to - key.valid_from == timedelta(days=5)
    assert key.service_principal_client_id


def test_extended_information_carries_the_integrity_key(client: Any) -> None:
    client.vaults.begin_create_or_update("rg", "rsv", VAULT).result()
    first = client.vault_extended_info.get("rg", "rsv").properties.integrity_key
    assert first
    assert client.vault_extended_info.get("rg", "rsv").properties.integrity_key == first


def test_usages_count_protected_items(client: Any) -> None:
    client.vaults.begin_create_or_update("rg", "rsv", VAULT).result()
    assert [usage.current_value for usage in client.usages.list_by_vaults("rg", "rsv")] == [0]
