"""Worlds derived from plans whose waves go different roads."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from local.stack.migrate import read_scene
from local.world.derive import derive

EXAMPLES = Path(__file__).parents[3] / "examples"
MIXED = yaml.safe_load((EXAMPLES / "mixed.yaml").read_text())
TARGET = MIXED["target"]
FLOOR = {
    "scenario": "vmware-to-azure",
    "replication": {"appliance": {"runAsAccount": "linux"}, "agent": {"install": "push"}},
}


def plan(*waves: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "both", "target": TARGET, **FLOOR, **more, "waves": list(waves)}


def wave(name: str, *machines: str, **more: Any) -> dict[str, Any]:
    return {"name": name, **more, "machines": [{"name": each, "source": {"name": each}} for each in machines]}


def test_every_wave_of_the_mixed_example_finds_its_machines_and_what_it_goes_through() -> None:
    world = derive(MIXED)
    assert {each.name for each in world.aws.instances} == {"rep1", "ferry-appliance"}
    assert (world.hyperv.site, [each.name for each in world.hyperv.machines]) == ("headquarters", ["ARCHIVE1"])
    assert [(each.name, each.region) for each in world.azure_vms] == [("shop-web1", "northeurope")]
    assert {(each.name, each.location) for each in world.azure.accounts} == {
        ("sttogether", ""),
        ("stwebshopcache", "northeurope"),
    }
    assert len(world.azure.networks) == 2


def test_vms_and_servers_share_the_server_of_their_premises_and_have_addresses_of_their_own() -> None:
    servers = wave("servers", "s1", "s2", scenario="physical-to-azure", replication={"agent": {"install": "manual"}})
    made = derive(plan(wave("vms", "v1", "v2"), servers)).premises
    assert [(each.name, bool(each.vcenter), each.discovered) for each in made.machines] == [
        ("v1", True, True),
        ("v2", True, True),
        ("s1", False, False),
        ("s2", False, False),
    ]
    assert len({each.ip for each in made.machines}) == 4
    assert made.server
    assert (made.server.name, made.server.accounts) == ("ferry-appliance", ("linux",))


def test_waves_of_one_road_are_one_road_wherever_they_stand_in_the_plan() -> None:
    own = {"target": {**TARGET, "vault": {"name": "rsv-own", "resourceGroup": "rg-ferry"}}}
    made = derive(plan(wave("a", "v1"), wave("b", "v2", **own), wave("c", "v3"), wave("d", "v4", **own)))
    assert {each.name for each in made.premises.machines} == {"v1", "v2", "v3", "v4"}
    assert [each.name for each in made.azure.vaults] == ["rsv-own"], "the other is made by the migration"


def test_a_wave_of_another_scenario_does_not_take_the_plans_replication() -> None:
    old = {"mode": "configurationServer", "appliance": {"name": "old-config1"}}
    made = derive(plan(wave("a", "v1", scenario="physical-to-azure"), replication=old))
    assert made.premises.server
    assert (made.premises.server.kind, made.premises.server.name) == ("appliance", "ferry-appliance")


@pytest.mark.parametrize(
    ("own", "what"),
    [
        ({"replication": {"mode": "agentless"}}, "appliances on the premises"),
        ({"target": {**TARGET, "region": "northeurope"}}, "regions of the target"),
    ],
)
def test_what_a_world_has_only_one_of_is_told(own: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=f"different {what}: give it a world file"):
        derive(plan(wave("a", "v1"), wave("b", "v2", **own)))


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.glob("*.yaml") if ".world." not in path.name))
def test_every_example_could_go_without_its_world_file(example: str) -> None:
    made = read_scene(EXAMPLES / example).plan
    world = derive(made)
    named = sum(len(each["machines"]) for each in made["waves"])
    found = [*world.premises.machines, *world.hyperv.machines, *world.azure_vms, *world.aws.instances]
    assert len(found) >= named
