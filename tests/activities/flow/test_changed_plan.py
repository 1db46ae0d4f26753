"""While a plan is changed its machines enter no phase; a machine that a change took over comes to its new round when it is let go."""

import sys

import pytest

from shared.contracts.cohorts import Cohort
from shared.contracts.rounds import Member, Round
from shared.coordination import waits
from shared.coordination.operator_intents import Intent
from shared.decisions.changing import change_plan
from shared.decisions.people import played
from shared.decisions.steered import said_by
from shared.ledger import migrations
from shared.ledger.plan_change import ChangeStage, RunningChange
from shared.ledger.versioned_row import validated
from shared.models import Announcement, Scope
from shared.plan.model import Plan
from shared.problems import HeldByPause, Interrupted, Refused
from shared.states import MachineState
from tests.activities.flow.walking import enter, leaving, order
from tests.activities.migration_harness import MigrationHarness

READY = {"state": MachineState.READY_FOR_CUTOVER, "owner": ""}


def stage(ferry: MigrationHarness, stage: ChangeStage) -> None:
    change = RunningChange(key="k", version=2, stage=stage)
    place = Scope(migration=ferry.migration, round=0, now=ferry.cloud.now())
    migrations.change_row(place, lambda row: validated(row, {"plan_change": change}))


def test_a_machine_is_held_before_its_next_phase_until_the_change_holds(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", changing=2, **READY)
    stage(enlisted, ChangeStage.PROPOSED)
    look = enlisted.look("web1", "quiesce", owner="walk")
    held = enlisted.ask("enter", look)
    assert (held.settled, held.patience) == (False, 60)
    assert enlisted.row("web1").state == MachineState.READY_FOR_CUTOVER, "nothing has begun"

    enlisted.stands("web1", changing=0)
    stage(enlisted, ChangeStage.DONE)
    assert enlisted.ask("enter", look).settled
    assert enlisted.row("web1").phase == "quiesce"
    assert [each for each in waits.of_migration(enlisted.migration) if each.machine == "web1"] == []


def test_a_hold_that_a_dead_host_left_behind_holds_nobody(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", changing=2, **READY)
    stage(enlisted, ChangeStage.DONE)

    assert enlisted.ask("enter", enlisted.look("web1", "quiesce", owner="walk")).settled


def test_the_round_of_a_change_waits_until_the_flow_before_lets_go(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "initial_sync")
    enlisted.stands("web1", round=2, yields="walk", retarget=2)
    enlisted.round = 2
    look = enlisted.look("web1", "initial_sync", owner="walk-2", instance="walk-2")
    assert not enlisted.ask("enter", look).settled
    assert enlisted.row("web1").owner == "walk"

    enlisted.round = 1
    with pytest.raises(Interrupted, match="taken over by walk"):
        enter(enlisted, "web1", "start_test_failover")
    interrupted = Interrupted("round 2", extra={"intent": "rollback"})
    woken_up = enlisted.ask("leave", leaving(enlisted, "initial_sync", interrupted)).announcements
    assert Announcement(instance="walk-2", event=look.event) in woken_up
    enlisted.round = 2
    assert enlisted.ask("enter", look).settled
    assert (enlisted.row("web1").owner, enlisted.row("web1").round) == ("walk-2", 2)


def test_a_flow_that_nobody_hands_over_to_leaves_a_machine_of_its_own_round_alone(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "initial_sync")
    with pytest.raises(Interrupted, match="taken over by walk"):
        enlisted.ask("enter", enlisted.look("web1", "initial_sync", owner="twin"))


def test_no_cutover_begins_before_site_recovery_was_told(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", retarget=2, **READY)
    with pytest.raises(Refused) as refused:
        enter(enlisted, "web1", "quiesce")

    assert (refused.value.facts.id, "retry" in refused.value.facts.advice) == ("target-not-told", True)
    assert enlisted.row("web1").state == MachineState.READY_FOR_CUTOVER
    assert enter(enlisted, "web1", "initial_sync").settled, "where it is told it may go"


def test_what_the_flow_before_comes_to_moves_no_machine_that_a_later_round_stopped(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "clean_up_test_failover")
    enlisted.stands("web1", round=2, yields="walk", state=MachineState.FAILED, failed_in="assess")
    enlisted.ask("leave", leaving(enlisted, "clean_up_test_failover"))

    assert (enlisted.row("web1").state, enlisted.row("web1").owner) == (MachineState.FAILED, "")


def test_a_held_machine_goes_into_no_rehearsal_of_several(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", changing=2, **READY)
    stage(enlisted, ChangeStage.PROPOSED)
    members = (Member(name="web1"),)
    cohort = enlisted.look("", "rehearsal", kind=Cohort, owner="cohort", machines=members).replace(wave=enlisted.wave)

    assert enlisted.ask("hold_cohort", cohort).members == ()
    stage(enlisted, ChangeStage.DONE)
    assert enlisted.ask("hold_cohort", cohort).members == members


def test_the_first_activity_of_a_phase_waits_too(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", changing=2, **READY)
    stage(enlisted, ChangeStage.PROPOSED)
    with pytest.raises(HeldByPause, match="the plan of its migration is being changed"):
        enlisted.ask("poll_sync", enlisted.look("web1", "initial_sync", enters="walk"))


def test_who_is_paused_and_held_too_waits_for_both(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "initial_sync")
    enlisted.stands("web1", round=2, yields="walk")
    order(enlisted, Intent.PAUSE)
    enlisted.round = 2

    assert not enlisted.ask("enter", enlisted.look("web1", "initial_sync", owner="walk-2")).settled
    assert enlisted.row("web1").owner == "walk"


def test_the_round_of_a_change_first_puts_those_into_it_that_a_dead_host_left(
    enlisted: MigrationHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert enlisted.plan
    document = enlisted.plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    document["waves"][0]["machines"][0]["target"] = {"size": "Standard_D8s_v5"}
    decision = said_by(played("ann"), enlisted.cloud.now(), "more memory")
    with monkeypatch.context() as patched:
        patched.setattr("shared.decisions.change_steps.enlist", lambda *_: sys.exit())
        with pytest.raises(SystemExit):
            change_plan(enlisted.migration, Plan.model_validate(document), 1, decision)
    assert (enlisted.row("web1").round, enlisted.row("web1").changing) == (1, 2)

    enlisted.round = 2
    walks = enlisted.ask("begin_round", enlisted.place(kind=Round))
    assert [each.waves for each in walks.roads] == [(enlisted.wave,)]
    assert (enlisted.row("web1").round, enlisted.row("web1").changing, enlisted.row("web1").retarget) == (2, 0, 2)


def test_a_round_whose_machines_went_another_way_walks_nothing(enlisted: MigrationHarness) -> None:
    enlisted.round = 2
    walks = enlisted.ask("begin_round", enlisted.place(kind=Round))

    assert (walks.phases, walks.roads) == ((), ())
