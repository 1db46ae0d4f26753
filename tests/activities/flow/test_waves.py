"""A wave in a round: which machines walk and from where, what follows for them, how it ends."""

import pytest

from activities.flow.wait_rows import arm, wave_watch
from shared.coordination import waits
from shared.decisions.rounds import retry
from shared.ledger import events, waves
from shared.states import MachineState
from tests.activities.flow.two_waves import decision_now, leaving, members
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of


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
    both.stands("web1", state=MachineState.FAILED, failed_in="assess")
    assert [each.name for each in members(both).members] == ["web2"]


def test_a_retried_machine_begins_where_it_failed(both: MigrationHarness) -> None:
    for name, phase in (("web1", "initial_sync"), ("web2", "assess")):
        both.stands(name, state=MachineState.FAILED, failed_in=phase)
    retry(both.migration, (), decision_now(both))
    found = members(both, number=2).members
    assert [(each.name, each.resume_at) for each in found] == [("web1", "initial_sync"), ("web2", "")]


@pytest.mark.parametrize("phase", ["verify_test_vm", "accept_test_vm"])
def test_a_rehearsal_that_failed_begins_anew_because_its_copy_was_removed(both: MigrationHarness, phase: str) -> None:
    both.stands("web1", state=MachineState.FAILED, failed_in=phase)
    retry(both.migration, ("web1",), decision_now(both))
    assert [each.resume_at for each in members(both, number=2).members] == ["start_test_failover"]


def test_a_source_that_could_not_be_stopped_proves_anew_that_nothing_is_lost_unless_it_is_off(
    begun: MigrationHarness,
) -> None:
    begun.prepare(until="prepare_vault")
    begun.stands("web1", state=MachineState.FAILED, failed_in="stop_source")
    retry(begun.migration, (), decision_now(begun))
    assert [each.resume_at for each in members(begun, number=2).members] == ["quiesce"]
    begun.ec2().stop_instances(InstanceIds=[begun.instances["web1"]])
    assert [each.resume_at for each in members(begun, number=2).members] == ["stop_source"]


def test_a_machine_of_another_round_does_not_walk_in_this_one(both: MigrationHarness) -> None:
    both.stands("web1", state=MachineState.FAILED, failed_in="initial_sync")
    retry(both.migration, ("web1",), decision_now(both))
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
    assert listed.land == ("verify", "complete_migration", "clean_up")


@pytest.mark.parametrize(
    ("gate", "timer", "waits"), [("auto", None, ()), ("manual", "PT8H", ("accept_test_vm", "accept"))]
)
def test_nobody_walks_a_phase_that_waits_for_people_whom_the_plan_does_not_ask(
    ferry: MigrationHarness, gate: str, timer: str | None, waits: tuple[str, ...]
) -> None:
    plan = plan_of("web1")
    plan["waves"][0]["gates"]["test"] = gate
    if timer:
        plan["waves"][0]["acceptance"] = {"timer": timer}
    ferry.take_in(plan)
    ferry.enlist()
    listed = members(ferry)
    walked = (*listed.prepare, *listed.land)
    assert tuple(phase for phase in walked if phase in ("accept_test_vm", "accept")) == waits


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
    ferry.stands("web1", state=MachineState.FINALIZED)
    ferry.stands("web2", state=MachineState.CUT_OVER)
    listed = ferry.ask("list_finalized", ferry.place(wave=WAVE))
    assert [(each.name, each.resume_at) for each in listed.members] == [("web1", "decommission_source")]


def test_a_wave_that_moved_is_through_and_says_how_it_stands(both: MigrationHarness) -> None:
    both.stands("web1", state=MachineState.FINALIZED)
    both.stands("web2", state=MachineState.CUT_OVER)
    both.ask("end_wave", leaving(both, wave=WAVE))
    row = waves.get(both.migration, WAVE)
    assert row
    assert (row.done, row.succeeded) == (True, True)
    assert "wave first is through: 1 CutOver, 1 Finalized" in [each.text for each in events.page(both.migration)[0]]


def test_a_wave_of_which_a_machine_failed_did_not_succeed(both: MigrationHarness) -> None:
    both.stands("web1", state=MachineState.FINALIZED)
    both.stands("web2", state=MachineState.FAILED)
    both.ask("end_wave", leaving(both, wave=WAVE))
    row = waves.get(both.migration, WAVE)
    assert row
    assert (row.done, row.succeeded) == (True, False)


def test_the_end_of_a_wave_wakes_those_that_wait_for_it(both: MigrationHarness) -> None:
    look = both.look(phase="cohort-1", instance="window")
    arm(look, waits.WaitKind.WAVE, wave_watch(both.migration))
    announcements = both.ask("end_wave", leaving(both, wave=WAVE)).announcements
    assert [(each.instance, each.event) for each in announcements] == [("window", "look:1")]
