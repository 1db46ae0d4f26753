"""A wave that is rehearsed as recovery plans: all in step first, one test, then each machine by itself."""

from orchestrators.migrate_wave import migrate_wave
from orchestrators.rehearse import prepare_together, rehearse
from shared.contracts.cohorts import Cohort, Cohorts, GroupPreparation
from shared.contracts.requests import PollResult, where
from shared.contracts.rounds import Member, Members
from shared.problems import Refused
from tests.orchestrators.happy_path import LAND, PLAN, PREPARE, happy_stage, says

SHOP = PLAN.replace(wave="shop", phase="migrate_wave")
DB, WEB, APP = Member(name="db1", boot_group=1), Member(name="web1", boot_group=2), Member(name="app1", boot_group=2)


def machines(stage, activity):
    return [wire["machine"] for name, wire in stage.calls if name == activity]


def preparing(*members):
    return GroupPreparation(**where(SHOP), machines=members, phases=PREPARE)


def cohort(*members):
    land = PREPARE[PREPARE.index("start_test_failover") :]
    return Cohort(**where(SHOP.replace(phase="rehearsal-1")), number=1, machines=members, land=land, owner="flow")


def test_the_test_begins_when_all_are_in_step_and_runs_once():
    slow = iter(range(20))
    stage = happy_stage(
        poll_sync=lambda wire: PollResult(settled=wire["machine"] == "db1" or next(slow) > 10, patience=3_600)
    )
    stage.play(prepare_together, preparing(DB, WEB))
    last_sync = max(place for place, name in enumerate(stage.journal) if name == "poll_sync")
    assert last_sync < stage.journal.index("start_plan_test")
    assert stage.journal.count("start_plan_test") == 1
    assert {"db1", "web1"} == set(machines(stage, "submit_test_failover"))


def test_a_machine_that_is_refused_on_the_way_is_not_waited_for():
    def refused(wire):
        if wire["machine"] == "web1":
            raise Refused("no")
        return PollResult(settled=True)

    stage = happy_stage(poll_sync=refused)
    stage.play(prepare_together, preparing(DB, WEB))
    made = next(wire for name, wire in stage.calls if name == "make_recovery_plan")
    assert [each["name"] for each in made["machines"]] == ["db1"]
    assert machines(stage, "submit_test_failover") == ["db1"]


def test_who_comes_again_from_its_rehearsal_is_tested_again_and_not_copied_again():
    stage = happy_stage()
    stage.play(prepare_together, preparing(DB.replace(resume_at="start_test_failover")))
    assert machines(stage, "poll_sync") == []
    assert machines(stage, "start_test_clean_up") == ["db1"]


def test_large_waves_are_tested_side_by_side():
    stage = happy_stage(gather_rehearsal=says(Cohorts(settled=True, cohorts=((DB,), (WEB, APP)))))
    stage.play(prepare_together, preparing(DB, WEB, APP))
    made = [len(wire["machines"]) for name, wire in stage.calls if name == "make_recovery_plan"]
    assert sorted(made) == [1, 2]


def test_the_plan_is_kept_until_the_last_copy_is_removed_and_rolling_back_waits_for_its_run_only():
    stage = happy_stage()
    stage.play(rehearse, cohort(DB, WEB))
    last_copy = max(place for place, name in enumerate(stage.journal) if name == "start_test_clean_up")
    order = ["hold_rehearsal", "make_recovery_plan", "poll_plan_job", "release_cohort", "submit_test_failover"]
    assert sorted(order, key=stage.journal.index) == order
    assert last_copy < stage.journal.index("delete_recovery_plan")


def test_what_the_plan_could_not_test_is_tested_alone():
    def fails(wire):
        raise Refused("the run failed")

    stage = happy_stage(poll_plan_job=fails)
    stage.play(rehearse, cohort(DB, WEB))
    assert {"db1", "web1"} == set(machines(stage, "submit_test_failover"))
    assert "release_cohort" in stage.journal


def test_with_nobody_to_test_no_plan_is_made():
    stage = happy_stage(hold_rehearsal=says(Members()))
    stage.play(rehearse, cohort(DB))
    assert "make_recovery_plan" not in stage.journal
    assert machines(stage, "start_test_clean_up") == ["db1"]


def test_a_wave_that_is_rehearsed_together_cuts_over_as_any_other():
    listed = Members(members=(DB, WEB), prepare=PREPARE, land=LAND, together=True)
    stage = happy_stage(DB, WEB, list_members=says(listed))
    stage.play(migrate_wave, SHOP)
    assert stage.journal.count("start_plan_test") == 1
    assert {"db1", "web1"} == set(machines(stage, "start_completion"))


def test_where_nobody_came_in_step_nothing_is_rehearsed():
    def refused(wire):
        raise Refused("no")

    stage = happy_stage(poll_sync=refused, gather_rehearsal=says(Cohorts(settled=True)))
    stage.play(prepare_together, preparing(DB, WEB))
    assert "hold_rehearsal" not in stage.journal
