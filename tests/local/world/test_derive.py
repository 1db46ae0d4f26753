"""Worlds derived from plans that have no world file."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from local.world.build import build, read, world_for
from local.world.derive import PER_TAG, derive

PLAN = yaml.safe_load((Path(__file__).parents[3] / "examples" / "aws-to-azure.yaml").read_text())


def plan(*machines: Any, **more: Any) -> Any:
    return {**PLAN, **more, "waves": [{"name": "one", "machines": list(machines)}]}


def names(world: Any) -> Any:
    return [each.name for each in world.aws.instances]


def test_every_machine_of_a_plan_gets_an_instance_and_the_appliance_one_more() -> None:
    world = derive(PLAN)
    assert len(world.aws.instances) == 8 + 1
    assert world.aws.vpc_id == "vpc-0abc1234"
    assert {"shop-web1", "ferry-appliance"} <= set(names(world))


def test_addresses_and_ids_are_those_of_the_plan() -> None:
    world = derive(
        plan({"name": "a", "source": {"instanceId": "i-0aaa1111"}}, {"name": "b", "source": {"privateIp": "10.7.1.9"}})
    )
    first, second, _ = world.aws.instances
    assert (first.id, second.ip) == ("i-0aaa1111", "10.7.1.9")
    assert world.aws.cidr == "10.7.0.0/16"


def test_a_selection_by_tags_finds_several_machines() -> None:
    world = derive(plan({"source": {"tags": {"App": "shop", "Tier": "web"}}}))
    chosen = [each for each in world.aws.instances if each.tags == {"App": "shop", "Tier": "web"}]
    assert len(chosen) == PER_TAG
    assert len({each.name for each in chosen}) == PER_TAG


def test_ports_that_the_plan_looks_at_are_open_in_the_vm() -> None:
    checks = [{"tcp": 15432}, {"http": "http://localhost:18090/health"}, {"service": "nginx"}]
    world = derive(plan({"name": "a", "source": {"privateIp": "10.0.2.9"}, "verify": checks}))
    assert {15432, 18090} <= set(world.aws.instances[0].ports)


def test_the_azure_side_is_what_the_target_names() -> None:
    azure = derive(PLAN).azure
    assert {(network.name, network.group) for network in azure.networks} == {
        ("vnet-prod", "rg-network"),
        ("vnet-test", "rg-network"),
    }
    assert [(each.name, each.group) for each in azure.accounts] == [("stferrycache", "rg-ferry")]
    assert azure.vaults == ()


def test_a_vault_that_is_not_to_be_made_is_there() -> None:
    target = {**PLAN["target"], "vault": {"name": "rsv"}}
    assert [each.name for each in derive(plan({"source": {"privateIp": "10.0.2.9"}}, target=target)).azure.vaults] == [
        "rsv"
    ]


def test_three_hundred_machines_have_addresses_of_their_own() -> None:
    world = derive(plan(*({"name": f"m{number}", "source": {}} for number in range(300))))
    assert len({each.ip for each in world.aws.instances}) == 301


def test_a_derived_world_is_made_in_the_stand_ins(ec2: Any, places: Any, tmp_path: Any) -> None:
    path = tmp_path / "plan.yaml"
    ids = build(world_for(path, PLAN), places)
    assert ids["shop-web1"] == "i-0aaa1111"
    assert len(ids) == 9


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"image": "beos"}, "there is no image 'beos'"),
        ({"securityGroups": ["nope"]}, "which the world does not have"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_world_file_with_a_mistake_is_refused(tmp_path: Any, change: Any, word: Any) -> None:
    azure = {"subscriptionId": "s"}
    text = yaml.safe_dump({"aws": {"instances": [{"name": "a", "ip": "10.0.2.4", **change}]}, "azure": azure})
    (tmp_path / "a.world.yaml").write_text(text)
    with pytest.raises(ValueError, match=word):
        read(tmp_path / "a.world.yaml")
