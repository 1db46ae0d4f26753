"""Machines of Hyper-V hosts: their site is made, they are judged once it shows them, and nothing of them is lost."""

from collections.abc import Callable

import pytest

from shared.contracts.requests import Poll, where
from shared.ledger import events, migrations
from shared.ledger.machine_row import Mark
from shared.problems import CloudRefused, Refused
from shared.site_recovery.hyperv import find_fabric
from shared.states import MachineState
from tests.activities import premises
from tests.activities.crash_injection import Dying
from tests.activities.hosts import HOST, hyperv_plan
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import effects, patiently, submits_once
from tests.clouds import VAULT

FABRIC = "*/replicationFabrics/write"
PLANNED = "*/plannedFailover/action"
UNPLANNED = "*/unplannedFailover/action"
CANCEL = "*/failoverCancel/action"
REMOVE = "*/replicationProtectedItems/remove/action"


def event_ids(ferry: MigrationHarness, machine: str = "") -> list[str]:
    """What happened, by short ids."""
    listed, _ = events.page(ferry.migration, size=1_000)
    return [each.what for each in listed if machine in ("", each.machine)]


@pytest.fixture
def hosted(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines of a host, `web1` and `db1`, taken in; nothing walked."""
    ferry.begin(plan=hyperv_plan("web1", "db1"))
    return ferry


@pytest.fixture
def ready(hosted: MigrationHarness) -> MigrationHarness:
    """The same with their plan's own phases walked."""
    hosted.prepare()
    return hosted


def test_the_site_is_made_once_whatever_dies(hosted: MigrationHarness, dying: Callable[..., Dying]) -> None:
    hosted.prepare(until="prepare_vault")
    for activity in ("ensure_vault", "poll_vault"):
        hosted.ask(activity, hosted.look(phase="prepare_vault"))
    hosted.cloud.later(120)
    submits_once(hosted, dying, "ensure_sites", hosted.look(phase="prepare_vault"), FABRIC)
    hosted.cloud.later(60)
    assert find_fabric(VAULT, "hq")
    assert hosted.ask("ensure_sites", hosted.look(phase="prepare_vault", turn=2)).job == ""


def test_before_the_hosts_are_registered_nothing_of_a_machine_is_known(hosted: MigrationHarness) -> None:
    hosted.prepare(until="prepare_vault")
    row = hosted.row("web1")
    assert (row.source_id, row.source.found) == ("", True)
    assert row.unjudged["os-not-supported"]
    assert not [each for each in row.concerns if each.blocks]


def test_the_wait_ends_when_every_host_of_the_plan_is_connected(ferry: MigrationHarness) -> None:
    ferry.begin(plan=hyperv_plan("web1", source={"site": "hq", "hosts": [HOST, "hv2.corp.local"]}))
    ferry.prepare(until="register_appliance")
    ferry.cloud.ask("POST", "hyperv-hosts", {"vaultId": VAULT.id, "fabric": "hq", "name": HOST})
    ferry.cloud.later(900)
    seen = ferry.ask("poll_appliance", ferry.look(phase="register_appliance"))
    assert (seen.registered, seen.healthy) == (True, False)
    assert "hv2.corp.local" in seen.advice
    ferry.register()
    ferry.cloud.later(900)
    assert ferry.ask("poll_appliance", ferry.look(phase="register_appliance", turn=2)).healthy


def test_a_person_is_told_how_hosts_register(hosted: MigrationHarness) -> None:
    hosted.prepare(until="register_appliance")
    look = Poll(**where(hosted.look(phase="register_appliance")), tag="register-appliance")
    assert not hosted.ask("poll_appliance", look).settled
    row = migrations.get(hosted.migration)
    assert row
    for word in ("site hq", HOST, "registration-key", "5 days", "Azure Site Recovery Provider", "15 minutes"):
        assert word in row.waiting_for


def test_a_machine_is_judged_when_its_host_shows_it(ready: MigrationHarness) -> None:
    ready.walk("web1", until="initial_sync")
    row = ready.row("web1")
    assert row.source_id.lower().rpartition("/")[0].endswith("replicationprotectableitems")
    assert (row.source.os_family, len(row.source.disks)) == ("windows", 1)
    assert "source-read" in event_ids(ready, "web1")


def test_a_machine_that_no_host_shows_is_refused_after_a_while(ready: MigrationHarness) -> None:
    ready.cloud.ask("PATCH", "machines/WEB1", {"hyperv": "elsewhere"})
    ready.cloud.later(120)
    with pytest.raises(Refused) as refused:
        patiently(ready, "start_replication", ready.look("web1", "enable_replication"))
    assert refused.value.facts.id == "critical-concerns"
    assert "machine-not-found" in str(refused.value.facts.errors)


def test_a_machine_whose_system_nobody_knows_is_refused_before_it_is_enabled(ready: MigrationHarness) -> None:
    ready.cloud.ask("PATCH", "machines/WEB1", {"poweredOn": False})
    with pytest.raises(Refused, match="Windows or Linux"):
        patiently(ready, "start_replication", ready.look("web1", "enable_replication"))
    assert effects(ready, "*/replicationProtectedItems/write") == []


def test_a_machine_goes_all_the_way_and_its_planned_failover_is_the_proof(ready: MigrationHarness) -> None:
    ready.walk("web1")
    assert len(effects(ready, PLANNED)) == 1
    assert effects(ready, UNPLANNED) == []
    happened = event_ids(ready, "web1")
    assert "proof-left-to-failover" in happened
    assert "source-left-running" not in happened
    row = ready.row("web1")
    assert row.mark(Mark.STOPPED)
    assert row.item_id == ""
    assert row.target_vm_id.endswith("/virtualMachines/web1")
    assert not machine(ready, "WEB1")["poweredOn"]


def test_the_planned_failover_is_submitted_once_through_all_deaths(
    ready: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    ready.walk("web1", until="fail_over")
    submits_once(ready, dying, "start_failover", ready.look("web1", "fail_over"), PLANNED)


def test_a_planned_failover_that_fails_leaves_the_source_running_and_a_retry_asks_again(
    ready: MigrationHarness,
) -> None:
    ready.walk("web1", until="fail_over")
    ready.cloud.ask("PATCH", "machines/WEB1", {"shutdown": "fails"})
    with pytest.raises(CloudRefused, match="could not be shut down"):
        ready.step("web1", "fail_over")
    assert machine(ready, "WEB1")["poweredOn"]
    assert ready.row("web1").item_id
    ready.cloud.ask("PATCH", "machines/WEB1", {"shutdown": "ok"})
    ready.round = 2
    ready.stands("web1", round=2)
    ready.step("web1", "fail_over")
    assert len(effects(ready, PLANNED)) == 2
    assert not machine(ready, "WEB1")["poweredOn"]


def test_an_unplanned_failover_waits_for_the_proof_and_shuts_the_source_down(ferry: MigrationHarness) -> None:
    ferry.begin(plan=hyperv_plan("web1", cutover={"mode": "machine", "failover": "unplanned"}))
    ferry.prepare()
    ferry.walk("web1", until="verify")
    happened = event_ids(ferry, "web1")
    assert "proof" in happened
    assert "proof-left-to-failover" not in happened
    assert "source-left-running" not in happened
    assert (len(effects(ferry, UNPLANNED)), effects(ferry, PLANNED)) == (1, [])
    assert not machine(ferry, "WEB1")["poweredOn"]


def test_a_source_that_an_unplanned_failover_left_running_is_shut_down_by_a_person(ferry: MigrationHarness) -> None:
    ferry.begin(plan=hyperv_plan("web1", cutover={"mode": "machine", "failover": "unplanned"}))
    ferry.prepare()
    ferry.walk("web1", until="fail_over")
    ferry.cloud.ask("PATCH", "machines/WEB1", {"shutdown": "fails"})
    look = ferry.look("web1", "fail_over")
    assert patiently(ferry, "start_failover", look).job
    ferry.cloud.later(1_800)
    assert ferry.ask("read_failover", ferry.place("web1", "fail_over")).source_runs
    poll = Poll(**where(ferry.look("web1", "fail_over", turn=2)), tag="left-running")
    assert not ferry.ask("stop_source_machine", poll).settled
    assert "shut down web1" in ferry.row("web1").waiting_for


@pytest.mark.parametrize("until", ["fail_over", "complete_migration"])
def test_a_rollback_before_the_failover_and_after_the_machine_was_verified_ends_with_service_on_the_source(
    ready: MigrationHarness, until: str
) -> None:
    ready.walk("web1", until=until)
    premises.roll_back(ready, "web1")
    gone = until == "complete_migration"
    assert machine(ready, "WEB1")["poweredOn"]
    assert effects(ready, CANCEL) == [], "what people wrote in Azure is kept"
    assert ready.row("web1").state == (MachineState.ROLLED_BACK if gone else MachineState.READY_FOR_CUTOVER)
    assert len(effects(ready, "*/virtualMachines/deallocate/action")) == gone
    assert len(effects(ready, REMOVE)) == gone
    assert ("start-source-confirmed" in event_ids(ready, "web1")) == gone


def machine(ferry: MigrationHarness, name: str) -> dict[str, object]:
    """A machine of the simulator's."""
    rows = ferry.cloud.ask("GET", "machines")["machines"]
    return next(row for row in rows if row["name"] == name)
