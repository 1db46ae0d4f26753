"""Rounds: how each begins, whom it walks, how it ends."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.flow.rounds import phases_of
from activities.flow.wait_rows import arm, wave_watch
from shared.contracts.contracts import PLAN_PHASES
from shared.contracts.requests import PhaseExit, Round
from shared.coordination import gates, operator_intents, waits
from shared.coordination.gates import GateRow
from shared.coordination.operator_intents import Control, Intent
from shared.decisions.rounds import open_roll_back, retry
from shared.decisions.steered import OperatorAction
from shared.ledger import events, migrations, source_claims, waves
from shared.ledger.migrations import MigrationRow
from shared.problems import CloudRefused, Interrupted, Problem, Refused
from shared.states import MachineState, MigrationStatus, Outcome
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import outlives_every_death, told
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of

PROBLEM = CloudRefused("no quota", code="QuotaExceeded", causes="too few cores", advice="Ask for more cores.")
S = MachineState


def two_waves(**changes: Any) -> dict[str, Any]:
    first = plan_of("web1", "web2")["waves"][0]
    second = plan_of("db1")["waves"][0] | {"name": "second", "dependsOn": ["first"]}
    second["machines"] = [{"name": "db1", "source": {"privateIp": "10.0.2.31"}, "bootGroup": 2}]
    return plan_of(**changes) | {"waves": [first, second]}


@pytest.fixture
def both(ferry: MigrationHarness) -> MigrationHarness:
    """Two waves: `first` with web1 and web2, `second` with db1."""
    ferry.take_in(two_waves())
    ferry.enlist()
    return ferry


def migration(ferry: MigrationHarness) -> MigrationRow:
    found = migrations.get(ferry.migration)
    assert found
    return found


def said(ferry: MigrationHarness) -> OperatorAction:
    ferry.cloud.later(60)
    return OperatorAction(by="ann", at=ferry.cloud.now(), comment="not today")


def leaving(ferry: MigrationHarness, problem: Problem | None = None, **more: Any) -> PhaseExit:
    return ferry.place(kind=PhaseExit, problem=problem.facts if problem else None, **more)


# --- begin -------------------------------------------------------------------------------------------------------------


def test_the_first_round_walks_all_phases_of_the_plan_and_all_waves(both: MigrationHarness) -> None:
    walks = both.ask("begin_round", both.place(kind=Round))
    assert (*walks.phases, *walks.roads[0].phases) == tuple(PLAN_PHASES)
    assert walks.roads[0].waves == ("first", "second")
    assert migration(both).status == MigrationStatus.RUNNING


def test_begun_twice_it_walks_the_same(both: MigrationHarness) -> None:
    asked = both.place(kind=Round)
    assert both.ask("begin_round", asked) == both.ask("begin_round", asked)
    same = [each for each in events.page(both.migration)[0] if each.what == "round-began" and each.at == asked.now]
    assert len(same) == 1


def test_a_retry_walks_the_waves_of_its_machines_only(both: MigrationHarness) -> None:
    both.stands("db1", state=S.FAILED, failed_in="initial_sync")
    asked = retry(both.migration, ("db1",), said(both)).begin
    assert asked
    assert both.ask("begin_round", asked).roads[0].waves == ("second",)


def test_a_road_that_this_version_does_not_know_is_a_fault(ferry: MigrationHarness) -> None:
    ferry.take_in(plan_of("web1"))
    plan = ferry.plan
    assert plan
    with pytest.raises(KeyError):
        phases_of(plan.model_copy(update={"scenario": "teleport"}))


# --- members -----------------------------------------------------------------------------------------------------------


def members(ferry: MigrationHarness, wave: str = WAVE, number: int = 1) -> Any:
    return ferry.ask("list_members", ferry.place(wave=wave, phase="migrate_wave", round=number))


def test_a_wave_has_its_own_machines_with_their_boot_groups(both: MigrationHarness) -> None:
    assert [each.name for each in members(both).members] == ["web1", "web2"]
    assert [(each.name, each.boot_group) for each in members(both, "second").members] == [("db1", 2)]


def test_a_wave_that_walks_again_is_not_through_any_more(both: MigrationHarness) -> None:
    both.ask("end_wave", leaving(both, wave=WAVE))
    both.cloud.later(60)
    members(both)
    row = waves.get(both.migration, WAVE)
    assert row
    assert not row.done


def test_machines_that_assessment_stopped_do_not_walk(both: MigrationHarness) -> None:
    both.stands("web1", state=S.FAILED, failed_in="assess")
    assert [each.name for each in members(both).members] == ["web2"]


def test_a_retried_machine_begins_where_it_failed(both: MigrationHarness) -> None:
    for name, phase in (("web1", "initial_sync"), ("web2", "assess")):
        both.stands(name, state=S.FAILED, failed_in=phase)
    retry(both.migration, (), said(both))
    found = members(both, number=2).members
    assert [(each.name, each.resume_at) for each in found] == [("web1", "initial_sync"), ("web2", "")]


@pytest.mark.parametrize("phase", ["verify_test_vm", "accept_test_vm"])
def test_a_rehearsal_that_failed_begins_anew_because_its_copy_was_removed(both: MigrationHarness, phase: str) -> None:
    both.stands("web1", state=S.FAILED, failed_in=phase)
    retry(both.migration, ("web1",), said(both))
    assert [each.resume_at for each in members(both, number=2).members] == ["start_test_failover"]


def test_a_source_that_could_not_be_stopped_proves_anew_that_nothing_is_lost_unless_it_is_off(
    begun: MigrationHarness,
) -> None:
    begun.prepare(until="prepare_vault")
    begun.stands("web1", state=S.FAILED, failed_in="stop_source")
    retry(begun.migration, (), said(begun))
    assert [each.resume_at for each in members(begun, number=2).members] == ["quiesce"]
    begun.ec2().stop_instances(InstanceIds=[begun.instances["web1"]])
    assert [each.resume_at for each in members(begun, number=2).members] == ["stop_source"]


def test_a_machine_of_another_round_does_not_walk_in_this_one(both: MigrationHarness) -> None:
    both.stands("web1", state=S.FAILED, failed_in="initial_sync")
    retry(both.migration, ("web1",), said(both))
    assert [each.name for each in members(both).members] == ["web2"]


@pytest.mark.parametrize(("gate", "tested"), [("auto", True), ("manual", True), ("skip", False)])
def test_a_wave_without_a_test_has_no_phases_of_rehearsal(ferry: MigrationHarness, gate: str, tested: bool) -> None:
    plan = plan_of("web1")
    plan["waves"][0]["gates"]["test"] = gate
    ferry.take_in(plan)
    ferry.enlist()
    listed = members(ferry)
    assert ("start_test_failover" in listed.prepare) == tested
    assert listed.prepare[:4] == ("check_connectivity", "install_agent", "enable_replication", "initial_sync")
    assert listed.land == ("verify", "accept", "complete_migration", "clean_up")


@pytest.mark.parametrize(("mode", "phases"), [("keep", ()), ("terminate", ("decommission_source",))])
def test_sources_are_decommissioned_only_where_the_plan_says_so(
    ferry: MigrationHarness, mode: str, phases: tuple[str, ...]
) -> None:
    ferry.take_in(plan_of("web1", finish={"decommission": {"mode": mode}}))
    ferry.enlist()
    assert members(ferry).afterwards == phases


def test_only_finalized_machines_of_the_round_are_decommissioned(ferry: MigrationHarness) -> None:
    ferry.take_in(plan_of("web1", "web2", finish={"decommission": {"mode": "terminate"}}))
    ferry.enlist()
    ferry.stands("web1", state=S.FINALIZED)
    ferry.stands("web2", state=S.CUT_OVER)
    listed = ferry.ask("list_finalized", ferry.place(wave=WAVE))
    assert [(each.name, each.resume_at) for each in listed.members] == [("web1", "decommission_source")]


@pytest.mark.parametrize("failed_in", ["protect_target", "decommission_source"])
def test_a_round_of_machines_that_are_migrated_walks_no_road_again(ferry: MigrationHarness, failed_in: str) -> None:
    protected = {"region": "northeurope", "network": {"vnet": "vnet-dr"}, "vault": {"name": "rsv-dr"}}
    ferry.take_in(plan_of("web1", finish={"protectTarget": protected, "decommission": {"mode": "terminate"}}))
    ferry.enlist()
    state = S.FINALIZED if failed_in == "protect_target" else S.FAILED
    ferry.stands("web1", state=state, failed_in=failed_in, problem=Refused("no").facts)
    asked = retry(ferry.migration, (), said(ferry)).begin
    assert asked
    walks = ferry.ask("begin_round", asked)
    assert (walks.phases, [(each.phases, each.waves) for each in walks.roads]) == ((), [((), (WAVE,))])
    assert members(ferry, number=2).members == ()
    listed = ferry.ask("list_finalized", ferry.place(wave=WAVE).replace(round=2))
    assert [(each.name, each.resume_at) for each in listed.members] == [("web1", failed_in)]


def test_a_rollback_takes_its_own_machines(both: MigrationHarness) -> None:
    asked = open_roll_back(both.migration, "rollback", ("web1", "db1"), said(both)).begin
    assert asked
    assert [each.name for each in both.ask("list_round", asked).members] == ["db1", "web1"]


# --- ends --------------------------------------------------------------------------------------------------------------


def test_a_wave_that_moved_is_through_and_says_how_it_stands(both: MigrationHarness) -> None:
    both.stands("web1", state=S.FINALIZED)
    both.stands("web2", state=S.CUT_OVER)
    both.ask("end_wave", leaving(both, wave=WAVE))
    row = waves.get(both.migration, WAVE)
    assert row
    assert (row.done, row.succeeded) == (True, True)
    assert "wave first is through: 1 CutOver, 1 Finalized" in [each.text for each in events.page(both.migration)[0]]


def test_a_wave_of_which_a_machine_failed_did_not_succeed(both: MigrationHarness) -> None:
    both.stands("web1", state=S.FINALIZED)
    both.stands("web2", state=S.FAILED)
    both.ask("end_wave", leaving(both, wave=WAVE))
    row = waves.get(both.migration, WAVE)
    assert row
    assert (row.done, row.succeeded) == (True, False)


def test_the_end_of_a_wave_wakes_those_that_wait_for_it(both: MigrationHarness) -> None:
    look = both.look(phase="cohort-1", instance="window")
    arm(look, waits.WaitKind.WAVE, wave_watch(both.migration))
    woken = both.ask("end_wave", leaving(both, wave=WAVE)).announcements
    assert [(each.instance, each.event) for each in woken] == [("window", "look:1")]


def test_the_last_round_ends_the_migration_and_lets_go_of_everything(both: MigrationHarness) -> None:
    for name in ("web1", "web2", "db1"):
        both.stands(name, state=S.FINALIZED)
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
    both.stands("db1", state=S.FAILED, failed_in="initial_sync")
    retry(both.migration, ("db1",), said(both))
    source_claims.claim(both.migration, ("i-web1",))
    both.ask("end_round", leaving(both))
    row = migration(both)
    assert (row.status, row.open_rounds) == (MigrationStatus.RUNNING, (2,))
    assert source_claims.busy_elsewhere(("i-web1",), "another") == {"i-web1": both.migration}


def test_a_problem_of_the_plan_fails_the_machines_that_had_not_begun(both: MigrationHarness) -> None:
    both.stands("web1", state=S.FAILED, failed_in="assess", problem=Interrupted("its own").facts)
    migrations.change(both.place(), phase="prepare_vault")
    both.ask("end_round", leaving(both, PROBLEM))
    row = migration(both)
    assert row.outcome == Outcome.FAILED
    assert row.problem
    assert (row.problem.code, row.problem.causes) == ("QuotaExceeded", "too few cores")
    machine = both.row("db1")
    assert (machine.state, machine.failed_in, machine.waiting_for) == (S.FAILED, "prepare_vault", "Ask for more cores.")
    assert machine.problem
    assert machine.problem.code == "QuotaExceeded"
    assert both.row("web1").failed_in == "assess"


@pytest.mark.parametrize(("before", "now"), [("prepare_vault", "set_replication_policy"), ("fail_over", "fail_over")])
def test_a_retry_that_the_plan_stops_says_where_unless_its_machine_had_come_further(
    both: MigrationHarness, before: str, now: str
) -> None:
    for name in ("web1", "web2"):
        both.stands(name, state=S.FINALIZED)
    both.stands("db1", state=S.FAILED, failed_in=before)
    retry(both.migration, ("db1",), said(both))
    migrations.change(both.place(), phase="set_replication_policy")
    both.ask("end_round", leaving(both, PROBLEM).replace(round=2))
    assert (both.row("db1").state, both.row("db1").failed_in) == (S.FAILED, now)


def test_a_cancelled_round_cancels_the_machines_that_had_not_begun(both: MigrationHarness) -> None:
    both.ask("end_round", leaving(both, Interrupted("ann asked for cancel", extra={"intent": "cancel"})))
    assert {both.row(name).state for name in ("web1", "web2", "db1")} == {S.CANCELLED}
    assert migration(both).outcome == Outcome.CANCELLED


def test_a_problem_of_the_plan_leaves_a_machine_alone_that_a_flow_has(both: MigrationHarness) -> None:
    both.stands("web1", owner="roll-back")
    both.ask("end_round", leaving(both, PROBLEM))
    assert both.row("web1").state == S.NOT_READY


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
        ferry.stands("db1", state=S.FINALIZED)
        ferry.ask("start_watch", ferry.place())
        source_claims.claim(ferry.migration, ("i-web1",))
        gates.open_gate(GateRow(migration=ferry.migration, name="test", wave=WAVE, pending=("web1",)))
        left = leaving(ferry, problem)
        return lambda: ferry.ask("end_round", left)

    def seen() -> str:
        return told(ferry) + f"\nclaimed: {source_claims.busy_elsewhere(('i-web1',), 'another')}"

    outlives_every_death(dying, fresh, seen)


# --- lives -----------------------------------------------------------------------------------------------------------


def test_a_round_that_was_lost_goes_on_under_other_ids_and_where_each_machine_stood(both: MigrationHarness) -> None:
    both.stands("web1", phase="initial_sync", state=S.INITIAL_SYNC)
    assert both.ask("begin_round", both.place(kind=Round)).life == 1
    assert migrations.next_life(both.migration, 1, lost=1) == 2
    assert migrations.next_life(both.migration, 1, lost=1) == 2  # its twin

    life = both.ask("begin_round", both.place(kind=Round)).life
    assert life == 2
    listed = both.ask("list_members", both.place().replace(wave="first", life=life))
    assert {each.name: each.resume_at for each in listed.members} == {"web1": "initial_sync", "web2": ""}


def test_a_way_back_that_was_lost_has_a_life_of_its_own(both: MigrationHarness) -> None:
    begun = open_roll_back(both.migration, "rollback", ("web1",), said(both)).begin
    assert begun
    assert both.ask("list_round", begun).life == 1
    migrations.next_life(both.migration, begun.round, lost=1)
    assert both.ask("list_round", begun).life == 2
    assert both.ask("begin_round", both.place(kind=Round)).life == 1
