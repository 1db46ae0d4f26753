"""What an assessment found becomes the world in which its plan is played, so that the plan finds there what it found."""

import json
from pathlib import Path

import yaml

from local.forecast.assessed_world import assessed_world
from local.forecast.command import Wanted, _scene
from shared.reporting.assessment import AssessedMachine, Assessment
from shared.reporting.assessment_pages import rendered_assessment

EXAMPLES = Path(__file__).parents[3] / "examples"
SHOP = {"App": "shop"}
TAKEN = "aws:cloudformation:stack-name"  # nobody but AWS may set it


def plan(example: str, *entries):
    document = yaml.safe_load((EXAMPLES / f"{example}.yaml").read_text())
    return {**document, "waves": [{"name": "shop", "machines": list(entries)}]}


def assessed(*machines):
    found = Assessment(id="x", machines=machines)
    return json.loads(rendered_assessment(found, "json"))


def machine(name, source_id, **more):
    return AssessedMachine(name=name, wave="shop", source_id=source_id, **{"tags": SHOP, "disks_gb": (40, 80.5)} | more)


def test_machines_that_tags_selected_carry_these_tags_so_that_the_plan_finds_them_again():
    seen = assessed(
        machine("web1", "i-0aaa1111", tags=SHOP | {TAKEN: "x", "Name": "web1"}), machine("web2", "i-0aaa2222")
    )

    world = assessed_world(plan("aws-to-azure", {"source": {"tags": SHOP}}), seen)

    web1, web2, _appliance = world.aws.instances
    assert [("web1", "i-0aaa1111"), ("web2", "i-0aaa2222")] == [(each.name, each.id) for each in (web1, web2)]
    assert [SHOP | {"Name": "web1"}, SHOP] == [web1.tags, web2.tags]
    assert [40, 80] == [each.size_gb for each in web1.disks]


def test_machines_of_another_region_are_found_by_their_tags_too():
    where = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines"

    world = assessed_world(
        plan("azure-to-azure", {"source": {"tags": SHOP}}), assessed(machine("web1", f"{where}/vm-web1"))
    )

    (vm,) = world.azure_vms
    assert ("vm-web1", SHOP, [40, 80]) == (vm.name, vm.tags, [each.size_gb for each in vm.disks])


def test_a_selection_by_names_and_exclusions_finds_what_the_assessment_selected():
    wanted = {"match": [{"name": "web*", "exclude": [{"ids": ["i-0aaa2222"]}]}]}
    seen = assessed(machine("web1", "i-0aaa1111", tags={"Name": "web1"}), machine("web2", "i-0aaa2222"))

    world = assessed_world(plan("aws-to-azure", {"source": wanted}), seen)

    assert ["i-0aaa1111"] == [each.id for each in world.aws.instances if each.id]


def test_what_was_not_found_and_what_the_assessment_does_not_tell_is_derived_as_without_one():
    entry = {"name": "db1", "source": {"privateIp": "10.0.2.9"}}

    world = assessed_world(plan("aws-to-azure", entry), assessed(machine("db1", "", found=False)))

    assert ["db1"] == [each.name for each in world.aws.instances][:1]
    assert world.aws.instances[0].disks


def test_a_selection_that_found_nothing_leaves_its_wave_empty():
    world = assessed_world(plan("aws-to-azure", {"source": {"tags": SHOP}}), assessed())

    assert 1 == len(world.aws.instances)  # the appliance


def test_a_forecast_takes_the_report_of_assess_as_its_world(tmp_path):
    chosen, found = tmp_path / "plan.yaml", tmp_path / "found.json"
    chosen.write_text(yaml.safe_dump(plan("aws-to-azure", {"source": {"tags": SHOP}})))
    found.write_text(json.dumps(assessed(machine("web1", "i-0aaa1111"))))

    scene, basis = _scene(Wanted(chosen, world=found))

    assert ("machines and disks: found.json",) == basis
    assert ["i-0aaa1111"] == [each.id for each in scene.world.aws.instances if each.id]
