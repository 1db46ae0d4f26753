"""Groups, networks, storage, sizes and quotas as the gateway reads them."""

import pytest

from shared.azure import network, resources, sizes, storage
from shared.azure.arm_id import parse
from tests.clouds import SUBSCRIPTION, TARGET, Cloud, request_id, resource


def test_a_group_is_made_once_and_then_left_as_it_is(cloud: Cloud) -> None:
    assert resources.get_group(SUBSCRIPTION, "rg-new") is None
    made = resources.ensure_group(SUBSCRIPTION, "rg-new", "westeurope", request_id("g"), {"owner": "finance"})
    again = resources.ensure_group(SUBSCRIPTION, "rg-new", "northeurope", request_id("g"), {"owner": "other"})
    assert again == made
    assert (again.location, again.tags) == ("westeurope", {"owner": "finance"})
    writes = [each for each in cloud.log("*resourceGroups/write") if each["client_request_id"] == request_id("g")]
    assert len(writes) == 1


def test_a_network_shows_its_subnets_and_their_free_addresses(cloud: Cloud) -> None:
    vnet = network.get_vnet(TARGET.network_id)
    assert vnet
    subnet = vnet.subnet("APP")
    assert subnet
    assert (vnet.location, vnet.prefixes, subnet.prefixes) == ("westeurope", ("10.9.0.0/16",), ("10.9.1.0/24",))
    assert subnet.free == 251
    put_nic(cloud, "card")
    after = network.get_vnet(TARGET.network_id)
    assert after
    assert after.subnets[0].free == 250
    assert network.get_vnet(resource("Microsoft.Network/virtualNetworks", "none")) is None
    assert vnet.subnet("none") is None


def put_nic(cloud: Cloud, name: str) -> str:
    card = resource("Microsoft.Network/networkInterfaces", name)
    subnet = {"id": f"{TARGET.network_id}/subnets/app"}
    address = {"privateIPAddress": "10.9.1.7", "subnet": subnet}
    cloud.put(card, properties={"ipConfigurations": [{"id": f"{card}/ip", "name": "ip", "properties": address}]})
    return card


def test_a_card_is_deleted_and_twice_is_fine(cloud: Cloud) -> None:
    card = put_nic(cloud, "card")
    seen = network.get_nic(card)
    assert seen
    assert (seen.private_ips, seen.vm_id) == (("10.9.1.7",), "")
    assert not network.delete_nic(card, request_id("n")).done
    cloud.later(60)
    assert network.get_nic(card) is None
    assert network.delete_nic(card, request_id("n")).done


def test_an_account_shows_what_a_cache_is_judged_by(cloud: Cloud) -> None:
    account = storage.get_account(TARGET.log_storage_account_id)
    assert account
    assert (account.kind, account.location) == ("StorageV2", "westeurope")
    assert (account.shared_key, account.hierarchical, account.default_action) == (True, False, "Allow")
    assert storage.get_account(storage.account_id(SUBSCRIPTION, "rg-ferry", "none")) is None
    assert cloud.log()


def test_sizes_tell_cores_quota_and_what_they_can_carry(cloud: Cloud) -> None:
    offered = {each.name: each for each in sizes.list_sizes(SUBSCRIPTION, "westeurope")}
    size = offered["Standard_D2s_v5"]
    assert (size.cores, size.memory_gb, size.premium, size.restricted) == (2, 8, True, False)
    assert size.max_data_disks > 0
    cloud.ask("POST", "quotas", {"location": "westeurope", "restrictedSizes": ["Standard_D2s_v5"]})
    again = {each.name: each for each in sizes.list_sizes(SUBSCRIPTION, "westeurope")}
    assert again["Standard_D2s_v5"].restricted
    usages = {each.name: each for each in sizes.list_usages(SUBSCRIPTION, "westeurope")}
    assert size.family in usages


def test_a_zone_that_is_closed_to_the_subscription_is_none_of_a_sizes_zones(cloud: Cloud) -> None:
    cloud.ask("POST", "quotas", {"location": "westeurope", "closedZones": {"Standard_D2s_v5": ["2"]}})
    offered = {each.name: each for each in sizes.list_sizes(SUBSCRIPTION, "westeurope")}
    closed, open_ = offered["Standard_D2s_v5"], offered["Standard_D2s_v4"]
    assert (closed.zones, closed.closed_zones, closed.restricted) == (("1", "3"), ("2",), False)
    assert (open_.zones, open_.closed_zones) == (("1", "2", "3"), ())


def test_sizes_tell_what_runs_on_them(cloud: Cloud) -> None:
    offered = {each.name: each for each in sizes.list_sizes(SUBSCRIPTION, "westeurope")}
    arm, graphics = offered["Standard_B2ps_v2"], offered["Standard_NV4as_v4"]
    assert (arm.architecture, arm.generations, arm.local_disk, arm.special) == ("Arm64", ("V2",), False, ())
    assert (graphics.architecture, graphics.local_disk, graphics.special) == ("x64", True, ("GPU",))
    assert offered["Standard_DC2as_v5"].special == ("confidential",)


def test_what_is_left_of_a_quota_is_limit_less_use(cloud: Cloud) -> None:
    cloud.ask("POST", "quotas", {"location": "westeurope", "name": "cores", "limit": 10, "used": 4})
    usages = {each.name: each for each in sizes.list_usages(SUBSCRIPTION, "westeurope")}
    assert usages["cores"].free == 6


def test_an_id_is_taken_apart() -> None:
    found = parse(f"{TARGET.network_id}/subnets/app")
    assert (found.subscription, found.group, found.name, found.child) == (SUBSCRIPTION, "rg-ferry", "vnet-prod", "app")


@pytest.mark.parametrize("wrong", ["", "vnet-prod", "/subscriptions/s", "/subscriptions/s/providers/a/b/c/d/e"])
def test_what_is_no_id_of_a_resource_in_a_group_is_a_value_error(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not the id"):
        parse(wrong)
