"""What it costs to read again before a cutover: counted requests, whatever the number of machines that share a reading."""

from collections.abc import Callable

import pytest

from activities.await_window import poll_window
from shared.contracts.requests import Cohort, Member
from shared.ledger import machines
from shared.states import MachineState
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of

TEN_HOURS = {"windows": [{"start": "+PT10H", "length": "PT2H"}], "mode": "machine"}
AT_ONCE = {"mode": "machine"}
MOST_AZURE, MOST_AWS = 9, 4  # requests of one reading: of the target, and of the sources


def prepared(ferry: MigrationHarness, names: tuple[str, ...], cutover: dict[str, object]) -> Cohort:
    plan = plan_of(*names)
    plan["target"]["size"] = "Standard_D2s_v5"
    plan["waves"][0]["cutover"] = cutover
    ferry.begin(plan=plan)
    ferry.prepare(until="prepare_vault")
    for name in names:
        machines.change(ferry.place(name), state=MachineState.READY_FOR_CUTOVER)
    asked: Cohort = ferry.look("", "cohort-1", kind=Cohort)
    return asked.replace(wave=WAVE, number=1, machines=tuple(Member(name=each) for each in names))


def requests(ferry: MigrationHarness, act: Callable[[], object]) -> list[str]:
    before = len(ferry.cloud.log())
    act()
    return [f"{each['method']} {each['operation']}" for each in ferry.cloud.log()[before:]]


@pytest.mark.parametrize("cutover", [TEN_HOURS, AT_ONCE], ids=["while its window is waited for", "as it begins"])
@pytest.mark.parametrize("names", [("a1",), ("a1", "a2", "a3", "a4", "a5", "a6")], ids=["alone", "six"])
def test_one_reading_serves_all_that_wait_and_costs_few_requests(
    ferry: MigrationHarness, names: tuple[str, ...], cutover: dict[str, object]
) -> None:
    asked = prepared(ferry, names, cutover)
    made = requests(ferry, lambda: poll_window(asked))
    assert 0 < len(made) <= MOST_AZURE, made
    assert all(each.startswith("GET") for each in made)


def test_a_look_that_follows_within_a_quarter_of_an_hour_costs_nothing(ferry: MigrationHarness) -> None:
    asked = prepared(ferry, ("a1", "a2"), TEN_HOURS)
    poll_window(asked)
    ferry.cloud.later(600)
    assert requests(ferry, lambda: poll_window(asked.replace(now=ferry.cloud.now()))) == []
