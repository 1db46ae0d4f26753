"""What the assessment finds stops what it is about: a machine, a road, or everything; and all of it is told at once."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.contracts.requests import Poll, where
from shared.contracts.rounds import RoadRun
from shared.coordination.decision import Decision
from shared.decisions.rounds import retry
from shared.ledger import machines
from shared.problems import Refused
from shared.reporting.ledger_views import migration as seen
from shared.states import MachineState
from tests.activities.crash_matrix import ledger_text
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.clouds import VAULT, resource

STEPS = ("read_sources", "read_target", "judge_machines")
INPUTS = Path(__file__).parents[2] / "inputs"
VAULTS = resource("Microsoft.RecoveryServices/vaults", "{}")
MISSING = {"name": "rsv-missing", "resourceGroup": VAULT.resource_group}


def two_roads(**vault: Any) -> dict[str, Any]:
    """A plan whose second wave goes through another vault, which nobody makes."""
    plan = plan_of("web1")
    target = plan["target"] | {"vault": MISSING | vault}
    machine = {"name": "db1", "source": {"privateIp": "10.0.2.31"}}
    second = plan["waves"][0] | {"name": "second", "target": target, "machines": [machine]}
    return plan | {"waves": [*plan["waves"], second]}


@pytest.fixture
def forked(ferry: MigrationHarness) -> MigrationHarness:
    ferry.begin(plan=two_roads())
    ferry.gone(VAULTS.format("rsv-missing"))
    return ferry


def assess(ferry: MigrationHarness, number: int = 1) -> None:
    for step in STEPS:
        ferry.ask(step, ferry.place(phase="assess", round=number))


def enter(ferry: MigrationHarness, wave: str, number: int = 1) -> bool:
    here = ferry.place(wave=wave, phase="prepare_vault", round=number)
    return bool(ferry.ask("enter", Poll(**where(here), owner="road")).settled)


def test_a_vault_that_is_missing_stops_its_own_road_only(forked: MigrationHarness) -> None:
    assess(forked)
    stopped = forked.row("db1")
    assert (stopped.state, stopped.failed_in) == (MachineState.FAILED, "assess")
    assert stopped.problem
    assert "there is no vault rsv-missing" in stopped.problem.detail
    assert stopped.release == f"azferry retry {forked.migration} --machine db1"
    assert forked.row("web1").state == MachineState.NOT_READY
    assert "vault-missing" in [each.id for each in seen(forked.migration, forked.cloud.now()).concerns]


def test_of_a_road_that_was_stopped_nothing_is_prepared(forked: MigrationHarness) -> None:
    assess(forked)
    assert enter(forked, "")
    here = forked.place(wave="second", phase="migrate_road", kind=RoadRun)
    with pytest.raises(Refused, match="there is no vault rsv-missing"):
        forked.play("migrate_road", here.replace(phases=("prepare_vault",), waves=("second",)))
    assert forked.effects("*vaults*") == []


def test_once_its_vault_is_there_a_retry_takes_the_road_up_again(forked: MigrationHarness) -> None:
    assess(forked)
    forked.cloud.put(VAULTS.format("rsv-missing"), properties={})
    forked.cloud.later(60)
    retry(forked.migration, ("db1",), Decision(by="ann", at=forked.cloud.now()))
    assess(forked, 2)
    assert (forked.row("db1").state, forked.row("db1").problem) == (MachineState.NOT_READY, None)
    assert enter(forked, "second", 2)


def test_a_retry_of_one_road_is_not_stopped_by_another(forked: MigrationHarness) -> None:
    assess(forked)
    forked.stands("web1", state=MachineState.FAILED, failed_in="assess")
    forked.cloud.later(60)
    retry(forked.migration, ("web1",), Decision(by="ann", at=forked.cloud.now()))
    assess(forked, 2)
    assert forked.row("web1").state == MachineState.NOT_READY


def test_where_every_road_is_stopped_the_round_ends(ferry: MigrationHarness) -> None:
    plan = two_roads()
    plan["target"] = plan["target"] | {"vault": MISSING | {"name": "rsv-none"}}
    ferry.begin(plan=plan)
    for name in ("rsv-none", "rsv-missing"):
        ferry.gone(VAULTS.format(name))
    with pytest.raises(Refused) as refused:
        assess(ferry)
    assert {"there is no vault rsv-none", "there is no vault rsv-missing"} <= {
        part.partition(": ")[2] for part in refused.value.facts.detail.split("; ")
    }


def test_judged_twice_it_says_the_same(forked: MigrationHarness) -> None:
    assess(forked)
    before = ledger_text(forked)
    forked.ask("judge_machines", forked.place(phase="assess"))
    assert ledger_text(forked) == before


# --- all at once -------------------------------------------------------------------------------------------------------


def test_everything_that_a_plan_names_and_azure_does_not_have_is_told_at_once(ferry: MigrationHarness) -> None:
    plan = yaml.safe_load((INPUTS / "named-resources-missing.plan.yaml").read_text())
    ferry.begin(plan=plan)
    with pytest.raises(Refused, match="there is no storage account stgone in rg-case") as refused:
        assess(ferry)
    missing = (
        "disk encryption set des-gone",
        "proximity placement group ppg-gone",
        "capacity reservation group crg-gone",
    )
    for name in missing:
        assert f"there is no {name} in rg-case" in refused.value.facts.detail
    of_machine = {each.id: each.evidence for each in ferry.row("a1").concerns}
    assert of_machine["own-resource-missing"] == "there is no availability set as-gone in rg-case"
    replicating = ferry.effects("Microsoft.RecoveryServices/*")
    assert replicating == [], "nothing was changed"


# --- what is not known -------------------------------------------------------------------------------------------------


def test_what_is_not_known_is_one_line_for_each_rule_however_many_machines(ferry: MigrationHarness) -> None:
    plan = plan_of(*(f"m{number}" for number in range(7)))
    plan["target"] |= {"size": "Standard_D2s_v5"}
    ferry.begin(plan=plan)
    ferry.cloud.fault("server-error", operation="*skus/read", status=403, code="AuthorizationFailed", times=None)
    assess(ferry)
    unknown = [each for each in seen(ferry.migration, ferry.cloud.now()).concerns if each.id == "fact-unknown"]
    assert [each.evidence for each in unknown if each.evidence.startswith("size-not-in-region ")] == [
        "size-not-in-region was not judged: sizes is not known of 7 machines (m0, m1, m2, m3, m4 and 2 more)"
    ]
    rules = [each.evidence.partition(" was ")[0] for each in unknown]
    assert len(rules) == len(set(rules))
    rows = list(machines.list(ferry.migration))
    assert not [each for row in rows for each in row.concerns if each.id == "fact-unknown"]
    assert {row.unjudged["size-not-in-region"] for row in rows} == {"sizes"}
