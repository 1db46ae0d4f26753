"""The example of the retired road: its plan is one, its world is beside it, and a derived world fits such a plan too."""

from pathlib import Path

import yaml

from local.world.build import world_for
from local.world.derive import derive
from shared.plan.reader import read_plan

PLAN = Path(__file__).parents[3] / "examples" / "aws-to-azure.configuration-server.yaml"


def test_the_plan_is_valid_and_says_that_its_mode_is_retired() -> None:
    plan = read_plan(PLAN.read_bytes(), "application/yaml")
    assert plan.replication.mode == "configurationServer"
    assert [each.concern for each in plan.acknowledge] == ["replication-mode-retired"]


def test_a_plan_with_a_dot_in_its_name_finds_the_world_of_that_name() -> None:
    world = world_for(PLAN, yaml.safe_load(PLAN.read_text()))
    assert world.aws.appliance
    assert (world.aws.appliance.kind, world.aws.appliance.accounts) == ("configurationServer", ("pusher",))
    assert world.azure.legacy_providers


def test_each_machine_of_the_plan_is_in_its_world() -> None:
    plan = read_plan(PLAN.read_bytes(), "application/yaml")
    world = world_for(PLAN, yaml.safe_load(PLAN.read_text()))
    known = {each.ip for each in world.aws.instances} | {each.id for each in world.aws.instances}
    sources = [machine.source for _, machine in plan.entries()]
    assert {source.private_ip or source.instance_id for source in sources} <= known


def test_a_derived_world_has_the_server_that_the_plan_names() -> None:
    world = derive(yaml.safe_load(PLAN.read_text()))
    assert world.aws.appliance
    assert world.aws.appliance.model_dump() == {
        "name": "ferry-config1",
        "instance": "ferry-config1",
        "kind": "configurationServer",
        "accounts": ("pusher",),
        "ip": "",
    }
    assert world.azure.legacy_providers
