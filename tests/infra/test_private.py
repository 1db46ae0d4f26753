"""A private deployment is reached from its network only, and the app finds all that it needs there."""

import ipaddress
import json

import pytest

from tests.infra import kept
from tests.infra.compiler import refusal

NETWORK = kept.only("private", "Network/virtualNetworks")
SUBNETS = {each["name"]: each["properties"] for each in NETWORK["properties"]["subnets"]}
ENDPOINTS = kept.of_type("private", "Network/privateEndpoints")
ZONES = {
    "blob": "[format('privatelink.{0}.{1}', 'blob', environment().suffixes.storage)]",
    "queue": "[format('privatelink.{0}.{1}', 'queue', environment().suffixes.storage)]",
    "table": "[format('privatelink.{0}.{1}', 'table', environment().suffixes.storage)]",
    "sites": "privatelink.azurewebsites.net",
}


def rules(name):
    """The rules of a security group, the first that counts first."""
    (found,) = (
        each for each in kept.of_type("private", "Network/networkSecurityGroups") if each["name"].endswith(name)
    )
    return sorted(
        (each["properties"] for each in found["properties"]["securityRules"]), key=lambda each: each["priority"]
    )


def service(endpoint):
    """What an endpoint leads to, and of which resource."""
    (connection,) = endpoint["properties"]["privateLinkServiceConnections"]
    (group,) = connection["properties"]["groupIds"]
    return group, connection["properties"]["privateLinkServiceId"].split("/")[-2]


def test_neither_storage_nor_app_is_reached_from_outside():
    account, site = (kept.only("private", kind)["properties"] for kind in ("Storage/storageAccounts", "Web/sites"))

    assert (account["publicNetworkAccess"], site["publicNetworkAccess"]) == ("Disabled", "Disabled")
    assert account["networkAcls"] == {"bypass": "None", "defaultAction": "Deny"}


@pytest.mark.parametrize("case", ["plain", "full"])
def test_who_asks_for_no_private_network_gets_none(case):
    made = {each["type"] for each in kept.resources(case)}

    assert [] == [each for each in made if each.startswith("Microsoft.Network/")]
    assert kept.only(case, "Web/sites")["properties"]["publicNetworkAccess"] == "Enabled"


def test_each_service_that_the_app_uses_has_an_endpoint_in_the_subnet_for_them():
    assert sorted(map(service, ENDPOINTS)) == [
        ("blob", "storageAccounts"),
        ("queue", "storageAccounts"),
        ("sites", "sites"),
        ("table", "storageAccounts"),
    ]
    assert {each["properties"]["subnet"]["id"] for each in ENDPOINTS} == {f"{NETWORK['id']}/subnets/endpoints"}


def test_the_network_is_told_the_private_address_of_each():
    zones = kept.of_type("private", "Network/privateDnsZones")
    links = kept.of_type("private", "Network/privateDnsZones/virtualNetworkLinks")
    groups = kept.of_type("private", "Network/privateEndpoints/privateDnsZoneGroups")

    assert sorted(each["name"] for each in zones) == sorted(ZONES.values())
    assert {each["properties"]["virtualNetwork"]["id"] for each in links} == {NETWORK["id"]}
    assert len(links) == len(groups) == len(zones)
    assert {each["location"] for each in (*zones, *links)} == {"global"}
    for group in groups:
        (configured,) = group["properties"]["privateDnsZoneConfigs"]
        kind = configured["name"]
        assert ZONES[kind].strip("[]") in configured["properties"]["privateDnsZoneId"]
        assert f"-{kind}/" in group["name"], "beside the endpoint of its service"


def test_the_app_goes_out_from_a_subnet_as_flex_consumption_wants_it():
    subnet = SUBNETS["app"]
    (delegation,) = subnet["delegations"]
    size = ipaddress.ip_network(subnet["addressPrefix"]).num_addresses

    assert kept.only("private", "Web/sites")["properties"]["virtualNetworkSubnetId"] == f"{NETWORK['id']}/subnets/app"
    assert delegation["properties"]["serviceName"] == "Microsoft.App/environments"
    assert size - 5 >= 40, "an app may use 40 addresses, and Azure keeps five of each subnet"
    assert "serviceEndpoints" not in subnet
    assert subnet["natGateway"]["id"].endswith(kept.only("private", "Network/natGateways")["name"])


def test_subnets_lie_in_the_address_space_and_beside_each_other():
    space = ipaddress.ip_network(NETWORK["properties"]["addressSpace"]["addressPrefixes"][0])
    app, endpoints = (ipaddress.ip_network(SUBNETS[each]["addressPrefix"]) for each in ("app", "endpoints"))

    assert str(space) == "10.91.0.0/24"
    assert app.subnet_of(space)
    assert endpoints.subnet_of(space)
    assert not app.overlaps(endpoints)


def test_only_https_leaves_for_the_internet():
    outgoing = [each for each in rules("-app") if each["direction"] == "Outbound"]

    assert [(each["access"], each["destinationAddressPrefix"], each["destinationPortRange"]) for each in outgoing] == [
        ("Allow", "VirtualNetwork", "*"),
        ("Allow", "Internet", "443"),
        ("Deny", "Internet", "*"),
    ]


def test_endpoints_are_reached_over_https_from_networks_and_the_rules_hold_for_them():
    incoming = rules("-endpoints")

    assert [(each["access"], each["sourceAddressPrefix"], each["destinationPortRange"]) for each in incoming] == [
        ("Allow", "VirtualNetwork", "443"),
        ("Deny", "*", "*"),
    ]
    assert SUBNETS["endpoints"]["privateEndpointNetworkPolicies"] == "Enabled"
    assert all(each["networkSecurityGroup"]["id"] for each in SUBNETS.values())


def test_the_app_starts_when_its_storage_can_be_found():
    order = json.loads(kept.ORDER.read_text())["main"]

    assert {"storageEndpoints", "network", "storage"} <= set(order["app"])
    assert "app" in order["appEndpoint"]


def test_another_subnet_beside_the_private_one_is_refused():
    assert "leave AZFERRY_SUBNET_ID empty" in refusal(privateNetwork=True, virtualNetworkSubnetId="/subscriptions/x")
