"""What a source has is listed before a plan is: judged as an assessment does it, and with the plans that cover it."""

import csv
import io
from typing import Any

import pytest

from shared.ledger import assessments, migrations
from shared.ledger.assessments import AssessmentOrder, AssessmentResult, GivenPlan, InventoryOrder
from shared.lists.importing import import_lists
from shared.lists.options import ListOptions
from shared.lists.sources import ListFile
from shared.models import Scope
from shared.plan.inventory_place import place_of
from shared.plan.model import Plan
from shared.plan.schema import EXAMPLE
from shared.problems import Busy, CloudRefused, InvalidPlan, Problem
from shared.reporting.inventory import Inventory, rendered_inventory
from shared.sources.previewing import preview
from tests.activities.hosts import hyperv_plan
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.premises import plan as premises_plan
from tests.activities.premises import register
from tests.activities.roads.test_azure_regions import plan as between_regions

ID = "inventory-0123"
PLACE = {"scenario": "aws-to-azure", "source": plan_of()["source"]}


def taken(ferry: MigrationHarness, place: dict[str, Any], **plans: dict[str, Any]) -> Inventory:
    read, known = place_of(place)
    given = tuple(GivenPlan(name=name, plan=Plan.model_validate(each)) for name, each in plans.items())
    order = InventoryOrder(target_known=known, plans=given)
    assessments.save_order(ID, AssessmentOrder(plan=read, by="ann", inventory=order))
    ferry.ask("judge_plan", Scope(migration=ID, now=ferry.cloud.now()))
    result = assessments.load_result(ID)
    assert result
    assert result.inventory
    return result.inventory


@pytest.fixture
def world(ferry: MigrationHarness) -> MigrationHarness:
    ferry.build(plan_of("web1", "db1"))
    return ferry


def by_name(found: Inventory) -> dict[str, Any]:
    return {each.name: each for each in found.machines}


def test_every_instance_is_listed_with_what_its_source_tells_and_nothing_is_kept_of_it(
    world: MigrationHarness,
) -> None:
    before = len(world.cloud.log())

    found = taken(world, PLACE)

    assert {"web1", "db1", "ferry-appliance"} == set(by_name(found))
    web1 = by_name(found)["web1"]
    assert (world.instances["web1"], "running", "web1", ()) == (
        web1.instance_id,
        web1.state,
        web1.source_name,
        web1.covered_by,
    )
    assert web1.disks_gb
    assert (3, False, "ann") == (found.uncovered, found.target_known, found.made_by)
    assert [] == list(migrations.everything())
    assert before == len(world.cloud.log())  # of Azure nothing was asked: nobody told a target


def test_with_a_target_machines_are_judged_as_their_plan_is_judged(world: MigrationHarness) -> None:
    plan = plan_of("web1", "db1")
    found = by_name(taken(world, {name: plan[name] for name in ("source", "target", "replication")}))
    assessments.save_order(ID, AssessmentOrder(plan=Plan.model_validate(plan)))
    world.ask("judge_plan", Scope(migration=ID, now=world.cloud.now()))
    judged = assessments.load_result(ID)

    assert judged
    assert judged.assessment
    for machine in judged.assessment.machines:
        assert set(machine.concerns) == set(found[machine.name].concerns)


def test_what_covers_a_machine_is_told_by_migration_and_by_file(world: MigrationHarness) -> None:
    world.take_in(plan_of("web1", name="first"))
    world.ask("read_sources", world.place(phase="assess"))
    tagged = {**plan_of(), "waves": [{"name": "x", "machines": [{"source": {"match": [{"name": "DB*"}]}}]}]}
    elsewhere = plan_of("web1", "db1", source={"aws": {"region": "eu-north-1", "vpcId": "vpc-0fff1234"}})

    found = by_name(taken(world, PLACE, **{"db.yaml": tagged, "elsewhere.yaml": elsewhere}))

    assert (world.migration,) == found["web1"].covered_by
    assert ("db.yaml",) == found["db1"].covered_by
    assert () == found["ferry-appliance"].covered_by


def test_a_migration_that_was_not_assessed_yet_covers_what_its_plan_means(world: MigrationHarness) -> None:
    world.take_in(plan_of("web1", name="first"))

    assert (world.migration,) == by_name(taken(world, PLACE))["web1"].covered_by


def test_a_list_of_it_becomes_a_plan(world: MigrationHarness) -> None:
    text = rendered_inventory(taken(world, PLACE), "csv")

    result = import_lists([ListFile("found.csv", text.encode())], "", "shop", ListOptions())

    assert 3 == result.machines
    assert all(f"instanceId: {each}" in result.plan for each in world.instances.values())
    assert not [each for each in result.findings if each.severity == "error"]
    assert "web1" in {row["name"] for row in csv.DictReader(io.StringIO(text))}


def test_a_source_without_machines_gives_an_empty_list(ferry: MigrationHarness) -> None:
    ferry.build(plan_of("web1"))

    found = taken(ferry, {"scenario": "aws-to-azure", "source": {"aws": {"region": "eu-north-1"}}})

    assert ((), 0, ()) == (found.machines, found.uncovered, found.rules)


def test_before_its_server_is_registered_nothing_shows_and_afterwards_everything_does(ferry: MigrationHarness) -> None:
    plan = premises_plan("vmware-to-azure", "web1", "db1")
    ferry.build(plan)
    place = {name: plan[name] for name in ("scenario", "source", "replication", "target")}

    with pytest.raises(Problem, match="not registered with the vault"):
        taken(ferry, place)
    ferry.take_in(plan)
    ferry.prepare(until="register_appliance")
    register(ferry)

    found = taken(ferry, place)

    assert {"web1", "db1"} <= set(by_name(found))
    assert all(each.vm_id.startswith("/subscriptions/") for each in found.machines)


def test_hosts_of_hyper_v_show_their_machines(ferry: MigrationHarness) -> None:
    plan = hyperv_plan("web1", "db1")
    ferry.build(plan)
    ferry.take_in(plan)
    ferry.prepare(until="set_replication_policy")

    found = taken(ferry, {name: plan[name] for name in ("scenario", "source", "target")})

    assert {"WEB1", "DB1"} <= {each.source_name for each in found.machines}
    assert {(ferry.migration,)} == {each.covered_by for each in found.machines if each.name in ("web1", "db1")}


def test_machines_of_another_region_are_listed_without_a_vault(ferry: MigrationHarness) -> None:
    plan = between_regions()
    ferry.build(plan)

    found = taken(ferry, {name: plan[name] for name in ("scenario", "source")})

    assert ["web1"] == [each.name for each in found.machines]


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ({"scenario": "vmware-to-azure"}, "/target"),
        ({"scenario": "vmware-to-azure", "source": PLACE["source"]}, "/target"),
        ({"scenario": "aws-to-azure"}, "/source/aws"),
        ({"scenario": "nowhere"}, "/scenario"),
        ({"source": {"aws": {"region": "?"}}}, "/source/aws/region"),
    ],
)
def test_a_place_that_is_none_is_told_with_every_fault(place: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidPlan) as invalid:
        place_of(place)

    assert where in {each.pointer for each in invalid.value.facts.errors}


def test_a_busy_cloud_is_asked_again(world: MigrationHarness) -> None:
    plan = plan_of("web1")
    world.cloud.fault("throttle", operation="Microsoft.Compute/virtualMachines/read", times=1, retryAfter=1)
    place = {name: plan[name] for name in ("source", "target", "replication")}
    with pytest.raises(Busy):
        taken(world, place)

    assert 3 == len(taken(world, place).machines)


def test_selections_are_shown_before_anything_is_started(world: MigrationHarness) -> None:
    some = [
        {"name": "exact", "source": {"instanceId": world.instances["db1"]}},
        {"source": {"match": [{"name": "*", "exclude": [{"tags": {"Role": "azferry-appliance"}}]}]}},
        {"source": {"tags": {"App": "none"}}},
    ]
    plan = plan_of()

    seen = preview(Plan.model_validate({**plan, "waves": [{**plan["waves"][0], "machines": some}]}))

    everything, nothing = seen.entries
    assert [("web1", world.instances["web1"])] == [(each.name, each.source_id) for each in everything.machines]
    assert (world.instances["db1"],) == everything.elsewhere
    assert ((), 3) == (nothing.machines, seen.listed)


def test_too_few_rights_are_told(world: MigrationHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise CloudRefused("may not describe instances")

    monkeypatch.setattr("shared.sources.aws.source_adapter.list_instances", refused)
    with pytest.raises(Problem, match="may not describe"):
        taken(world, PLACE)


def test_an_order_of_a_plan_is_none_of_an_inventory() -> None:
    assert AssessmentOrder(plan=Plan.model_validate(EXAMPLE)).inventory is None
    assert AssessmentResult().inventory is None
