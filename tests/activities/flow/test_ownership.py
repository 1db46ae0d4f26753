"""Taking a machine over, and what a rollback came to."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.requests import Poll
from shared.contracts.rounds import Round
from shared.contracts.unverified import RollBackOrder
from shared.coordination import waits
from shared.durable.fan_out import Child, Ended, EndedFlows
from shared.ledger import events, migrations
from shared.ledger.machines import NOBODY
from shared.problems import CloudRefused, Refused
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import ledger_text, outlives_every_death
from tests.activities.migration_harness import MigrationHarness, plan_of

PROBLEM = CloudRefused("the source does not start", code="InsufficientInstanceCapacity", advice="Try another zone.")


def taking(ferry: MigrationHarness, turn: int = 1, purpose: str = "rollback") -> Poll:
    look: Poll = ferry.look("web1", purpose, turn, owner="roll-back", instance="roll-back")
    return look.replace(round=2)


def back(ferry: MigrationHarness, purpose: str = "rollback", **more: Any) -> Round:
    return ferry.place("web1", purpose, kind=Round, purpose=purpose, owner="roll-back", round=2, **more)


# --- take_over -------------------------------------------------------------------------------------------------------


def test_a_machine_that_nobody_has_is_ours_at_once(enlisted: MigrationHarness) -> None:
    assert enlisted.ask("take_over", taking(enlisted)).settled
    row = enlisted.row("web1")
    assert (row.owner, row.phase, row.waiting_for) == ("roll-back", "rollback", "the rollback")
    assert waits.of_migration(enlisted.migration) == ()


def test_taken_over_twice_it_stays_ours(enlisted: MigrationHarness) -> None:
    look = taking(enlisted)
    for _ in range(2):
        assert enlisted.ask("take_over", look).settled
    assert [each.what for each in events.page(enlisted.migration)[0]].count("rollback-began") == 1


def test_while_its_flow_is_at_work_it_waits_and_says_for_what(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", owner="walk", phase="initial_sync")
    seen = enlisted.ask("take_over", taking(enlisted))
    assert (seen.settled, seen.patience) == (False, 300)
    row = enlisted.row("web1")
    assert row.owner == "walk"
    assert row.waiting_for == "the running step (initial_sync) to come to a safe end, then rollback begins"
    (wait,) = waits.of_migration(enlisted.migration)
    assert wait.kind == waits.WaitKind.OWNER


def test_a_machine_that_came_through_meanwhile_is_not_taken_back(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", state=MachineState.FINALIZED, phase="clean_up", owner="walk")
    with pytest.raises(Refused, match="complete by now"):
        enlisted.ask("take_over", taking(enlisted))
    assert enlisted.row("web1").owner == "walk"
    assert waits.of_migration(enlisted.migration) == ()


def test_once_the_flow_has_let_go_it_is_ours_and_the_wait_is_gone(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", owner="walk", phase="initial_sync")
    enlisted.ask("take_over", taking(enlisted))
    enlisted.cloud.later(60)
    enlisted.stands("web1", owner="")
    assert enlisted.ask("take_over", taking(enlisted, 2)).settled
    assert waits.of_migration(enlisted.migration) == ()


def test_taking_over_outlives_every_death(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(plan_of("web1", name=next(names)))
        ferry.enlist()
        look = taking(ferry)
        return lambda: ferry.ask("take_over", look)

    outlives_every_death(dying, fresh, lambda: ledger_text(ferry))


# --- mark_rolled_back ------------------------------------------------------------------------------------------------


def test_a_cancelled_machine_is_cancelled_and_free(enlisted: MigrationHarness) -> None:
    enlisted.ask("take_over", taking(enlisted, purpose="cancel"))
    enlisted.ask("mark_rolled_back", back(enlisted, "cancel"))
    row = enlisted.row("web1")
    assert (row.state, row.owner, row.waiting_for) == (MachineState.CANCELLED, "", "")
    assert row.release == f"azferry retry {enlisted.migration} --machine web1"


def test_a_machine_without_replication_is_rolled_back(enlisted: MigrationHarness) -> None:
    enlisted.ask("take_over", taking(enlisted))
    enlisted.ask("mark_rolled_back", back(enlisted))
    assert enlisted.row("web1").state == MachineState.ROLLED_BACK


@pytest.mark.parametrize("purpose", ["rollback", "cancel"])
def test_a_rollback_that_failed_says_so_and_the_same_command_tries_again(
    enlisted: MigrationHarness, purpose: str
) -> None:
    enlisted.ask("take_over", taking(enlisted, purpose=purpose))
    enlisted.ask("mark_rolled_back", back(enlisted, purpose, problem=PROBLEM.facts))
    row = enlisted.row("web1")
    assert (row.state, row.failed_in, row.owner) == (MachineState.FAILED, purpose, "")
    assert row.problem
    assert (row.problem.code, row.problem.advice) == ("InsufficientInstanceCapacity", "Try another zone.")
    assert row.release == f'azferry {purpose} {enlisted.migration} --machine web1 --comment "once more"'


def test_who_waits_for_the_machine_next_is_woken(enlisted: MigrationHarness) -> None:
    enlisted.ask("take_over", taking(enlisted))
    other = enlisted.look("web1", "cancel", owner="cancel-3", instance="cancel-3").replace(round=3)
    assert not enlisted.ask("take_over", other).settled
    announcements = enlisted.ask("mark_rolled_back", back(enlisted))
    assert [each.instance for each in announcements.announcements] == ["cancel-3"]


def test_a_machine_that_never_was_is_nobodys(enlisted: MigrationHarness) -> None:
    rollback = enlisted.place("stranger", "rollback", kind=Round, purpose="rollback")
    assert enlisted.ask("mark_rolled_back", rollback).announcements == ()


@pytest.mark.parametrize("problem", [None, PROBLEM.facts])
def test_marking_outlives_every_death(ferry: MigrationHarness, dying: Callable[..., Dying], problem: Any) -> None:
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(plan_of("web1", name=next(names)))
        ferry.enlist()
        ferry.ask("take_over", taking(ferry))
        ferry.cloud.later(60)
        rollback = back(ferry, problem=problem)
        return lambda: ferry.ask("mark_rolled_back", rollback)

    outlives_every_death(dying, fresh, lambda: ledger_text(ferry))


# --- begin_roll_back -------------------------------------------------------------------------------------------------


def test_an_expired_acceptance_begins_the_rollback_of_this_machine_only(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", state=MachineState.CUT_OVER, phase="accept")
    enlisted.ask("begin_roll_back", enlisted.place("web1", "accept"))
    ((name, _, started),) = enlisted.client.started
    assert name == "roll_back"
    assert (started["purpose"], started["round"]) == ("rollback", 2)
    assert (enlisted.row("web1").round, enlisted.row("db1").round) == (2, 1)


def test_what_the_plan_says_is_who_asked_and_why(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", state=MachineState.CUTTING_OVER, phase="verify")
    place = enlisted.place("web1", "verify", kind=RollBackOrder, by="onVerifyFailed of the plan", why="service nginx")
    enlisted.ask("begin_roll_back", place)
    (opened,) = [each for each in events.page(enlisted.migration)[0] if each.what == "rollback-asked"]
    assert opened.decision
    assert (opened.decision.by, opened.decision.comment) == ("onVerifyFailed of the plan", "service nginx")


def test_begun_twice_it_is_one_rollback(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", state=MachineState.CUT_OVER, phase="accept")
    place = enlisted.place("web1", "accept")
    for _ in range(2):
        enlisted.ask("begin_roll_back", place)
    assert len({instance for _, instance, _ in enlisted.client.started}) == 1
    row = migrations.get(enlisted.migration)
    assert row
    assert row.open_rounds == (1, 2)


def test_the_flow_that_waits_with_the_machine_is_woken(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", state=MachineState.CUT_OVER, phase="accept")
    enlisted.stands("db1", state=MachineState.CUT_OVER, phase="accept")
    waiting = enlisted.look("web1", "rollback", instance="waiter", owner="waiter")
    enlisted.stands("web1", owner="walk")
    enlisted.ask("take_over", waiting)
    enlisted.ask("begin_roll_back", enlisted.place("web1", "accept"))
    assert ("waiter", waiting.event) in enlisted.client.raised


# --- settle_ended ----------------------------------------------------------------------------------------------------


def ended(ferry: MigrationHarness, instance: str, **changes: Any) -> EndedFlows:
    place = ferry.place("web1", "walk-quiesce").replace(**changes)
    request = place.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    problem = Refused("the flow of this step was ended: a hand slipped", id="flow-ended", advice="Retry.").facts
    flow = Ended(child=Child(instance=instance, request=request), problem=problem)
    return EndedFlows(flows=(flow,), now=ferry.cloud.now())


def test_a_machine_whose_flow_was_ended_fails_where_it_stood_and_nobody_has_it(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", owner="walk", phase="stop_source", state=MachineState.CUTTING_OVER)
    enlisted.ask("settle_ended", ended(enlisted, "walk"))
    row = enlisted.row("web1")
    assert (row.state, row.failed_in, row.owner) == (MachineState.FAILED, "stop_source", "")
    assert row.problem
    assert row.problem.id == "flow-ended"
    assert row.release.endswith("retry acme.1 --machine web1")


@pytest.mark.parametrize("changes", [{"owner": "another"}, {"owner": "walk", "round": 2}])
def test_a_machine_that_another_flow_has_is_left_alone(enlisted: MigrationHarness, changes: dict[str, Any]) -> None:
    enlisted.stands("web1", phase="stop_source", state=MachineState.CUTTING_OVER, **changes)
    assert enlisted.ask("settle_ended", ended(enlisted, "walk")).announcements == ()
    assert enlisted.row("web1").state == MachineState.CUTTING_OVER


def test_a_machine_whose_flow_was_lost_can_be_rolled_back(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", owner=NOBODY, phase="initial_sync")
    assert enlisted.ask("take_over", taking(enlisted)).settled
