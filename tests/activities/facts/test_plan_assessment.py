"""A plan that nobody started is judged as a migration would judge it; nothing is written but the assessment itself."""

from typing import Any

import pytest

from shared.contracts.requests import PhaseExit
from shared.ledger import assessments, migrations, source_claims
from shared.ledger.assessments import AssessmentOrder
from shared.models import Scope
from shared.plan.model import Plan
from shared.problems import Busy, Refused
from shared.reporting.assessment import Assessment
from tests.activities.migration_harness import MigrationHarness, plan_of

ID = "acme-0123"


def assess(ferry: MigrationHarness, plan: dict[str, Any]) -> Assessment:
    assessments.save_order(ID, AssessmentOrder(plan=Plan.model_validate(plan), by="ann"))
    ferry.ask("judge_plan", Scope(migration=ID, now=ferry.cloud.now()))
    result = assessments.load_result(ID)
    assert result
    assert result.assessment
    return result.assessment


@pytest.fixture
def world(ferry: MigrationHarness) -> MigrationHarness:
    ferry.build(plan_of("web1", "db1"))
    return ferry


def test_machines_are_told_as_they_were_found_and_what_stops_them(world: MigrationHarness) -> None:
    found = assess(world, plan_of("web1", "db1", "ghost"))

    web1, _, ghost = found.machines
    assert (web1.found, web1.blocked, web1.os_family, web1.state) == (True, False, "linux", "running")
    assert web1.disks_gb
    assert (ghost.found, ghost.blocked, ghost.concerns) == (False, True, ("machine-not-found",))
    worst = found.rules[0]
    assert (worst.id, worst.blocks, [each.machine for each in worst.findings]) == ("machine-not-found", True, ["ghost"])
    assert (found.blocked, found.stopped) == (False, 1)


def test_it_is_judged_as_the_migration_judges_it_when_it_is_started(world: MigrationHarness) -> None:
    plan = plan_of("web1", "db1", "ghost")
    found = assess(world, plan)
    world.take_in(plan)
    for step in ("read_sources", "read_target", "judge_machines"):
        world.ask(step, world.place(phase="assess"))

    for machine in found.machines:
        row = world.row(machine.name)
        assert machine.concerns == tuple(dict.fromkeys(each.id for each in row.concerns))
    row_of_plan = migrations.get(world.migration)
    assert row_of_plan
    of_plan = {rule.id for rule in found.rules for each in rule.findings if not each.machine}
    assert {each.id for each in row_of_plan.concerns} <= of_plan


def test_nothing_is_written_to_any_cloud_and_nothing_looks_like_a_migration(world: MigrationHarness) -> None:
    before = len(world.cloud.log())

    assess(world, plan_of("web1", "db1"))

    assert {"GET"} == {each["method"] for each in world.cloud.log()[before:]}
    assert [] == list(migrations.everything())
    ids = tuple(world.instances.values())
    assert {} == source_claims.busy_elsewhere(ids, "")


def test_a_machine_that_another_migration_has_is_told(world: MigrationHarness) -> None:
    world.take_in(plan_of("web1", name="first"))
    world.ask("read_sources", world.place(phase="assess"))

    found = assess(world, plan_of("web1"))

    assert found.machines[0].blocked
    evidence = [each.evidence for rule in found.rules for each in rule.findings if each.machine == "web1"]
    assert any(world.migration in each for each in evidence)


def test_tags_that_nothing_carries_are_told_and_those_that_something_carries_become_machines(
    ferry: MigrationHarness,
) -> None:
    plan = plan_of()
    wave, carried, not_carried = plan["waves"][0], {"App": "shop"}, {"App": "none"}
    ferry.build({**plan, "waves": [{**wave, "machines": [{"source": {"tags": carried}}]}]})
    some = [{"source": {"tags": carried}}, {"source": {"tags": not_carried}}]

    found = assess(ferry, {**plan, "waves": [{**wave, "machines": some}]})

    assert len(found.machines) == 2
    assert found.unmatched == ("/waves/0/machines/1/source/tags",)


def test_what_the_plan_acknowledges_stops_nothing_and_says_who(world: MigrationHarness) -> None:
    refused = assess(world, plan_of("web1"))
    warning = next(rule for rule in refused.rules if rule.acknowledgeable)
    word = {"concern": warning.id, "reason": "seen for ourselves"}

    found = assess(world, plan_of("web1", acknowledge=[word]))

    rule = next(rule for rule in found.rules if rule.id == warning.id)
    assert {("plan", "seen for ourselves")} == {
        (each.acknowledged_by, each.acknowledged_reason) for each in rule.findings
    }


def test_a_busy_cloud_is_asked_again_and_what_was_read_is_not(world: MigrationHarness) -> None:
    world.cloud.fault("throttle", operation="Microsoft.Compute/virtualMachines/read", times=1, retryAfter=1)
    with pytest.raises(Busy):
        assess(world, plan_of("web1"))
    before = len(world.cloud.log())

    assess(world, plan_of("web1"))

    again = [each["operation"].lower() for each in world.cloud.log()[before:]]
    assert "microsoft.compute/skus/read" not in again


def test_why_a_plan_could_not_be_assessed_is_kept(world: MigrationHarness) -> None:
    problem = Refused("no role").facts
    world.ask("keep_refused_assessment", PhaseExit(migration=ID, problem=problem))

    result = assessments.load_result(ID)
    assert result
    assert result.problem
    assert (result.assessment, result.problem.detail) == (None, "no role")
