"""The worlds of plans whose machines are in no cloud: each machine of a plan is there, where the plan looks for it."""

from pathlib import Path

import pytest
import yaml

from local.world.build import world_for
from local.world.premises import machine_of
from shared.plan.reader import to_plan

EXAMPLES = Path(__file__).parents[3] / "examples"
NAMES = ("vmware-to-azure", "physical-to-azure", "physical-to-azure.configuration-server")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_a_plan_and_its_world_has_its_machines(name: str) -> None:
    path = EXAMPLES / f"{name}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    plan, premises = to_plan(document), world_for(path, document).premises
    known = {value for each in premises.machines for value in (each.name, each.ip)}
    assert all({machine.source.name, machine.source.private_ip} & known for _, machine in plan.entries())
    assert premises.server
    assert premises.server.name == plan.replication.appliance.name
    on_vcenter = {bool(each.vcenter) for each in premises.machines}
    assert on_vcenter == {plan.scenario == "vmware-to-azure"}


def test_the_first_disk_is_the_one_that_a_machine_boots_from() -> None:
    path = EXAMPLES / "vmware-to-azure.yaml"
    database = world_for(path, {}).premises.machines[0]
    assert [(disk["osDisk"], disk["sizeGb"]) for disk in machine_of(database)["disks"]] == [(True, 40), (False, 200)]
