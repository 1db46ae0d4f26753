"""Rolling back: the source serves again, and never at the same time as the target."""

import pytest

from orchestrators.roll_back import roll_back, roll_back_machine
from shared.contracts.requests import PollResult, where
from shared.contracts.rounds import CutoverProgress, Member, Members, Round
from shared.models import Done
from shared.problems import Refused
from tests.orchestrators.happy_path import MACHINE, happy_stage, says

STEPS = (
    "start_test_clean_up",
    "fence_target",
    "cancel_failover",
    "start_source_machine",
    "send_command",
    "start_disabling",
    "poll_gone",
)


def round_of(purpose):
    return Round(**where(MACHINE.replace(phase=purpose)), purpose=purpose)


def steps(purpose="rollback", **standing):
    stage = happy_stage(read_standing=says(CutoverProgress(**standing)))
    assert Done() == stage.play(roll_back_machine, round_of(purpose))
    return [name for name in stage.journal if name in STEPS]


def test_before_the_source_was_touched_there_is_nothing_to_undo_and_replication_is_kept():
    assert steps(protected=True) == []


def test_a_running_test_is_cleaned_up():
    assert steps(protected=True, test_running=True) == ["start_test_clean_up"]


def test_stopped_services_are_started_again():
    assert steps(protected=True, services_stopped=True) == ["send_command"]


def test_a_stopped_source_is_started_and_replication_is_kept_before_the_failover():
    assert steps(protected=True, source_stopped=True) == ["start_source_machine"]


def test_after_the_failover_the_target_is_fenced_before_the_source_starts_and_replication_ends():
    walked = steps(protected=True, source_stopped=True, failed_over=True, target_exists=True)

    assert walked == ["fence_target", "start_source_machine", "start_disabling", "poll_gone"]


AFTER_A_PLANNED_FAILOVER = {
    "protected": True,
    "source_stopped": True,
    "failed_over": True,
    "target_exists": True,
    "cancellable": True,
}


def test_a_failover_that_can_be_cancelled_is_and_replication_is_kept():
    assert steps(**AFTER_A_PLANNED_FAILOVER) == ["fence_target", "cancel_failover", "start_source_machine"]


def test_a_cancelled_migration_cancels_no_failover_because_replication_ends_anyway():
    walked = steps("cancel", **AFTER_A_PLANNED_FAILOVER)
    assert walked == ["fence_target", "start_source_machine", "start_disabling", "poll_gone"]


def test_where_a_failover_cannot_be_cancelled_after_all_the_source_starts_and_replication_ends():
    def refuse(wire):
        raise Refused("the failover cannot be cancelled")

    stage = happy_stage(read_standing=says(CutoverProgress(**AFTER_A_PLANNED_FAILOVER)), cancel_failover=refuse)
    assert Done() == stage.play(roll_back_machine, round_of("rollback"))
    walked = [name for name in stage.journal if name in STEPS]
    assert walked == ["fence_target", "cancel_failover", "start_source_machine", "start_disabling", "poll_gone"]


def test_a_cancellation_ends_replication_too():
    assert steps("cancel", protected=True) == ["start_disabling", "poll_gone"]


def test_a_failover_under_way_is_waited_for_because_it_cannot_be_cancelled():
    standings = iter([CutoverProgress(failover_job="job-9"), CutoverProgress(failed_over=True, target_exists=True)])
    stage = happy_stage(read_standing=lambda wire: next(standings))
    stage.play(roll_back_machine, round_of("rollback"))

    assert stage.journal.index("poll_job") < stage.journal.index("fence_target")


def test_the_machine_is_taken_over_only_when_its_flow_let_go():
    answers = iter([PollResult(patience=60), PollResult(settled=True)])
    stage = happy_stage(take_over=lambda wire: next(answers))
    stage.play(roll_back_machine, round_of("rollback"))

    assert stage.journal[:3] == ["take_over", "take_over", "read_standing"]


def test_a_step_that_is_refused_is_told_and_the_steps_behind_it_do_not_run():
    def refuse(wire):
        raise Refused("the target cannot be deallocated")

    standing = CutoverProgress(failed_over=True, target_exists=True, source_stopped=True)
    stage = happy_stage(read_standing=says(standing), fence_target=refuse)

    with pytest.raises(Refused):
        stage.play(roll_back_machine, round_of("rollback"))
    assert "start_source_machine" not in stage.journal
    marked = next(wire for name, wire in stage.calls if name == "mark_rolled_back")
    assert marked["problem"]["detail"] == "the target cannot be deallocated"


def test_all_machines_go_back_side_by_side_and_the_round_is_closed():
    listed = Members(members=(Member(name="db1"), Member(name="web1")))
    stage = happy_stage(list_round=says(listed))
    request = Round(migration="finance.1", round=2, purpose="cancel")
    stage.play(roll_back, request)

    assert stage.journal.count("mark_rolled_back") == 2
    assert stage.journal[-2:] == ["close_rules", "end_round"]


def test_no_source_starts_while_a_failover_does_not_end():
    standing = CutoverProgress(failover_job="job-9", source_stopped=True)
    stage = happy_stage(read_standing=says(standing))

    with pytest.raises(Refused, match="still under way"):
        stage.play(roll_back_machine, round_of("rollback"))
    assert "start_source_machine" not in stage.journal


def test_a_source_that_may_never_have_stopped_gets_its_services_back_too():
    walked = steps(protected=True, source_stopped=True, services_stopped=True)
    assert walked == ["start_source_machine", "send_command"]
