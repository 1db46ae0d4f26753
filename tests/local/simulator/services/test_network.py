"""Networks as azure-mgmt-network sees them."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

NETWORK = {
    "location": "westeurope",
    "properties": {
        "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
        "subnets": [{"name": "app", "properties": {"addressPrefix": "10.1.0.0/24"}}],
    },
}


@pytest.fixture
def client(azure: Any) -> Any:
    azure.client(ResourceManagementClient).resource_groups.create_or_update("rg", {"location": "westeurope"})
    return azure.client(NetworkManagementClient)


@pytest.fixture
def network(client: Any) -> Any:
    return client.virtual_networks.begin_create_or_update("rg", "vnet", NETWORK).result()


def nic(client: Any, network: Any, name: Any, address: Any) -> Any:
    subnet = network.subnets[0].id
    at = {"subnet": {"id": subnet}, "privateIPAddress": address, "privateIPAllocationMethod": "Static"}
    body = {"location": "westeurope", "properties": {"ipConfigurations": [{"name": "one", "properties": at}]}}
    return client.network_interfaces.begin_create_or_update("rg", name, body).result()


def test_a_network_shows_its_subnets(client: Any, network: Any) -> None:
    assert [subnet.name for subnet in network.subnets] == ["app"]
    assert client.subnets.get("rg", "VNET", "App").address_prefix == "10.1.0.0/24"
    db = {"properties": {"addressPrefix": "10.1.1.0/24"}}
    client.subnets.begin_create_or_update("rg", "vnet", "db", db).result()
    assert [subnet.name for subnet in client.virtual_networks.get("rg", "vnet").subnets] == ["app", "db"]


def test_a_subnet_lies_within_its_network(client: Any, network: Any) -> None:
    with pytest.raises(HttpResponseError) as raised:
        client.subnets.begin_create_or_update(
            "rg", network.name, "db", {"properties": {"addressPrefix": "10.9.0.0/24"}}
        )
    assert raised.value.error.code == "NetcfgSubnetRangeOutsideVnet"


def test_an_address_in_use_is_not_available(client: Any, network: Any) -> None:
    check = client.virtual_networks.check_ip_address_availability
    assert check("rg", "vnet", ip_address="10.1.0.9").available
    nic(client, network, "nic", "10.1.0.9")
    taken = check("rg", "vnet", ip_address="10.1.0.9")
    assert not taken.available
    assert taken.available_ip_addresses[0] == "10.1.0.4"
    assert not check("rg", "vnet", ip_address="10.1.0.3").available


def test_a_nic_is_found_and_deleted(client: Any, network: Any) -> None:
    made = nic(client, network, "nic", "10.1.0.9")
    assert [each.id for each in client.network_interfaces.list("rg")] == [made.id]
    with pytest.raises(HttpResponseError):
        client.subnets.begin_delete("rg", "vnet", "app").result()
    client.network_interfaces.begin_delete("rg", "nic").result()
    with pytest.raises(ResourceNotFoundError):
        client.network_interfaces.get("rg", "nic")


def test_usages_count_what_a_region_holds(client: Any, network: Any) -> None:
    nic(client, network, "nic", "10.1.0.9")
    used = {usage.name.value: usage.current_value for usage in client.usages.list("westeurope")}
    assert (used["VirtualNetworks"], used["NetworkInterfaces"]) == (1, 1)


def test_a_public_address_is_kept(client: Any) -> None:
    client.public_ip_addresses.begin_create_or_update("rg", "ip", {"location": "westeurope", "properties": {}}).result()
    assert client.public_ip_addresses.get("rg", "ip").provisioning_state == "Succeeded"


def test_a_nic_is_put_behind_a_security_group_and_keeps_its_address(client: Any, network: Any) -> None:
    made = nic(client, network, "nic", "10.1.0.9")
    group = client.network_security_groups.begin_create_or_update("rg", "fence", {"location": "westeurope"}).result()
    made.network_security_group = {"id": group.id}
    changed = client.network_interfaces.begin_create_or_update("rg", "nic", made).result()
    assert changed.network_security_group.id == group.id
    assert changed.ip_configurations[0].private_ip_address == "10.1.0.9"
