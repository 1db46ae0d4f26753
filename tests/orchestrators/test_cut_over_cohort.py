"""A cohort goes through cutover together."""

import pytest

from orchestrators.cut_over_cohort import cut_over_cohort
from shared.contracts.cohorts import Cohort, CutoverMode, WindowPollResult
from shared.contracts.requests import GatePollResult, PollResult, where
from shared.contracts.rounds import CutoverProgress, Member, Members
from shared.problems import Refused, WindowClosed
from tests.orchestrators.happy_path import HOUR, LAND, PLAN, happy_stage, says
from tests.play import START

DB, APP, WEB = (Member(name=name, boot_group=group) for name, group in (("db1", 1), ("app1", 2), ("web1", 3)))


def cohort(*members):
    place = PLAN.replace(wave="shop", phase="cohort-1")
    return Cohort(**where(place), number=1, machines=members, land=LAND, owner="finance.1.shop.cohort-1.1")


def machines(stage, activity):
    return [wire["machine"] for name, wire in stage.calls if name == activity]


def test_sources_stop_in_reverse_boot_order_and_machines_fail_over_in_boot_order():
    stage = happy_stage()
    stage.play(cut_over_cohort, cohort(DB, APP, WEB))

    assert machines(stage, "stop_source_machine") == ["web1", "app1", "db1"]
    assert machines(stage, "start_failover") == ["db1", "app1", "web1"]


def test_no_source_stops_before_the_window_is_open():
    stage = happy_stage()
    stage.play(cut_over_cohort, cohort(DB))

    assert stage.journal.index("poll_window") < stage.journal.index("stop_source_machine")


def test_a_machine_without_its_recovery_point_drops_out_and_its_source_is_never_stopped():
    def no_point(wire):
        if wire["machine"] == "db1":
            raise Refused("no recovery point")
        return PollResult(settled=True)

    stage = happy_stage(poll_recovery_point=no_point)
    stage.play(cut_over_cohort, cohort(DB, WEB))

    assert machines(stage, "stop_source_machine") == ["web1"]
    assert machines(stage, "start_failover") == ["web1"]
    assert machines(stage, "start_completion") == ["web1"]


def test_with_a_recovery_plan_one_job_moves_the_cohort_and_each_machine_is_read_afterwards():
    stage = happy_stage(read_cutover_mode=says(CutoverMode(recovery_plan=True)))
    stage.play(cut_over_cohort, cohort(DB, WEB))

    assert stage.journal.count("start_plan_failover") == 1
    assert stage.journal.index("start_plan_failover") < stage.journal.index("start_failover")
    assert {"db1", "web1"} == set(machines(stage, "read_failover"))


def test_the_recovery_plan_is_made_of_those_that_are_still_in_the_cohort():
    def no_point(wire):
        if wire["machine"] == "db1":
            raise Refused("no recovery point")
        return PollResult(settled=True)

    stage = happy_stage(read_cutover_mode=says(CutoverMode(recovery_plan=True)), poll_recovery_point=no_point)
    stage.play(cut_over_cohort, cohort(DB, WEB))

    made = next(wire for name, wire in stage.calls if name == "make_recovery_plan")
    assert [member["name"] for member in made["machines"]] == ["web1"]


def test_a_failed_recovery_plan_is_resolved_machine_by_machine_and_deleted():
    def fail(wire):
        raise Refused("db1 could not be created")

    stage = happy_stage(read_cutover_mode=says(CutoverMode(recovery_plan=True)), poll_plan_job=fail)
    stage.play(cut_over_cohort, cohort(DB, WEB))

    assert "delete_recovery_plan" in stage.journal
    assert {"db1", "web1"} == set(machines(stage, "start_failover"))


def test_the_slots_of_the_cohort_are_freed_when_all_is_well():
    stage = happy_stage()
    stage.play(cut_over_cohort, cohort(DB))

    assert stage.journal.count("free_slots") == 1


def test_the_slots_of_the_cohort_are_freed_when_the_window_refuses():
    def closed(wire):
        raise Refused("no window left")

    stage = happy_stage(poll_window=closed)

    with pytest.raises(Refused, match="no window left"):
        stage.play(cut_over_cohort, cohort(DB))
    assert stage.journal.count("free_slots") == 1


def test_a_machine_that_resumes_at_its_verification_is_not_stopped_or_failed_over_again():
    stage = happy_stage()
    stage.play(cut_over_cohort, cohort(DB.replace(resume_at="verify"), WEB))

    assert machines(stage, "start_failover") == ["web1"]
    assert {"db1", "web1"} == set(machines(stage, "start_completion"))


def test_a_machine_that_resumes_at_its_failover_is_not_quiesced_again():
    stage = happy_stage()
    stage.play(cut_over_cohort, cohort(DB.replace(resume_at="fail_over")))

    assert not machines(stage, "poll_recovery_point")
    assert machines(stage, "start_failover") == ["db1"]


def test_a_machine_that_is_rolled_back_meanwhile_is_left_out_of_the_recovery_plan():
    stage = happy_stage(
        read_cutover_mode=says(CutoverMode(recovery_plan=True)), hold_cohort=says(Members(members=(WEB,)))
    )
    stage.play(cut_over_cohort, cohort(DB, WEB))

    made = next(wire for name, wire in stage.calls if name == "make_recovery_plan")
    assert ["web1"] == [member["name"] for member in made["machines"]]
    assert stage.journal.index("hold_cohort") < stage.journal.index("make_recovery_plan")


def test_the_machines_are_let_go_even_when_the_recovery_plan_failed():
    def fail(wire):
        raise Refused("no")

    stage = happy_stage(read_cutover_mode=says(CutoverMode(recovery_plan=True)), start_plan_failover=fail)
    stage.play(cut_over_cohort, cohort(DB))

    assert "release_cohort" in stage.journal


def test_the_slots_are_free_as_soon_as_the_machines_serve():
    stage = happy_stage()
    stage.play(cut_over_cohort, cohort(DB))

    assert stage.journal.index("mark_verified") < stage.journal.index("free_slots") < stage.journal.index("poll_gone")


def test_a_boot_group_starts_when_the_one_before_it_serves():
    stage = happy_stage()
    stage.play(cut_over_cohort, cohort(DB, WEB))

    assert ["start_failover", "mark_verified", "start_failover", "mark_verified"] == [
        name for name in stage.journal if name in ("start_failover", "mark_verified")
    ]


def test_machines_of_one_boot_group_do_not_wait_for_the_proof_of_another():
    def late(wire):
        asked_often = machines(stage, "poll_recovery_point").count("web1") > 20
        return PollResult(settled=wire["machine"] == "db1" or asked_often, patience=60)

    stage = happy_stage(poll_recovery_point=late)
    stage.play(cut_over_cohort, cohort(DB, WEB.replace(boot_group=DB.boot_group)))

    last_proof = max(place for place, name in enumerate(stage.journal) if name == "poll_recovery_point")
    assert machines(stage, "start_failover") == ["db1", "web1"]
    assert stage.journal.index("start_failover") < last_proof


def test_machines_of_one_boot_group_stop_together_when_a_recovery_plan_moves_them():
    stage = happy_stage(read_cutover_mode=says(CutoverMode(recovery_plan=True)))
    stage.play(cut_over_cohort, cohort(DB, WEB.replace(boot_group=DB.boot_group)))

    names = [name for name in stage.journal if name in ("poll_recovery_point", "stop_source_machine")]
    assert names == ["poll_recovery_point"] * 2 + ["stop_source_machine"] * 2


def one_at_a_time(wire):
    """A window that takes one machine per opening."""
    return WindowPollResult(settled=True, machines=(Member.model_validate(wire["machines"][0]),))


def test_who_finds_no_room_in_the_window_goes_in_its_next_opening_and_keeps_no_place_meanwhile():
    stage = happy_stage(poll_window=one_at_a_time)
    stage.play(cut_over_cohort, cohort(DB, WEB, APP))

    assert ["db1", "web1", "app1"] == machines(stage, "start_failover")
    assert [1, 1, 1] == [wire.get("count", 1) for name, wire in stage.calls if name == "take_slots"]
    assert 3 == len({wire["owner"] for name, wire in stage.calls if name == "take_slots"})
    assert 3 == stage.journal.count("free_slots")


def test_the_next_opening_is_awaited_while_the_first_machines_land():
    def next_day(wire):
        if wire.get("attempt", 1) == 1:
            return one_at_a_time(wire)
        return one_at_a_time(wire) if stage.now >= START + 24 * HOUR else WindowPollResult(patience=3600, exact=True)

    def accepted(wire):
        if wire.get("name") != "accept" or wire["machine"] != "db1":
            return GatePollResult(settled=True, decision="approve")
        return GatePollResult(settled=stage.now >= START + 72 * HOUR, decision="approve", patience=3600)

    stage = happy_stage(poll_window=next_day, poll_gate=accepted)
    stage.play(cut_over_cohort, cohort(DB, WEB))

    failed_over = [wire["now"] for name, wire in stage.calls if name == "start_failover"]
    assert failed_over[1].startswith("2026-11-22T20"), "a day later, not after the acceptance of the first"


def closed(intent):
    return WindowClosed("the window closed", extra={"intent": intent})


def window_closes_upon(machine, phase, intent="window"):
    """The `enter` of a wave whose first opening ends before a machine takes a step."""

    def enter(wire):
        if (wire["machine"], wire["phase"], wire.get("attempt", 1)) == (machine, phase, 1):
            raise closed(intent)
        return PollResult(settled=True)

    return enter


@pytest.mark.parametrize("recovery_plan", [False, True])
def test_a_machine_upon_which_the_window_closes_goes_back_and_takes_the_next_opening(recovery_plan):
    stage = happy_stage(
        enter=window_closes_upon("web1", "fail_over"),
        read_cutover_mode=says(CutoverMode(recovery_plan=recovery_plan)),
        read_standing=says(CutoverProgress(source_stopped=True, protected=True)),
    )
    stage.play(cut_over_cohort, cohort(DB, WEB))

    assert ["web1"] == machines(stage, "start_source_machine")
    assert "start_disabling" not in stage.journal, "its copy is kept"
    assert ["db1", "web1"] == machines(stage, "read_failover"), "it is submitted once for each"
    assert ["web1", "db1", "web1"] == machines(stage, "stop_source_machine")
    left = [wire for name, wire in stage.calls if name == "leave" and wire["machine"] == "web1" and "problem" in wire]
    assert [("fail_over", "window-closed")] == [(wire["phase"], wire["problem"]["id"]) for wire in left]
    assert {"db1", "web1"} == set(machines(stage, "start_completion"))
    assert [0, 1] == [wire.get("overruns", 0) for name, wire in stage.calls if name == "poll_window"]


def test_a_machine_whose_source_does_not_come_back_fails_and_takes_no_other_opening():
    def dead(wire):
        raise Refused("it does not start", id="source-not-back")

    stage = happy_stage(
        enter=window_closes_upon("web1", "fail_over"),
        read_standing=says(CutoverProgress(source_stopped=True)),
        start_source_machine=dead,
    )
    stage.play(cut_over_cohort, cohort(WEB))

    left = [wire["problem"]["id"] for name, wire in stage.calls if name == "leave" and "problem" in wire]
    assert ["source-not-back"] == left
    assert 1 == stage.journal.count("poll_window")


def test_a_window_that_rolls_back_does_so_once_the_machine_is_failed_over_and_not_again():
    stage = happy_stage(enter=window_closes_upon("web1", "verify", "rollback"))
    stage.play(cut_over_cohort, cohort(WEB))

    assert ["web1"] == machines(stage, "begin_roll_back")
    assert "start_completion" not in stage.journal
    assert 1 == stage.journal.count("poll_window")


def test_every_cohort_is_awaited_even_when_the_first_one_breaks():
    def broken(wire):
        if wire.get("attempt", 1) == 1:
            raise Refused("no")
        return CutoverMode()

    stage = happy_stage(poll_window=one_at_a_time, read_cutover_mode=broken)
    with pytest.raises(Refused, match="no"):
        stage.play(cut_over_cohort, cohort(DB, WEB))
    assert ["web1"] == machines(stage, "start_completion")
