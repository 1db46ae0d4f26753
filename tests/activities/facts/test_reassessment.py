"""Machines outside any cloud: read and judged as soon as their server shows them, moved with the hands of people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.facts.reassessment import DISCOVERED_WITHIN, judged_again
from shared.coordination.decision import Verdict
from shared.coordination.gates import get as gate_of
from shared.ledger import events, source_claims
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import Mark
from shared.problems import Busy, CloudRefused, Refused
from shared.states import MachineState
from tests.activities import premises
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.premises import begin, confirm, plan, powered, walk
from tests.activities.repeating import after_many_deaths, effects, patiently
from tests.activities.test_roll_back import stands

VMWARE, PHYSICAL = "vmware-to-azure", "physical-to-azure"
S = MachineState


def happened(ferry: MigrationHarness) -> list[str]:
    return [each.what for each in events.page(ferry.migration)[0]]


# --- judged when it shows ------------------------------------------------------------------------------------------------


def test_a_machine_of_a_vcenter_is_unknown_before_the_appliance_and_judged_once_it_shows(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    begin(ferry, plan(VMWARE, "web1"))
    assert (ferry.row("web1").source_id, ferry.row("web1").source.state) == ("", None)
    here = ferry.place("web1", "check_connectivity")
    after_many_deaths(dying, lambda: judged_again(here, machine_context(here)).row.source_id)
    assert "source-read" in happened(ferry)
    row = ferry.row("web1")
    assert "/VMwareSites/" in row.source_id
    assert (row.source.state, row.source.guest_tools, row.private_ip) == ("running", True, "10.5.1.4")
    assert "network-not-seen" in {concern.id for concern in row.concerns}
    assert set(source_claims.busy_elsewhere((row.source_id,), "other").values()) == {ferry.migration}


def test_one_that_must_not_be_moved_is_refused_when_it_shows_and_whenever_it_is_asked_again(
    ferry: MigrationHarness,
) -> None:
    begin(ferry, plan(VMWARE, "web1"))
    ferry.cloud.ask("PATCH", "machines/web1", {"poweredOn": False})
    for _ in range(2):
        with pytest.raises(Refused, match="not running") as refused:
            ferry.ask("check_routes", ferry.place("web1", "check_connectivity"))
    assert refused.value.facts.id == "critical-concerns"
    ferry.cloud.ask("PATCH", "machines/web1", {"poweredOn": True})
    ferry.ask("check_routes", ferry.place("web1", "check_connectivity"))
    assert "way-not-judged" in happened(ferry)


def test_one_that_does_not_show_is_waited_for_half_an_hour_and_then_missing(ferry: MigrationHarness) -> None:
    begin(ferry, plan(VMWARE, "web1") | {"name": "typo"})
    ferry.cloud.ask("PATCH", "machines/web1", {"vcenter": ""})
    with pytest.raises(Busy, match="does not show web1"):
        ferry.ask("check_routes", ferry.place("web1", "check_connectivity"))
    assert "to discover the machine" in ferry.row("web1").waiting_for
    ferry.cloud.later(DISCOVERED_WITHIN.total_seconds())
    with pytest.raises(Refused, match="not found"):
        ferry.ask("check_routes", ferry.place("web1", "check_connectivity"))


# --- agents ----------------------------------------------------------------------------------------------------------------


def test_the_agent_is_pushed_with_the_account_of_its_kind_of_system(ferry: MigrationHarness) -> None:
    begin(ferry, plan(VMWARE, "lin1", "win1"))
    for name in ("lin1", "win1"):
        walk(ferry, name, until="initial_sync")
    assert premises.accounts(ferry) == ["linux", "windows"]


@pytest.mark.parametrize(("push", "code"), [("credentials", "95107"), ("installer", "95108"), ("no-network", "95117")])
def test_a_push_that_fails_tells_why_and_what_to_do(ferry: MigrationHarness, push: str, code: str) -> None:
    begin(ferry, plan(VMWARE, "web1"))
    ferry.cloud.ask("PATCH", "machines/web1", {"push": push})
    walk(ferry, "web1", until="enable_replication")
    with pytest.raises((CloudRefused, Refused)) as refused:
        walk(ferry, "web1", until="initial_sync")
    problem = refused.value.facts
    assert (problem.code, bool(problem.advice)) == (code, True)


def test_an_account_that_the_appliance_does_not_keep_is_named(ferry: MigrationHarness) -> None:
    document = plan(VMWARE, "web1")
    document["replication"]["appliance"] |= {"runAsAccount": "nobody"}
    begin(ferry, document)
    walk(ferry, "web1", until="enable_replication")
    with pytest.raises(Refused, match="keeps no account nobody"):
        ferry.ask("start_replication", ferry.look("web1", "enable_replication"))


def test_a_vm_whose_agent_a_person_installed_goes_on_when_that_person_says_so(ferry: MigrationHarness) -> None:
    begin(ferry, plan(VMWARE, "web1", install="manual"))
    walk(ferry, "web1", until="install_agent")
    look = ferry.look("web1", "install_agent", tag="by-hand")
    assert not ferry.ask("poll_agent", look).settled
    assert "Nobody but you can tell" in ferry.row("web1").waiting_for
    confirm(ferry, "install-agent", "web1")
    assert ferry.ask("poll_agent", look.replace(now=ferry.cloud.now())).settled
    assert ferry.row("web1").evidence.discovered_machine == ferry.row("web1").source_id


def test_a_server_is_judged_when_its_agent_shows_and_nobody_has_to_say_so(ferry: MigrationHarness) -> None:
    begin(ferry, plan(PHYSICAL, "db1", install="manual"))
    walk(ferry, "db1", until="install_agent")
    look = ferry.look("db1", "install_agent", tag="by-hand")
    assert not ferry.ask("poll_agent", look).settled
    assert ferry.row("db1").source_id == ""
    premises.lend(ferry, "install-agent", "db1")
    assert ferry.ask("poll_agent", look.replace(now=ferry.cloud.now())).settled
    row = ferry.row("db1")
    assert "/ServerSites/" in row.source_id
    assert {"source-read", "agent-registered"} <= set(happened(ferry))
    assert "shut-down-by-hand" in {concern.id for concern in row.concerns}


# --- cutover ---------------------------------------------------------------------------------------------------------------


def test_a_person_stops_the_services_and_no_may_be_said(ferry: MigrationHarness) -> None:
    document = plan(VMWARE, "web1")
    document["waves"][0]["scripts"] = premises.SCRIPTS
    begin(ferry, document)
    walk(ferry, "web1", until="quiesce")
    look = ferry.look("web1", "quiesce", tag="stop-services")
    script = premises.command(look, "stop-services")
    command: Any = ferry.ask("send_command", script)
    assert (command.by_hand, command.command) == (True, "")
    assert not ferry.ask("poll_command", script).settled
    gate = gate_of(ferry.migration, ferry.wave, "stop-services", "web1")
    assert gate
    assert "systemctl stop shop" in gate.text
    assert gate.release.endswith('--gate stop-services --machine web1 --comment "done"')
    confirm(ferry, "stop-services", "web1", Verdict.REJECT)
    with pytest.raises(Refused, match="said no"):
        ferry.ask("poll_command", script.replace(now=ferry.cloud.now()))
    assert stands(ferry)["services_stopped"]


def test_a_vm_goes_all_the_way_and_its_failover_shuts_it_down(ferry: MigrationHarness) -> None:
    begin(ferry, plan(VMWARE, "web1"))
    walk(ferry, "web1")
    assert ferry.row("web1").state == S.FINALIZED
    assert not powered(ferry, "web1")
    assert len(effects(ferry, "*/unplannedFailover/action")) == 1
    assert "shut-down-source" not in " ".join(happened(ferry))


def test_a_server_goes_all_the_way_by_the_hands_of_people(ferry: MigrationHarness) -> None:
    document = plan(PHYSICAL, "db1", install="manual")
    document["waves"][0]["scripts"] = premises.SCRIPTS
    begin(ferry, document)
    walk(ferry, "db1")
    assert ferry.row("db1").state == S.FINALIZED
    assert not powered(ferry, "db1")
    assert {"stop-services-confirmed", "shut-down-source-confirmed"} <= set(happened(ferry))


def test_a_server_goes_through_a_configuration_server_by_its_address(ferry: MigrationHarness) -> None:
    begin(ferry, premises.classic("db1", "web1"))
    assert ferry.row("db1").source_id == "ferry-config1/10.0.2.21"
    for name in ("db1", "web1"):
        walk(ferry, name)
        assert ferry.row(name).state == S.FINALIZED
        assert not powered(ferry, name)
    assert len(effects(ferry, "*discoverProtectableItem/action")) == 2
    assert [len(effects(ferry, f"*/{verb}")) for verb in ("unplannedFailover/action", "remove/action")] == [2, 2]


def test_a_server_that_grew_a_disk_is_not_cut_over(ferry: MigrationHarness) -> None:
    begin(ferry, plan(PHYSICAL, "db1"))
    walk(ferry, "db1", until="quiesce")
    more = [{"name": "db1-disk-0", "sizeGb": 40, "osDisk": True}, {"name": "new", "sizeGb": 5}]
    ferry.cloud.ask("PATCH", "machines/db1", {"disks": more})
    with pytest.raises(Refused, match="disk new was added"):
        ferry.ask("check_drift", ferry.place("db1", "quiesce"))


def test_a_vcenter_that_was_read_before_the_shut_down_is_not_believed_against_the_failovers_job(
    ferry: MigrationHarness,
) -> None:
    begin(ferry, plan(VMWARE, "web1"))
    walk(ferry, "web1", until="fail_over")
    assert patiently(ferry, "start_failover", ferry.look("web1", "fail_over")).job
    ferry.cloud.later(1_800)
    ferry.cloud.ask("PATCH", "machines/web1", {"poweredOn": True})  # what the appliance read before
    assert not ferry.ask("read_failover", ferry.place("web1", "fail_over")).source_runs
    assert "source-left-running" not in happened(ferry)


def test_a_source_that_was_shut_down_is_not_taken_for_running_before_its_vcenter_was_read_again(
    ferry: MigrationHarness,
) -> None:
    begin(ferry, plan(VMWARE, "web1"))
    walk(ferry, "web1", until="verify")
    ferry.cloud.ask("PATCH", "machines/web1", {"poweredOn": True})
    stopped_at = ferry.row("web1").mark(Mark.STOP_REQUESTED)
    assert stopped_at
    look = ferry.look("web1", "rollback", now=stopped_at + timedelta(minutes=20))
    target = ferry.row("web1").target_vm_id
    assert target
    assert ferry.ask(
        "read_standing", ferry.place("web1", "rollback", now=stopped_at + timedelta(minutes=20))
    ).source_stopped
    ferry.gone(target)
    assert not ferry.ask("start_source_machine", look).settled
    assert gate_of(ferry.migration, ferry.wave, "start-source", "web1"), "a person is asked"
    assert ferry.ask("start_source_machine", look.replace(now=stopped_at + timedelta(minutes=31))).settled


# --- the way back ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", [VMWARE, PHYSICAL])
@pytest.mark.parametrize("until", ["stop_source", "verify"])
def test_a_rollback_before_and_after_the_failover_ends_with_service_on_the_source(
    ferry: MigrationHarness, scenario: str, until: str
) -> None:
    begin(ferry, plan(scenario, "web1"))
    walk(ferry, "web1", until=until)
    premises.roll_back(ferry, "web1")
    gone = until == "verify"
    premises.assert_source_serves(ferry, "web1", fenced=gone)
    assert ("start-source-confirmed" in happened(ferry) or "source-back" in happened(ferry)) == gone


def test_a_server_that_was_shut_down_without_a_word_is_started_again_with_its_services(ferry: MigrationHarness) -> None:
    document = plan(PHYSICAL, "db1")
    document["waves"][0]["scripts"] = premises.SCRIPTS
    begin(ferry, document)
    walk(ferry, "db1", until="stop_source")
    assert not ferry.ask("stop_source_machine", ferry.look("db1", "stop_source")).settled
    premises.lend(ferry, "shut-down-source", "db1")
    assert not powered(ferry, "db1")
    premises.roll_back(ferry, "db1")
    assert powered(ferry, "db1")
    assert {"start-source-confirmed", "start-services-confirmed"} <= set(happened(ferry))
    assert ferry.row("db1").state == S.READY_FOR_CUTOVER


def test_a_failover_that_fails_leaves_the_vm_on_and_a_retry_asks_again(ferry: MigrationHarness) -> None:
    begin(ferry, plan(VMWARE, "web1"))
    walk(ferry, "web1", until="fail_over")
    ferry.cloud.fault("job-fails", scenario="UnplannedFailover", code="28031")
    with pytest.raises(CloudRefused):
        walk(ferry, "web1", until="verify")
    assert patiently(ferry, "start_failover", ferry.look("web1", "fail_over").replace(round=2)).job
