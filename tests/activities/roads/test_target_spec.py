"""Targeting: what a machine becomes, from the plan's target and what the machine has otherwise."""

from shared.plan.model import Plan
from shared.plan.named import target_group
from shared.roads.target_names import network_id, vm_name
from shared.roads.target_spec import target_of
from tests.activities.migration_harness import plan_of


def plan(**own: object) -> Plan:
    document = plan_of("web1")
    document["target"] |= {"size": "Standard_D2s_v5", "tags": {"a": "1", "b": "2"}}
    document["waves"][0]["machines"][0]["target"] = own
    return Plan.model_validate(document)


def test_the_plan_decides_where_the_machine_says_nothing() -> None:
    parsed = plan()
    target = target_of(parsed, parsed.waves[0].machines[0])
    assert (target.vm_name, target.vm_size, target.subnet, target.test_subnet) == (
        "web1",
        "Standard_D2s_v5",
        "app",
        "app",
    )
    assert target.resource_group_id.endswith("/resourceGroups/rg-target")
    assert target.network_id.endswith("/resourceGroups/rg-target/providers/Microsoft.Network/virtualNetworks/vnet-prod")
    assert target.test_network_id.endswith("/vnet-test")
    assert target.log_storage_account_id.endswith(
        "/resourceGroups/rg-ferry/providers/Microsoft.Storage/storageAccounts/stcache"
    )


def test_the_machine_has_the_last_word() -> None:
    parsed = plan(
        name="shop-web", size="Standard_D4s_v5", resourceGroup="rg-shop", subnet="web", zone="2", tags={"b": "3"}
    )
    entry = parsed.waves[0].machines[0]
    target = target_of(parsed, entry)
    assert (vm_name(entry), target_group(parsed, entry)) == ("shop-web", "rg-shop")
    assert (target.vm_size, target.subnet, target.availability_zone) == ("Standard_D4s_v5", "web", "2")
    assert target.tags == {"a": "1", "b": "3"}


def test_without_a_test_network_there_is_none() -> None:
    document = plan_of("web1")
    del document["target"]["network"]["testVnet"]
    document["waves"][0]["gates"]["test"] = "skip"
    assert network_id(Plan.model_validate(document), test=True) == ""
