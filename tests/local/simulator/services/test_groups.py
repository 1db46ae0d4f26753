"""Resource groups as azure-mgmt-resource sees them."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.resource.resources import ResourceManagementClient


@pytest.fixture
def client(azure: Any) -> Any:
    return azure.client(ResourceManagementClient)


def test_a_group_is_made_read_listed_and_deleted(client: Any) -> None:
    assert not client.resource_groups.check_existence("rg-a")
    made = client.resource_groups.create_or_update("rg-a", {"location": "West Europe", "tags": {"by": "azferry"}})
    assert (made.location, made.properties.provisioning_state) == ("westeurope", "Succeeded")
    assert client.resource_groups.check_existence("RG-A")
    assert client.resource_groups.get("RG-A").tags == {"by": "azferry"}
    assert [each.name for each in client.resource_groups.list()] == ["rg-a"]
    client.resource_groups.begin_delete("rg-a").result()
    with pytest.raises(ResourceNotFoundError) as raised:
        client.resource_groups.get("rg-a")
    assert raised.value.error.code == "ResourceGroupNotFound"


def test_a_group_keeps_its_location(client: Any) -> None:
    client.resource_groups.create_or_update("rg-a", {"location": "westeurope"})
    with pytest.raises(HttpResponseError) as raised:
        client.resource_groups.create_or_update("rg-a", {"location": "eastus"})
    assert raised.value.error.code == "InvalidResourceGroupLocation"


def test_tags_of_a_group_change_alone(client: Any) -> None:
    client.resource_groups.create_or_update("rg-a", {"location": "westeurope"})
    assert client.resource_groups.update("rg-a", {"tags": {"a": "b"}}).tags == {"a": "b"}


def test_a_provider_says_whether_it_is_registered(client: Any) -> None:
    assert client.providers.get("microsoft.recoveryservices").registration_state == "Registered"
    assert client.providers.register("Microsoft.Compute").namespace == "Microsoft.Compute"
    with pytest.raises(ResourceNotFoundError):
        client.providers.get("Microsoft.Nothing")


def test_many_groups_come_in_pages(azure: Any, client: Any) -> None:
    azure.control("PATCH", "settings", {"page_size": 2})
    for number in range(5):
        client.resource_groups.create_or_update(f"rg-{number}", {"location": "westeurope"})
    pages = list(client.resource_groups.list().by_page())
    assert [len(list(page)) for page in pages] != [5]
    assert len(list(client.resource_groups.list())) == 5


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("", "subscriptionId"),
        ("/locations", "value"),
        ("/providers/Microsoft.Authorization/permissions", "value"),
        ("/resourceGroups/rg-a/providers/Microsoft.Authorization/permissions", "value"),
        ("/resourceGroups/rg-a/resources", "value"),
    ],
)
def test_what_lies_around_a_group_can_be_read(azure: Any, client: Any, path: str, key: str) -> None:
    client.resource_groups.create_or_update("rg-a", {"location": "westeurope"})
    found = azure.arm("GET", f"/subscriptions/00000000-0000-0000-0000-000000000001{path}")
    assert found.status_code == 200
    assert key in found.json()
