"""VMware machines through a configuration server: it is told of the vCenter, whose machines are found, judged and moved."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.ledger import events, migrations
from shared.ledger.machine_context import machine_context
from shared.problems import Busy, CloudRefused, Refused
from shared.roads.registry import road_of
from shared.states import MachineState
from tests.activities import premises
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.premises import powered, walk
from tests.activities.repeating import effects, patiently, submits_once

S = MachineState
ADD = "*replicationvCenters/write"
VCENTER = "vcenter.corp.local"


def plan(*names: str, install: str = "push", **changes: Any) -> dict[str, Any]:
    """A plan of VMs behind a configuration server, found by their names."""
    made = premises.plan("vmware-to-azure", *names, install=install)
    server = made["replication"]["appliance"] | {"name": "ferry-config1"}
    made["replication"] |= {"mode": "configurationServer", "appliance": server}
    made["source"] = {"vmware": {"vcenter": VCENTER, "account": "reader"}}
    known = [{"concern": "replication-mode-retired", "reason": "these are its last machines"}]
    return made | {"acknowledge": known} | changes


def registered(ferry: MigrationHarness, document: dict[str, Any]) -> None:
    """Take a plan in and walk to where its vCenter is added."""
    ferry.begin(plan=document)
    premises.play(ferry, "assess", "prepare_vault")
    premises.register(ferry)
    premises.play(ferry, "register_appliance")


def prepare(ferry: MigrationHarness, document: dict[str, Any]) -> None:
    """Take a plan in and walk the plan's own phases."""
    registered(ferry, document)
    premises.play(ferry, "set_replication_policy")


def with_policy(ferry: MigrationHarness) -> Any:
    """The look with which the vCenter is added and the container mapped."""
    look = ferry.look(phase="set_replication_policy", tag="ensure_policy")
    assert ferry.cloud.ends(patiently(ferry, "ensure_policy", look).job).succeeded
    return ferry.look(phase="set_replication_policy", tag="ensure_mapping")


def happened(ferry: MigrationHarness) -> list[str]:
    return [each.what for each in events.page(ferry.migration)[0]]


# --- the vCenter -----------------------------------------------------------------------------------------------------------


def test_a_vcenter_is_added_once_whatever_dies(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    registered(ferry, plan("web1"))
    made = submits_once(ferry, dying, "ensure_mapping", with_policy(ferry), ADD)
    assert made["status"] == 202


def test_its_machines_are_sought_only_once_it_was_read(ferry: MigrationHarness) -> None:
    ferry.cloud.ask("PATCH", "durations", {"seconds": {"vcenter.discovery": 7200}})
    registered(ferry, plan("web1"))
    look = with_policy(ferry)
    for turn in (2, 3):  # first the vCenter, then the mapping
        assert ferry.cloud.ends(patiently(ferry, "ensure_mapping", look).job).succeeded
        look = look.replace(tag=f"ensure_mapping{turn}")
    with pytest.raises(Busy, match="to read the vCenter"):
        ferry.ask("ensure_mapping", look)
    row = migrations.get(ferry.migration)
    assert row
    assert VCENTER in row.waiting_for
    ferry.cloud.later(7200)
    assert not ferry.ask("ensure_mapping", look).job
    assert (len(effects(ferry, ADD)), len(effects(ferry, "*ContainerMappings/write"))) == (1, 1)


def test_one_that_somebody_added_before_is_taken_as_it_is(ferry: MigrationHarness) -> None:
    prepare(ferry, plan("web1"))
    again = ferry.look(phase="set_replication_policy", tag="ensure_mapping", round=2)
    assert not patiently(ferry, "ensure_mapping", again).job
    assert len(effects(ferry, ADD)) == 1


def test_an_account_that_the_server_does_not_keep_is_named_before_anything_is_added(ferry: MigrationHarness) -> None:
    document = plan("web1")
    registered(ferry, document)
    other = plan("web1") | {"name": "other", "source": {"vmware": {"vcenter": VCENTER, "account": "nobody"}}}
    other["waves"][0]["machines"][0]["target"] = {"name": "web1-again"}  # a taken name would be refused at the door
    ferry.take_in(other)
    with pytest.raises(Refused, match="keeps no account nobody"):
        ferry.ask("ensure_mapping", with_policy(ferry))
    assert effects(ferry, ADD) == []


def test_what_is_told_of_a_vcenter_that_cannot_be_added_ends_the_preparation(ferry: MigrationHarness) -> None:
    registered(ferry, plan("web1"))
    ferry.cloud.fault("job-fails", scenario="AddVCenter", code="78144", message="no such server")
    with pytest.raises(CloudRefused, match="no such server"):
        ferry.play("set_replication_policy", ferry.place(phase="set_replication_policy"))
    ferry.play("set_replication_policy", ferry.place(phase="set_replication_policy", round=2))
    assert "vcenter-asked" in happened(ferry)


def test_the_gate_says_which_accounts_the_server_needs(ferry: MigrationHarness) -> None:
    ferry.begin(plan=plan("web1"))
    for phase in ("assess", "prepare_vault"):
        ferry.play(phase, ferry.place(phase=phase))
    ferry.ask("poll_appliance", ferry.look(phase="register_appliance", tag="register-appliance"))
    row = migrations.get(ferry.migration)
    assert row
    assert "account reader that reads the vCenter server vcenter.corp.local" in row.waiting_for


# --- the machines ----------------------------------------------------------------------------------------------------------


def test_machines_go_all_the_way_and_their_failover_shuts_them_down(ferry: MigrationHarness) -> None:
    prepare(ferry, plan("web1"))
    assert ferry.row("web1").source_id == ""
    walk(ferry, "web1")
    row = ferry.row("web1")
    assert (row.state, powered(ferry, "web1")) == (S.FINALIZED, False)
    assert "/replicationProtectableItems/" in row.source_id
    assert effects(ferry, "*discoverProtectableItem/action") == [], "a vCenter shows its machines"
    assert [len(effects(ferry, f"*/{verb}")) for verb in ("unplannedFailover/action", "remove/action")] == [1, 1]
    assert not {"shut-down-source-confirmed", "source-left-running"} & set(happened(ferry))


def test_agents_are_pushed_with_the_account_of_their_kind_of_system(ferry: MigrationHarness) -> None:
    prepare(ferry, plan("lin1", "win1"))
    accounts = []
    for name in ("lin1", "win1"):
        walk(ferry, name, until="enable_replication")
        machine = machine_context(ferry.place(name))
        source = road_of(machine.plan).source_input(machine)
        accounts.append(source and source.run_as_account_id)
    assert accounts == ["1", "2"], "as the server numbers linux and windows"


def test_an_agent_installed_by_hand_is_seen(ferry: MigrationHarness) -> None:
    prepare(ferry, plan("web1", install="manual"))
    walk(ferry, "web1", until="install_agent")
    look = ferry.look("web1", "install_agent", tag="by-hand")
    assert not ferry.ask("poll_agent", look).settled
    assert "passphrase" in ferry.row("web1").waiting_for
    premises.lend(ferry, "install-agent", "web1")
    ferry.cloud.later(60)  # one listing serves a minute
    assert ferry.ask("poll_agent", look.replace(now=ferry.cloud.now())).settled


def test_one_that_is_off_is_refused_when_it_shows(ferry: MigrationHarness) -> None:
    prepare(ferry, plan("web1"))
    ferry.cloud.ask("PATCH", "machines/web1", {"poweredOn": False})
    with pytest.raises(Refused, match="not running"):
        ferry.ask("check_routes", ferry.place("web1", "check_connectivity"))


@pytest.mark.soak  # the same steps as on EC2's road, which tests them each time
def test_each_step_is_submitted_once_whatever_dies(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    prepare(ferry, plan("web1"))
    for phase, activity, operation in (
        ("enable_replication", "start_replication", "*/replicationProtectedItems/write"),
        ("fail_over", "start_failover", "*/unplannedFailover/action"),
        ("complete_migration", "start_completion", "*/remove/action"),
    ):
        walk(ferry, "web1", until=phase)
        submits_once(ferry, dying, activity, ferry.look("web1", phase), operation)
        walk(
            ferry,
            "web1",
            until={"enable_replication": "initial_sync", "fail_over": "verify"}.get(phase, "clean_up"),
        )
    assert ferry.row("web1").item_id == ""


@pytest.mark.soak  # as above
@pytest.mark.parametrize(
    ("scenario", "phase"), [("EnableDr", "enable_replication"), ("UnplannedFailover", "fail_over")]
)
def test_what_fails_tells_why_and_a_retry_asks_again(ferry: MigrationHarness, scenario: str, phase: str) -> None:
    activity = {"enable_replication": "start_replication", "fail_over": "start_failover"}[phase]
    prepare(ferry, plan("web1"))
    walk(ferry, "web1", until=phase)
    ferry.cloud.fault("job-fails", scenario=scenario, code="28031")
    with pytest.raises((CloudRefused, Refused)):
        ferry.step("web1", phase)
    assert patiently(ferry, activity, ferry.look("web1", phase).replace(round=2)).job


def test_one_that_its_failover_leaves_running_is_shut_down_by_a_person(ferry: MigrationHarness) -> None:
    prepare(ferry, plan("web1"))
    ferry.cloud.ask("PATCH", "machines/web1", {"shutdown": "fails"})
    walk(ferry, "web1")
    assert (ferry.row("web1").state, powered(ferry, "web1")) == (S.FINALIZED, False)
    order = happened(ferry)
    assert order.index("source-left-running") < order.index("source-stopped")


@pytest.mark.parametrize("until", ["stop_source", "verify"])
def test_a_rollback_before_and_after_the_failover_ends_with_service_on_the_source(
    ferry: MigrationHarness, until: str
) -> None:
    prepare(ferry, plan("web1"))
    walk(ferry, "web1", until=until)
    premises.roll_back(ferry, "web1")
    premises.assert_source_serves(ferry, "web1", fenced=until == "verify")
