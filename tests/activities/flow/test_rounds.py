"""Rounds: how each begins, whom it walks, how it ends."""

import pytest

from activities.flow.rounds import phases_of
from shared.contracts.contracts import PLAN_PHASES
from shared.contracts.rounds import Round
from shared.decisions.rounds import open_roll_back, retry
from shared.ledger import events
from shared.ledger.migration_rounds import next_life
from shared.problems import Refused
from shared.states import MachineState, MigrationStatus
from tests.activities.flow.two_waves import decision_now, members, migration
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of


def test_the_first_round_walks_all_phases_of_the_plan_and_all_waves(both: MigrationHarness) -> None:
    walks = both.ask("begin_round", both.place(kind=Round))
    assert (*walks.phases, *walks.roads[0].phases) == tuple(PLAN_PHASES)
    assert walks.roads[0].waves == ("first", "second")
    assert migration(both).status == MigrationStatus.RUNNING


def test_begun_twice_it_walks_the_same(both: MigrationHarness) -> None:
    begun = both.place(kind=Round)
    assert both.ask("begin_round", begun) == both.ask("begin_round", begun)
    same = [each for each in events.page(both.migration)[0] if each.what == "round-began" and each.at == begun.now]
    assert len(same) == 1


def test_a_retry_walks_the_waves_of_its_machines_only(both: MigrationHarness) -> None:
    both.stands("db1", state=MachineState.FAILED, failed_in="initial_sync")
    begun = retry(both.migration, ("db1",), decision_now(both)).begin
    assert begun
    assert both.ask("begin_round", begun).roads[0].waves == ("second",)


def test_a_road_that_this_version_does_not_know_is_a_fault(ferry: MigrationHarness) -> None:
    ferry.take_in(plan_of("web1"))
    plan = ferry.plan
    assert plan
    with pytest.raises(KeyError):
        phases_of(plan.model_copy(update={"scenario": "teleport"}))


@pytest.mark.parametrize("failed_in", ["protect_target", "decommission_source"])
def test_a_round_of_machines_that_are_migrated_walks_no_road_again(ferry: MigrationHarness, failed_in: str) -> None:
    protected = {"region": "northeurope", "network": {"vnet": "vnet-dr"}, "vault": {"name": "rsv-dr"}}
    ferry.take_in(plan_of("web1", finish={"protectTarget": protected, "decommission": {"mode": "terminate"}}))
    ferry.enlist()
    state = MachineState.FINALIZED if failed_in == "protect_target" else MachineState.FAILED
    ferry.stands("web1", state=state, failed_in=failed_in, problem=Refused("no").facts)
    begun = retry(ferry.migration, (), decision_now(ferry)).begin
    assert begun
    walks = ferry.ask("begin_round", begun)
    assert (walks.phases, [(each.phases, each.waves) for each in walks.roads]) == ((), [((), (WAVE,))])
    assert members(ferry, number=2).members == ()
    listed = ferry.ask("list_finalized", ferry.place(wave=WAVE).replace(round=2))
    assert [(each.name, each.resume_at) for each in listed.members] == [("web1", failed_in)]


def test_a_rollback_takes_its_own_machines(both: MigrationHarness) -> None:
    begun = open_roll_back(both.migration, "rollback", ("web1", "db1"), decision_now(both)).begin
    assert begun
    assert [each.name for each in both.ask("list_round", begun).members] == ["db1", "web1"]


def test_a_round_that_was_lost_goes_on_under_other_ids_and_where_each_machine_stood(both: MigrationHarness) -> None:
    both.stands("web1", phase="initial_sync", state=MachineState.INITIAL_SYNC)
    assert both.ask("begin_round", both.place(kind=Round)).life == 1
    assert next_life(both.migration, 1, lost=1) == 2
    assert next_life(both.migration, 1, lost=1) == 2  # its twin

    life = both.ask("begin_round", both.place(kind=Round)).life
    assert life == 2
    listed = both.ask("list_members", both.place().replace(wave="first", life=life))
    assert {each.name: each.resume_at for each in listed.members} == {"web1": "initial_sync", "web2": ""}


def test_a_way_back_that_was_lost_has_a_life_of_its_own(both: MigrationHarness) -> None:
    begun = open_roll_back(both.migration, "rollback", ("web1",), decision_now(both)).begin
    assert begun
    assert both.ask("list_round", begun).life == 1
    next_life(both.migration, begun.round, lost=1)
    assert both.ask("list_round", begun).life == 2
    assert both.ask("begin_round", both.place(kind=Round)).life == 1
