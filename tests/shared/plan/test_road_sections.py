"""Waves with a road of their own, and the sections that they make."""

import pytest

from shared.plan.reader import to_plan
from shared.plan.road_sections import sections, seen_from
from shared.problems import InvalidPlan


def target(**changes):
    return {
        "subscriptionId": "00000000-0000-0000-0000-000000000001",
        "region": "westeurope",
        "resourceGroup": "rg",
        "network": {"vnet": "prod", "testVnet": "test"},
        "cacheStorageAccount": "cache",
        "vault": {"name": "rsv-ferry"},
    } | changes


def wave(name, **own):
    return {"name": name, "machines": [{"name": name, "source": {"privateIp": f"10.0.0.{len(name)}"}}]} | own


def document(*waves):
    source = {"aws": {"region": "eu-west-1"}}
    return {"name": "mixed", "source": source, "target": target(), "waves": list(waves)}


def test_a_plan_whose_waves_have_nothing_of_their_own_is_one_section_without_a_name():
    found = sections(to_plan(document(wave("a"), wave("bb"))))

    assert [(each.name, each.waves) for each in found] == [("", ("a", "bb"))]


def test_waves_with_the_same_road_share_a_section_named_by_the_first_of_them():
    own = {"target": target(region="northeurope")}
    found = sections(to_plan(document(wave("a"), wave("bb", **own), wave("ccc"), wave("dddd", **own))))

    assert [(each.name, each.waves) for each in found] == [("", ("a", "ccc")), ("bb", ("bb", "dddd"))]
    assert [each.plan.target.region for each in found] == ["westeurope", "northeurope"]


def test_a_wave_with_another_scenario_starts_from_the_defaults_of_replication():
    raw = document(wave("a"))
    raw["replication"] = {"mode": "configurationServer", "agent": {"install": "manual"}}
    plan = to_plan(raw)
    own = plan.waves[0].model_copy(update={"scenario": "physical-to-azure"})

    assert seen_from(plan, own).replication.mode == "appliance"
    assert seen_from(plan, plan.waves[0]).replication.mode == "configurationServer"


@pytest.mark.parametrize(
    ("own", "pointer"),
    [
        ({"replication": {"mode": "agentless"}}, "/waves/1/replication/mode"),
        ({"policy": {"crashConsistentEvery": "PT90S"}}, "/waves/1/policy/crashConsistentEvery"),
        ({"target": target(network={"vnet": "prod"})}, "/waves/1/target/network/testVnet"),
    ],
)
def test_a_fault_in_a_wave_s_own_road_is_pointed_at_there(own, pointer):
    with pytest.raises(InvalidPlan) as refused:
        to_plan(document(wave("a"), wave("bb", **own)))

    assert pointer in [fault.pointer for fault in refused.value.facts.errors]
