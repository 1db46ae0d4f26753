"""Protection of migrated machines: what a plan says of it, and the road onward that it makes."""

from typing import Any

import pytest

from shared.plan.protection_plan import all_onward, entry_onward
from shared.plan.reader import to_plan
from shared.problems import InvalidPlan
from shared.roads.registry import road_of

Document = dict[str, Any]

WANTED: Document = {
    "region": "northeurope",
    "network": {"vnet": "vnet-dr"},
    "vault": {"name": "rsv-dr", "create": True},
}


def faults(document: Document) -> dict[str, str]:
    with pytest.raises(InvalidPlan) as invalid:
        to_plan(document)
    return {fault.pointer: fault.message for fault in invalid.value.facts.errors}


def test_protection_is_said_for_the_plan_for_a_wave_or_for_a_machine(document: Document) -> None:
    document["finish"] = {"protectTarget": WANTED}
    document["waves"][0]["protectTarget"] = WANTED | {"region": "francecentral"}
    document["waves"][0]["machines"][0]["protectTarget"] = WANTED | {"region": "uksouth"}

    plan = to_plan(document)

    regions = {machine.name: plan.protection_of(wave, machine) for wave, machine in plan.entries()}
    assert {name: region.region for name, region in regions.items() if region} == {
        "shop-db1": "uksouth",
        "shop-web1": "francecentral",
        "": "francecentral",
        "rep1": "northeurope",
    }
    assert [each.target.region for each in all_onward(plan)] == ["uksouth", "francecentral", "northeurope"]


def test_the_road_onward_begins_where_the_migration_ended(document: Document) -> None:
    document["finish"] = {"protectTarget": WANTED}

    (plan,) = all_onward(to_plan(document))

    assert plan.scenario == "azure-to-azure"
    assert plan.source.azure
    assert (plan.source.azure.region, plan.source.azure.resource_group) == ("westeurope", "rg-finance")
    target = plan.target
    assert (target.region, target.resource_group, target.network.vnet) == ("northeurope", "rg-finance-asr", "vnet-dr")
    assert (
        road_of(plan)
        .cache_account(plan)
        .endswith("/resourceGroups/rg-finance/providers/Microsoft.Storage/storageAccounts/stferrycache")
    )
    assert (target.vault.name, target.vault.create) == ("rsv-dr", True)


def test_a_vault_outside_the_target_serves_both_roads(document: Document) -> None:
    document["target"]["vault"]["region"] = "swedencentral"
    document["finish"] = {"protectTarget": {key: WANTED[key] for key in ("region", "network")}}

    (plan,) = all_onward(to_plan(document))

    vault = plan.target.vault
    assert (vault.name, vault.resource_group, vault.region) == ("rsv-ferry", "rg-ferry", "swedencentral")


def test_a_migrated_machine_goes_on_under_the_name_that_it_has(document: Document) -> None:
    machine = to_plan(document).waves[0].machines[0]
    vm = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/SHOP01"
    onward = entry_onward(machine, vm)
    assert (onward.name, onward.source.vm_id, onward.target.name) == ("shop-db1", vm, "SHOP01")


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"region": "westeurope"}, "/region", "that machines are migrated to"),
        ({"resourceGroup": "RG-finance"}, "/resourceGroup", "their names are taken"),
        ({"vault": {"name": "rsv-dr", "region": "westeurope"}}, "/vault/region", "of its own region, westeurope"),
        ({"vault": None}, "/vault", "where the target's vault lies"),
    ],
)
def test_what_cannot_be_is_told_where_it_stands(document: Document, change: Document, pointer: str, words: str) -> None:
    wanted = {key: value for key, value in (WANTED | change).items() if value is not None}
    document["finish"] = {"protectTarget": wanted}
    document["waves"][1]["protectTarget"] = WANTED
    assert faults(document)["/finish/protectTarget" + pointer].find(words) >= 0
    assert not any(where.startswith("/waves") for where in faults(document))


def test_between_regions_the_migrations_cache_lies_elsewhere(document: Document) -> None:
    azure = {"subscriptionId": "00000000-0000-0000-0000-000000000001", "region": "francecentral"}
    document["waves"] = [{"name": "shop", "machines": [{"name": "web1", "source": {"name": "web1"}}]}]
    document |= {"scenario": "azure-to-azure", "source": {"azure": azure}, "replication": {}}
    document["waves"][0]["protectTarget"] = WANTED
    assert "to lie in westeurope" in faults(document)["/waves/0/protectTarget/cacheStorageAccount"]


def test_an_encryption_set_serves_one_region(document: Document) -> None:
    machine = document["waves"][0]["machines"][1]
    machine |= {"protectTarget": WANTED, "target": {"diskEncryptionSet": "des-we"}}
    assert "'des-we'" in faults(document)["/waves/0/machines/1/protectTarget/diskEncryptionSet"].replace('"', "'")
