"""The end of a round: what becomes of its machines and of what the migration held; a death in between loses nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.coordination import gates, operator_intents, waits
from shared.coordination.gate_row import GateRow
from shared.coordination.operator_intents import Control, Intent
from shared.decisions.rounds import retry
from shared.ledger import migrations, source_claims
from shared.problems import CloudRefused, Interrupted, Problem
from shared.states import MachineState, MigrationStatus, Outcome
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import ledger_text, outlives_every_death
from tests.activities.flow.two_waves import decision_now, leaving, migration, two_waves
from tests.activities.migration_harness import WAVE, MigrationHarness

PROBLEM = CloudRefused("no quota", code="QuotaExceeded", causes="too few cores", advice="Ask for more cores.")


def test_the_last_round_ends_the_migration_and_lets_go_of_everything(both: MigrationHarness) -> None:
    for name in ("web1", "web2", "db1"):
        both.stands(name, state=MachineState.FINALIZED)
    source_claims.claim(both.migration, ("i-web1",))
    gates.open_gate(GateRow(migration=both.migration, name="test", wave=WAVE, pending=("web1",)))
    both.ask("start_watch", both.place())
    both.ask("end_round", leaving(both))
    row = migration(both)
    assert (row.status, row.outcome, row.open_rounds) == (MigrationStatus.ENDED, Outcome.SUCCEEDED, ())
    assert row.ended_at
    assert source_claims.busy_elsewhere(("i-web1",), "another") == {}
    assert list(gates.of_migration(both.migration)) == []
    assert waits.of_migration(both.migration) == ()


def test_a_round_that_ends_while_another_runs_ends_only_itself(both: MigrationHarness) -> None:
    both.stands("db1", state=MachineState.FAILED, failed_in="initial_sync")
    retry(both.migration, ("db1",), decision_now(both))
    source_claims.claim(both.migration, ("i-web1",))
    both.ask("end_round", leaving(both))
    row = migration(both)
    assert (row.status, row.open_rounds) == (MigrationStatus.RUNNING, (2,))
    assert source_claims.busy_elsewhere(("i-web1",), "another") == {"i-web1": both.migration}


def test_a_problem_of_the_plan_fails_the_machines_that_had_not_begun(both: MigrationHarness) -> None:
    both.stands("web1", state=MachineState.FAILED, failed_in="assess", problem=Interrupted("its own").facts)
    migrations.change(both.place(), phase="prepare_vault")
    both.ask("end_round", leaving(both, PROBLEM))
    row = migration(both)
    assert row.outcome == Outcome.FAILED
    assert row.problem
    assert (row.problem.code, row.problem.causes) == ("QuotaExceeded", "too few cores")
    machine = both.row("db1")
    assert (machine.state, machine.failed_in, machine.waiting_for) == (
        MachineState.FAILED,
        "prepare_vault",
        "Ask for more cores.",
    )
    assert machine.problem
    assert machine.problem.code == "QuotaExceeded"
    assert both.row("web1").failed_in == "assess"


@pytest.mark.parametrize(("before", "now"), [("prepare_vault", "set_replication_policy"), ("fail_over", "fail_over")])
def test_a_retry_that_the_plan_stops_says_where_unless_its_machine_had_come_further(
    both: MigrationHarness, before: str, now: str
) -> None:
    for name in ("web1", "web2"):
        both.stands(name, state=MachineState.FINALIZED)
    both.stands("db1", state=MachineState.FAILED, failed_in=before)
    retry(both.migration, ("db1",), decision_now(both))
    migrations.change(both.place(), phase="set_replication_policy")
    both.ask("end_round", leaving(both, PROBLEM).replace(round=2))
    assert (both.row("db1").state, both.row("db1").failed_in) == (MachineState.FAILED, now)


def test_a_cancelled_round_cancels_the_machines_that_had_not_begun(both: MigrationHarness) -> None:
    both.ask("end_round", leaving(both, Interrupted("ann asked for cancel", extra={"intent": "cancel"})))
    assert {both.row(name).state for name in ("web1", "web2", "db1")} == {MachineState.CANCELLED}
    assert migration(both).outcome == Outcome.CANCELLED


def test_a_problem_of_the_plan_leaves_a_machine_alone_that_a_flow_has(both: MigrationHarness) -> None:
    both.stands("web1", owner="roll-back")
    both.ask("end_round", leaving(both, PROBLEM))
    assert both.row("web1").state == MachineState.NOT_READY


def test_a_pause_by_failures_does_not_outlast_the_migration(both: MigrationHarness) -> None:
    operator_intents.set_intent(
        Control(migration=both.migration, intent=Intent.PAUSE, by="failure tolerance", at=both.cloud.now())
    )
    both.cloud.later(60)
    both.ask("end_round", leaving(both))
    assert operator_intents.intent(both.migration).intent == Intent.RUN


@pytest.mark.parametrize("problem", [None, PROBLEM])
def test_ending_a_round_outlives_every_death(
    ferry: MigrationHarness, dying: Callable[..., Dying], problem: Problem | None
) -> None:
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(two_waves(name=next(names)))
        ferry.enlist()
        ferry.stands("db1", state=MachineState.FINALIZED)
        ferry.ask("start_watch", ferry.place())
        source_claims.claim(ferry.migration, ("i-web1",))
        gates.open_gate(GateRow(migration=ferry.migration, name="test", wave=WAVE, pending=("web1",)))
        left = leaving(ferry, problem)
        return lambda: ferry.ask("end_round", left)

    def seen() -> str:
        return ledger_text(ferry) + f"\nclaimed: {source_claims.busy_elsewhere(('i-web1',), 'another')}"

    outlives_every_death(dying, fresh, seen)
