"""Walking one machine along a leg."""

import re
from pathlib import Path

import pytest

from orchestrators.walk_machine import walk_machine
from shared.contracts import contracts
from shared.contracts.contracts import MACHINE_PHASES
from shared.contracts.requests import PollResult, where
from shared.contracts.rounds import CutoverProgress, PhaseRun
from shared.contracts.sources import CommandStarted
from shared.models import Announcement, Settled
from shared.problems import Interrupted, Refused
from tests.orchestrators.happy_path import MACHINE, PREPARE, happy_stage, says

ACTIVITIES = Path(__file__).parents[2] / "activities"
ENTERING = {
    getattr(contracts, name).name
    for file in ACTIVITIES.rglob("*.py")
    for name in re.findall(r"@serves\(bp, (\w+)\)\n@enters\n", file.read_text())
}
LEG = PhaseRun(**where(MACHINE.replace(phase="walk-prepare")), phases=PREPARE)


def refuse(wire):
    raise Refused("no")


def phases_of(stage):
    return [name for name in stage.journal if name in PREPARE]


def left(stage):
    return next(wire for name, wire in stage.calls if name == "leave")


def test_the_phases_run_in_the_order_of_the_itinerary():
    stage = happy_stage()
    stage.play(walk_machine, LEG)

    assert list(PREPARE) == phases_of(stage)


@pytest.mark.parametrize("phase", [phase for phase in MACHINE_PHASES if phase != "protect_target"])
def test_each_phase_is_entered_by_its_first_activity_and_by_no_other(phase):
    stage = happy_stage()
    stage.play(walk_machine, LEG.replace(phases=(phase,)))

    first, *others = [(name, wire) for name, wire in stage.calls if wire.get("phase") == phase and name != "leave"]
    assert first[1]["enters"] == "root"
    assert first[0] in ENTERING, "it does not enter the phase that it begins"
    assert [] == [name for name, wire in others if "enters" in wire]


def test_a_refused_phase_stops_the_machine_and_the_ledger_knows_where_and_why():
    stage = happy_stage(start_replication=refuse)

    with pytest.raises(Refused, match="no"):
        stage.play(walk_machine, LEG)

    assert phases_of(stage) == ["check_connectivity", "install_agent", "enable_replication"]
    assert left(stage)["phase"] == "enable_replication"
    assert left(stage)["problem"]["detail"] == "no"


def test_a_failed_test_is_cleaned_up_and_the_test_is_what_is_told():
    stage = happy_stage(poll_boot=refuse)

    with pytest.raises(Refused):
        stage.play(walk_machine, LEG)

    assert phases_of(stage)[-3:] == ["start_test_failover", "verify_test_vm", "clean_up_test_failover"]
    assert left(stage)["phase"] == "verify_test_vm"


def test_a_machine_that_never_came_to_its_test_has_nothing_to_clean_up():
    stage = happy_stage(poll_sync=refuse)

    with pytest.raises(Refused):
        stage.play(walk_machine, LEG)

    assert "clean_up_test_failover" not in phases_of(stage)


def test_a_retried_machine_begins_where_it_failed():
    stage = happy_stage()
    stage.play(walk_machine, LEG.replace(resume_at="initial_sync"))

    assert phases_of(stage)[0] == "initial_sync"


def test_a_paused_machine_waits_at_the_next_phase_until_it_is_resumed():
    answers = iter([PollResult(), PollResult(settled=True)])
    stage = happy_stage(enter=lambda wire: next(answers, PollResult(settled=True)))

    stage.play(walk_machine, LEG)

    assert phases_of(stage) == list(PREPARE)
    assert stage.journal.count("enter") == 1
    assert stage.journal[:4] == ["check_connectivity", "check_routes", "enter", "check_routes"]
    assert "enters" not in [wire for name, wire in stage.calls if name == "check_routes"][1]


def test_a_cancelled_machine_leaves_at_once_and_tidying_up_is_left_to_who_takes_over():
    def strike(wire):
        if wire["phase"] == "verify_test_vm":
            raise Interrupted("cancelled")
        return PollResult(settled=True)

    stage = happy_stage(enter=strike)

    with pytest.raises(Interrupted):
        stage.play(walk_machine, LEG)

    assert "clean_up_test_failover" not in phases_of(stage)
    assert left(stage)["problem"]["kind"] == "Interrupted"


def test_a_fault_stops_only_this_machine_and_is_told_as_a_defect():
    def crash(wire):
        raise ZeroDivisionError("boom")

    stage = happy_stage(check_routes=crash)

    with pytest.raises(Refused, match="boom"):
        stage.play(walk_machine, LEG)

    assert left(stage)["problem"]["id"] == "fault"


def test_playing_it_twice_asks_the_same():
    first, second = happy_stage(), happy_stage()
    first.play(walk_machine, LEG)
    second.play(walk_machine, LEG)

    assert first.calls == second.calls


CUTOVER = PhaseRun(**where(MACHINE.replace(phase="walk-cutover")), phases=("quiesce", "stop_source", "fail_over"))
RESTING = says(CutoverProgress(services_stopped=True))


@pytest.mark.parametrize("activity", ["stop_source_machine", "start_failover"])
def test_a_cutover_that_is_refused_starts_the_services_again_before_the_machine_is_let_go(activity):
    stage = happy_stage(**{activity: refuse, "read_services": RESTING})

    with pytest.raises(Refused, match="no"):
        stage.play(walk_machine, CUTOVER)

    restored = stage.journal.index("restore_services")
    assert stage.journal[restored:] == ["restore_services", "read_services", "send_command", "poll_command", "leave"]
    assert [wire["script"] for name, wire in stage.calls if name == "send_command"] == [
        "stop-services",
        "start-services",
    ]


def test_services_that_do_not_start_do_not_hide_why_the_cutover_was_refused():
    def stop_only(wire):
        if wire["script"] == "start-services":
            raise Refused("no agent")
        return CommandStarted()

    stage = happy_stage(stop_source_machine=refuse, read_services=RESTING, send_command=stop_only)

    with pytest.raises(Refused, match="no"):
        stage.play(walk_machine, CUTOVER)

    assert left(stage)["problem"]["detail"] == "no"
    assert left(stage)["phase"] == "stop_source"


def test_what_an_operator_stops_is_restored_by_the_rollback_alone():
    def strike(wire):
        raise Interrupted("rolled back")

    stage = happy_stage(stop_source_machine=strike, read_services=RESTING)

    with pytest.raises(Interrupted):
        stage.play(walk_machine, CUTOVER)

    assert "restore_services" not in stage.journal


def test_whoever_the_machine_kept_waiting_is_woken():
    stage = happy_stage(leave=says(Settled(announcements=(Announcement(instance="x", event="y"),))))
    stage.play(walk_machine, LEG)

    assert stage.journal[-1] == "announce"
