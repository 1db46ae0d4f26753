"""What a plan names and the app does not make: each is there, and in the machines' region, or it is told."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from shared.concerns.judge import judge
from shared.concerns.registry import MachineCase
from shared.concerns.target_facts import ResourceFacts, TargetFacts

MakeCase = Callable[..., MachineCase]
PLAN_RULES = {
    "named-resource-missing",
    "named-resource-in-other-region",
    "protection-resource-missing",
    "protection-resource-in-other-region",
}
MACHINE_RULES = {"own-resource-missing", "own-resource-in-other-region"}
ROOT = "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups"
ENCRYPTION = f"{ROOT}/rg-finance/providers/microsoft.compute/diskencryptionsets/des-1"
ACCOUNT = f"{ROOT}/rg-finance/providers/microsoft.storage/storageaccounts/stboot"
SET = f"{ROOT}/rg-finance/providers/microsoft.compute/availabilitysets/as-1"
GUARD = f"{ROOT}/rg-shared/providers/microsoft.network/networksecuritygroups/nsg-1"
NETWORK = f"{ROOT}/rg-finance-asr/providers/microsoft.network/virtualnetworks/vnet-dr"
THERE, GONE = ResourceFacts(exists=True, region="West Europe"), ResourceFacts(exists=False)
FAR = ResourceFacts(exists=True, region="northeurope")
OF_PLAN = {"target": {"diskEncryptionSet": "des-1", "bootDiagnosticsAccount": "stboot"}}
PROTECTED = {
    "finish": {
        "protectTarget": {
            "region": "northeurope",
            "network": {"vnet": "vnet-dr", "subnet": "app"},
            "vault": {"name": "rsv-dr", "create": True},
        }
    }
}


def machine(**target: Any) -> dict[str, Any]:
    entry = {"name": "web1", "source": {"instanceId": "i-0aaa1111"}, "target": target}
    return {"waves": [{"name": "shop", "machines": [entry]}]}


def evidence_of(
    case: MakeCase, target: TargetFacts, plan: dict[str, Any], named: Mapping[str, ResourceFacts]
) -> dict[str, list[str]]:
    """What is found about named resources, of the plan and of its machine, and what could not be judged."""
    full_case = case(target=target.replace(named=named), plan=plan)
    found = judge(full_case)
    ours = {concern.id: [each.evidence for each in found if each.id == concern.id] for concern in found}
    return {name: ours[name] for name in ours if name in PLAN_RULES | MACHINE_RULES | {"fact-unknown"}}


def test_what_is_there_and_in_the_region_is_no_concern(case: MakeCase, target: TargetFacts) -> None:
    assert evidence_of(case, target, OF_PLAN, {ENCRYPTION: THERE, ACCOUNT: THERE}) == {}


def test_each_missing_resource_of_the_plan_is_told_once_with_its_kind_and_group(
    case: MakeCase, target: TargetFacts
) -> None:
    assert evidence_of(case, target, OF_PLAN, {ENCRYPTION: GONE, ACCOUNT: GONE}) == {
        "named-resource-missing": [
            "there is no disk encryption set des-1 in rg-finance",
            "there is no storage account stboot in rg-finance",
        ]
    }


def test_one_of_another_region_is_told_with_both_regions(case: MakeCase, target: TargetFacts) -> None:
    assert evidence_of(case, target, OF_PLAN, {ENCRYPTION: FAR, ACCOUNT: THERE}) == {
        "named-resource-in-other-region": ["disk encryption set des-1 is in northeurope; it has to be in westeurope"]
    }


def test_what_a_machine_names_for_itself_is_the_machines_concern(case: MakeCase, target: TargetFacts) -> None:
    guard = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-shared/providers/Microsoft.Network"
    card = {"securityGroup": f"{guard}/networkSecurityGroups/nsg-1"}
    plan = {"scenario": "hyperv-to-azure", "replication": {"mode": "site"}} | machine(
        availabilitySet="as-1", nics=[card]
    )
    plan["source"] = {"hyperv": {"site": "hq", "hosts": ["hv1"]}}
    plan["waves"][0]["machines"][0]["source"] = {"name": "web1"}
    del plan["replication"]
    assert evidence_of(case, target, plan, {SET: GONE, GUARD: FAR}) == {
        "own-resource-missing": ["there is no availability set as-1 in rg-finance"],
        "own-resource-in-other-region": ["network security group nsg-1 is in northeurope; it has to be in westeurope"],
    }


def test_a_zone_of_its_own_leaves_the_plans_availability_set_alone(case: MakeCase, target: TargetFacts) -> None:
    plan = machine(zone="1") | {"target": {"availabilitySet": "as-1"}}
    assert evidence_of(case, target, plan, {}) == {}


def test_one_that_cannot_be_read_hides_no_other_that_is_missing(case: MakeCase, target: TargetFacts) -> None:
    found = evidence_of(case, target, OF_PLAN, {ACCOUNT: GONE})
    assert found["named-resource-missing"] == ["there is no storage account stboot in rg-finance"]
    assert found["fact-unknown"] == [
        "named-resource-missing was not judged: disk encryption set des-1 in rg-finance is not known"
    ]


@pytest.mark.parametrize(
    ("network", "concern", "evidence"),
    [
        (GONE, "protection-resource-missing", "there is no virtual network vnet-dr in rg-finance-asr"),
        (FAR, "protection-resource-missing", "virtual network vnet-dr in rg-finance-asr has no subnet app"),
        (
            THERE.replace(subnets=("app",)),
            "protection-resource-in-other-region",
            "virtual network vnet-dr is in West Europe; it has to be in northeurope",
        ),
    ],
)
def test_the_network_that_machines_are_protected_through_is_looked_at_before_they_are_migrated(
    case: MakeCase, target: TargetFacts, network: ResourceFacts, concern: str, evidence: str
) -> None:
    assert evidence_of(case, target, PROTECTED, {NETWORK: network}) == {concern: [evidence]}
    assert evidence_of(case, target, PROTECTED, {NETWORK: FAR.replace(subnets=("App",))}) == {}


def test_the_protections_own_cache_lies_beside_the_migrated_machines(case: MakeCase, target: TargetFacts) -> None:
    protected = PROTECTED["finish"]["protectTarget"] | {"cacheStorageAccount": "stdr", "diskEncryptionSet": "des-dr"}
    cache = f"{ROOT}/rg-finance/providers/microsoft.storage/storageaccounts/stdr"
    encryption = f"{ROOT}/rg-finance-asr/providers/microsoft.compute/diskencryptionsets/des-dr"
    named = {NETWORK: FAR.replace(subnets=("app",)), cache: FAR, encryption: GONE}
    assert evidence_of(case, target, {"finish": {"protectTarget": protected}}, named) == {
        "protection-resource-missing": ["there is no disk encryption set des-dr in rg-finance-asr"],
        "protection-resource-in-other-region": ["storage account stdr is in northeurope; it has to be in westeurope"],
    }
