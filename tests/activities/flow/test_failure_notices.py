"""People are told of what failed: a machine, a road, a window; who serves nowhere then is told of as such."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.flow.missed_window import fail_members, window_missed
from activities.flow.window_admission import Admission
from shared.contracts.cohorts import Cohort
from shared.contracts.requests import PhaseExit
from shared.contracts.rounds import Member
from shared.ledger.serving import down
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import outlives_every_death
from tests.activities.flow.walking import PROBLEM, enter, leaving
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.notices import listen, notices, topics


@pytest.fixture
def heard(enlisted: MigrationHarness, monkeypatch: pytest.MonkeyPatch) -> MigrationHarness:
    listen(monkeypatch)
    return enlisted


def test_a_machine_that_failed_is_told_of_with_its_problem_and_its_command(heard: MigrationHarness) -> None:
    enter(heard, "web1", "initial_sync")
    heard.ask("leave", leaving(heard, "initial_sync", PROBLEM))

    (notice,) = notices(heard)
    assert (notice.topic, notice.machine, notice.wave, notice.cause) == ("failed", "web1", WAVE, PROBLEM.facts.id)
    assert notice.text == f"{PROBLEM.facts.title}: no room Make room."
    assert notice.command == f"azferry retry {heard.migration} --machine web1"


def test_one_that_serves_nowhere_then_is_told_of_as_such_too(heard: MigrationHarness) -> None:
    enter(heard, "web1", "fail_over")
    heard.stands("web1", service=down(heard.cloud.now()))
    heard.ask("leave", leaving(heard, "fail_over", PROBLEM))

    assert topics(heard) == [("failed", "web1"), ("serves-nowhere", "web1")]


def test_a_window_that_was_missed_is_told_as_that(heard: MigrationHarness) -> None:
    heard.stands("web1", state=MachineState.READY_FOR_CUTOVER)
    cohort: Cohort = heard.look("", "cohort-1", kind=Cohort, number=1, machines=(Member(name="web1"),))
    cohort = cohort.replace(wave=WAVE)
    for _ in range(2):
        fail_members(cohort, window_missed(cohort, Admission()))

    (notice,) = notices(heard)
    assert (notice.topic, notice.machine) == ("window-missed", "web1")
    assert "skip" in notice.text


def test_a_plans_own_phase_that_failed_and_the_end_are_told_of_the_migration(heard: MigrationHarness) -> None:
    left = heard.place("", kind=PhaseExit, problem=PROBLEM.facts)
    for _ in range(2):
        heard.ask("end_round", left)

    assert topics(heard) == [("failed", ""), ("migration-ended", "")]
    assert notices(heard)[-1].text.startswith("the migration ended: ")


def test_wherever_the_host_dies_a_failure_is_told_once(
    ferry: MigrationHarness, dying: Callable[..., Dying], monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(monkeypatch)
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(plan_of("web1", name=next(names)))
        ferry.enlist()
        enter(ferry, "web1", "initial_sync")
        left = leaving(ferry, "initial_sync", PROBLEM)
        return lambda: ferry.ask("leave", left)

    outlives_every_death(dying, fresh, lambda: str(topics(ferry)))


def test_that_too_many_failed_and_the_others_wait_is_told_with_the_command_that_lets_them_go_on(
    ferry: MigrationHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(monkeypatch)
    ferry.take_in(plan_of("web1", "db1", limits={"failureTolerance": 0}))
    ferry.enlist()
    enter(ferry, "web1", "initial_sync")
    for _ in range(2):
        ferry.ask("leave", leaving(ferry, "initial_sync", PROBLEM))

    assert topics(ferry) == [("failed", ""), ("failed", "web1")]
    (paused,) = [each for each in notices(ferry) if not each.machine]
    assert paused.text.startswith("the others are paused: 1 of 2 machines failed, the plan tolerates 0")
    assert paused.command == f"azferry resume {ferry.migration}"
