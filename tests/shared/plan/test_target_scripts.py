"""Scripts on the VM in Azure: whose turn they are, and what a change may ease once a cutover has begun."""

from datetime import timedelta
from typing import Any

import pytest

from shared.plan.model import Plan
from shared.plan.reader import to_plan
from shared.plan.target_scripts import TargetScript, due, only_relaxed
from shared.problems import InvalidPlan
from tests.activities.migration_harness import plan_of


def script(name: str = "dns", when: str = "cutover", **more: Any) -> TargetScript:
    return TargetScript.model_validate({"name": name, "when": when, "script": "exit 0", **more})


LISTED = (
    script("dns"),
    script("trial", "rehearsal"),
    script("agent", "both", system="linux"),
    script("domain", "both", system="windows"),
)


@pytest.mark.parametrize(
    ("system", "test", "names"),
    [
        ("linux", False, ["dns", "agent"]),
        ("windows", False, ["dns", "domain"]),
        ("linux", True, ["trial", "agent"]),
        ("", True, ["trial", "agent", "domain"]),
    ],
    ids=["cutover-linux", "cutover-windows", "rehearsal-linux", "not-known-yet"],
)
def test_those_run_that_are_for_the_stage_and_the_system(system: str, test: bool, names: list[str]) -> None:
    assert [each.name for each in due(LISTED, system, test=test)] == names


def test_a_machine_has_its_own_or_those_of_its_wave() -> None:
    document = plan_of("a", "b")
    document["waves"][0]["targetScripts"] = [{"name": "dns", "when": "cutover", "script": "exit 0"}]
    document["waves"][0]["machines"][1]["targetScripts"] = [{"name": "own", "when": "both", "script": "exit 0"}]
    (wave,) = Plan.model_validate(document).waves
    assert [[each.name for each in wave.target_scripts_of(machine)] for machine in wave.machines] == [["dns"], ["own"]]


@pytest.mark.parametrize(
    ("after", "eased"),
    [
        ([script()], True),
        ([script(mustSucceed=False)], True),
        ([script(timeout="PT1H")], True),
        ([script(timeout="PT1M")], False),
        ([script(script="exit 1")], False),
        ([script(when="both")], False),
        ([script(), script("more")], False),
        ([], False),
    ],
)
def test_only_failures_that_may_be_and_longer_times_relax(after: list[TargetScript], eased: bool) -> None:
    assert only_relaxed([script()], after) == eased
    assert not only_relaxed([script(mustSucceed=False)], [script()]), "what may fail is not made to succeed"


@pytest.mark.parametrize(
    ("scripts", "where", "why"),
    [
        ([{"name": "a", "when": "both", "script": "x"}] * 2, "/1/name", "is there already"),
        (
            [{"name": "a", "when": "both", "script": "x", "timeout": "PT1S"}],
            "/0/timeout",
            "between ten seconds and a day",
        ),
        ([{"name": "a", "script": "x"}], "/0/when", "is required"),
        ([{"name": "a", "when": "both", "script": "\u20ac" * 16_000}], "/0/script", "agents take 64,000"),
    ],
    ids=["twice", "no-time", "no-when", "too-large"],
)
def test_what_is_wrong_with_them_is_told_with_its_place(scripts: list[Any], where: str, why: str) -> None:
    document = plan_of("a")
    document["waves"][0]["targetScripts"] = scripts
    with pytest.raises(InvalidPlan) as wrong:
        to_plan(document)
    (fault,) = wrong.value.facts.errors
    assert (fault.pointer, why in fault.message) == (f"/waves/0/targetScripts{where}", True), fault.message


def test_they_have_ten_minutes_and_must_succeed_unless_the_plan_says_otherwise() -> None:
    assert (script().timeout, script().must_succeed) == (timedelta(minutes=10), True)
