"""Each rule about the plan as a whole finds what it is for, and is silent about a sound plan."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.concerns.judge import judge_plan
from shared.concerns.registry import HYPERV, RULES, Concern, MachineCase, Standing
from shared.concerns.rules.azure import BETWEEN_REGIONS
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.target_facts import NetworkFacts, StorageFacts, SubnetFacts, TargetFacts, UsageFacts, VaultFacts
from tests.shared.concerns import test_named, test_servers

MakeCase = Callable[..., MachineCase]
OWN_TESTS = (HYPERV, BETWEEN_REGIONS)  # these have files of their own


def ids(concerns: tuple[Concern, ...]) -> set[str]:
    return {concern.id for concern in concerns}


def test_only_the_way_back_is_mentioned_about_a_sound_plan(case: MakeCase) -> None:
    assert ids(judge_plan(case())) == {"failback-impossible"}


ROADS_BACK = {
    ("aws-to-azure", "appliance"): "fails no machine back to AWS",
    ("aws-to-azure", "configurationServer"): "fails no machine back to AWS",
    ("azure-to-azure", "appliance"): "nothing is replicated back to the source's region",
    (
        "vmware-to-azure",
        "appliance",
    ): "could fail VMware machines back in full replication; this product migrates for good",
    ("vmware-to-azure", "configurationServer"): "could fail VMware machines back in full replication",
    ("vmware-to-azure", "agentless"): "without agents is for migration only",
    ("physical-to-azure", "appliance"): "fails nothing back to physical hardware; this product migrates for good",
    (
        "hyperv-to-azure",
        "appliance",
    ): "could fail Hyper-V machines back in full replication; this product migrates for good",
}


@pytest.mark.parametrize(("scenario", "mode"), ROADS_BACK)
def test_on_each_road_it_is_told_truly_that_nothing_fails_back(case: MakeCase, scenario: str, mode: str) -> None:
    sound_case = case()
    replication = sound_case.plan.replication.model_copy(update={"mode": mode})
    plan = sound_case.plan.model_copy(update={"scenario": scenario, "replication": replication})
    (concern,) = [each for each in judge_plan(replace(sound_case, plan=plan)) if each.id == "failback-impossible"]
    assert ROADS_BACK[scenario, mode] in concern.evidence


def wave(**more: Any) -> dict[str, Any]:
    machine = {"name": "web1", "source": {"instanceId": "i-0aaa1111"}, "target": {"size": "Standard_D2s_v5"}}
    return {"waves": [{"name": "shop", "machines": [machine]} | more]}


def many(count: int) -> list[dict[str, Any]]:
    return [{"name": f"m{n}", "source": {"instanceId": f"i-{n:08x}"}} for n in range(count)]


PLANS: list[tuple[str, dict[str, Any]]] = [
    ("replication-mode-retired", {"replication": {"mode": "configurationServer"}}),
    ("appliance-full", wave(machines=many(201))),
    ("retention-too-long", {"policy": {"recoveryPointRetention": "P16D"}}),
    ("app-consistent-without-retention", {"policy": {"recoveryPointRetention": "PT1H"}}),
    ("app-consistent-too-rare", {"policy": {"appConsistentEvery": "PT13H"}}),
    ("crash-consistent-interval", {"policy": {"crashConsistentEvery": "PT10M"}}),
    ("recovery-plan-split", wave(machines=[*many(10), many(11)[10] | {"bootGroup": 2}])),
    ("older-recovery-point", wave(machines=[many(1)[0] | {"recoveryPoint": "2026-12-01T18:00:00Z"}])),
    ("test-skipped", wave(gates={"test": "skip"})),
    ("cutover-unattended", wave(gates={"cutover": "auto"})),
    ("source-terminated-later", {"finish": {"decommission": {"mode": "terminate"}}}),
    ("network-missing", {"target": {"network": {"vnet": "vnet-other"}}}),
    ("subnet-missing", {"target": {"network": {"subnet": "other"}}}),
    ("test-network-is-production", {"target": {"network": {"testVnet": "VNET-PROD"}}}),
    ("subnet-full", wave(machines=many(201))),
    ("regional-cores-quota", wave(machines=many(51))),
    ("failback-impossible", {}),
]


@pytest.mark.parametrize(("concern", "plan"), PLANS)
def test_a_rule_finds_what_the_plan_asks_for(case: MakeCase, concern: str, plan: dict[str, Any]) -> None:
    assert concern in ids(judge_plan(case(plan=plan)))


NETWORKS = (
    NetworkFacts(name="vnet-prod", id="/Prod", region="westeurope", subnets=(SubnetFacts(name="app", free=9),)),
    NetworkFacts(
        name="vnet-test",
        id="/test",
        region="westeurope",
        subnets=(SubnetFacts(name="app", free=9, delegated=True),),
        peered_with=("/prod",),
    ),
)
SMALL = (UsageFacts(family="cores", used=0, limit=100), UsageFacts(family="standardDSv5Family", used=49, limit=50))
CACHE = StorageFacts(exists=True, region="westeurope", kind="StorageV2")
TARGETS: list[tuple[str, dict[str, Any]]] = [
    ("region-not-available", {"region_known": False}),
    ("cores-quota", {"usages": SMALL}),
    ("resource-group-missing", {"resource_group_exists": False}),
    ("cache-storage-missing", {"storage": StorageFacts(exists=False)}),
    ("test-network-peered", {"networks": NETWORKS}),
    ("subnet-delegated", {"networks": NETWORKS}),
    ("cache-storage-in-other-region", {"storage": StorageFacts(exists=True, region="eastus", kind="StorageV2")}),
    ("cache-storage-kind", {"storage": StorageFacts(exists=True, region="westeurope", kind="BlobStorage")}),
    ("cache-storage-hierarchical", {"storage": CACHE.replace(hierarchical=True)}),
    ("cache-storage-without-keys", {"storage": CACHE.replace(shared_key=False)}),
    ("cache-storage-firewall", {"storage": CACHE.replace(firewall="closed")}),
    ("vault-missing", {"vault": VaultFacts(exists=False)}),
    ("vault-in-other-region", {"vault": VaultFacts(exists=True, region="eastus")}),
    ("permissions-missing", {"missing_actions": ("Microsoft.Compute/virtualMachines/write",)}),
]


@pytest.mark.parametrize(("concern", "facts"), TARGETS)
def test_a_rule_finds_its_fact_of_the_target(
    case: MakeCase, target: TargetFacts, concern: str, facts: dict[str, Any]
) -> None:
    assert concern in ids(judge_plan(case(target=target.replace(**facts))))


@pytest.mark.parametrize(
    ("scenario", "firewall", "found"),
    [
        ("aws-to-azure", "trusted", set()),
        ("azure-to-azure", "trusted", set()),
        ("azure-to-azure", "closed", {"cache-storage-firewall"}),
        ("hyperv-to-azure", "", set()),
        ("hyperv-to-azure", "trusted", {"cache-storage-firewall-hyperv"}),
        ("hyperv-to-azure", "closed", {"cache-storage-firewall-hyperv"}),
    ],
)
def test_a_firewall_is_judged_by_what_each_road_can_get_past(
    case: MakeCase, target: TargetFacts, scenario: str, firewall: str, found: set[str]
) -> None:
    behind = target.replace(storage=StorageFacts(exists=True, region="westeurope", kind="StorageV2", firewall=firewall))

    concerns = ids(judge_plan(case(target=behind, plan={"scenario": scenario})))

    assert {each for each in concerns if each.startswith("cache-storage-firewall")} == found


@pytest.mark.parametrize(("scenario", "flagged"), [("azure-to-azure", False), ("aws-to-azure", True)])
def test_a_premium_account_is_a_cache_between_azure_regions_only(
    case: MakeCase, target: TargetFacts, scenario: str, *, flagged: bool
) -> None:
    premium = target.replace(storage=CACHE.replace(kind="BlockBlobStorage"))

    assert ("cache-storage-kind" in ids(judge_plan(case(target=premium, plan={"scenario": scenario})))) is flagged


def test_a_network_in_another_region_is_found(case: MakeCase, target: TargetFacts) -> None:
    far = tuple(network.replace(region="eastus") for network in target.networks or ())

    assert "network-in-other-region" in ids(judge_plan(case(target=target.replace(networks=far))))


@pytest.mark.parametrize(
    ("concern", "facts"),
    [
        ("appliance-unhealthy", {"unhealthy": ("process server",)}),
        ("appliance-not-registered", {"registered": False}),
        ("appliance-full", {"machines": 200}),
    ],
)
def test_a_rule_finds_its_fact_of_the_appliance(case: MakeCase, concern: str, facts: dict[str, Any]) -> None:
    appliance = ApplianceFacts(**({"registered": True, "machines": 0} | facts))

    assert concern in ids(judge_plan(case(appliance=appliance)))


def test_a_region_is_the_same_however_azure_writes_it(case: MakeCase, target: TargetFacts) -> None:
    long = target.replace(vault=VaultFacts(exists=True, region="West Europe"))

    assert ids(judge_plan(case(target=long))) == {"failback-impossible"}


def test_tags_that_match_nothing_are_told_with_their_place(case: MakeCase) -> None:
    found = judge_plan(case(unmatched=("/waves/0/machines/1/source/tags",)))

    assert ("tags-match-nothing", "/waves/0/machines/1/source/tags") in {(each.id, each.evidence) for each in found}


def test_a_vault_that_the_app_may_make_need_not_exist(case: MakeCase, target: TargetFacts) -> None:
    nothing = target.replace(vault=VaultFacts(exists=False), resource_group_exists=False)

    found = ids(judge_plan(case(target=nothing, plan={"target": {"vault": {"create": True}}})))

    assert found == {"failback-impossible"}


@pytest.mark.parametrize(("region", "flagged"), [("northeurope", True), ("westeurope", False), ("eastus", False)])
def test_between_azure_regions_the_vault_may_be_anywhere_but_at_the_source(
    case: MakeCase, target: TargetFacts, region: str, flagged: bool
) -> None:
    placed = target.replace(vault=VaultFacts(exists=True, region=region))

    found = ids(judge_plan(case(target=placed, plan={"scenario": "azure-to-azure"})))

    assert ("vault-in-source-region" in found) is flagged
    assert "vault-in-other-region" not in found


@pytest.mark.parametrize("concern", ["appliance-full", "subnet-full", "regional-cores-quota"])
def test_a_retry_asks_no_second_time_for_the_room_that_machines_have_already(case: MakeCase, concern: str) -> None:
    moved = {f"m{n}": Standing(replicated=True, placed=True) for n in range(200)}
    assert concern in ids(judge_plan(case(plan=wave(machines=many(201)))))
    assert concern not in ids(judge_plan(case(plan=wave(machines=many(201)), standings=moved)))


def test_a_machine_that_was_rehearsed_needs_no_room_for_another_test_copy(case: MakeCase, target: TargetFacts) -> None:
    networks = [
        network.replace(subnets=tuple(each.replace(free=2) for each in network.subnets))
        for network in target.networks or ()
    ]
    networks[1] = networks[1].replace(subnets=tuple(each.replace(free=1) for each in networks[1].subnets))
    narrow = target.replace(networks=tuple(networks))
    two = wave(machines=many(2))

    assert "subnet-full" in ids(judge_plan(case(target=narrow, plan=two)))
    rehearsed = {"m0": Standing(replicated=True, rehearsed=True)}
    assert "subnet-full" not in ids(judge_plan(case(target=narrow, plan=two, standings=rehearsed)))


def test_every_rule_about_plans_has_a_test() -> None:
    tested = {concern for concern, _ in PLANS} | {concern for concern, _ in TARGETS}
    tested |= {"network-in-other-region", "appliance-unhealthy", "appliance-not-registered"}
    tested |= {"tags-match-nothing", "vault-in-source-region"}
    tested |= test_servers.PLAN_RULES | test_named.PLAN_RULES | {"drivers-unknown", "service-pack-unknown"}

    others = {rule.id for rule in RULES.values() if rule.scope == "plan" and rule.roads not in OWN_TESTS}
    assert others - tested == set()
