"""Migration items through the gateway: one road of a machine, told as a protected item's, over the real wire."""

import pytest

from shared.azure import compute
from shared.site_recovery import failover, items, recovery_points
from shared.site_recovery.items import MIGRATING, item_of
from tests.clouds import SUBSCRIPTION, TARGET, VAULT, Cloud, request_id
from tests.shared.site_recovery.agentless import CBT, enable, item, ref, register, replicate


@pytest.fixture
def agentless(bare: Cloud) -> Cloud:
    """A vault with Azure Migrate's appliance, a policy and a mapping."""
    register(bare)
    return bare


def test_the_kind_of_an_item_is_read_from_its_id() -> None:
    home = f"{VAULT.id}/replicationFabrics/f/replicationProtectionContainers/c"
    migrating = item_of(f"{home}/replicationmigrationitems/web1")
    assert (migrating.kind, migrating.name, migrating.id(VAULT)) == (
        MIGRATING,
        "web1",
        f"{home}/replicationMigrationItems/web1",
    )
    assert not item_of(f"{home}/replicationProtectedItems/web1").migrates


def test_an_agentless_machine_goes_from_its_first_copy_to_the_end_of_its_billing(agentless: Cloud) -> None:
    found = replicate(agentless, "web1")
    assert found.ref == ref(agentless, "web1")
    assert found.allows("TestFailover")
    assert found.allows("UnplannedFailover")
    assert found.replication.last_recovery_point_at
    assert [disk.is_os_disk for disk in found.replication.disks] == [True, False]
    assert {error.error_level for error in found.health_errors} == {"Warning"}, "nothing is wrong beside normal health"

    here, network, point = found.ref, TARGET.test_network_id, found.replication.last_recovery_point_id
    tested = failover.start_test_failover(
        VAULT, here, CBT, network_id=network, recovery_point_id=point, request=request_id("t")
    )
    assert item(agentless, "web1").running_job == tested
    assert item(agentless, "web1").current_scenario.scenario_name == "TestFailover"
    assert agentless.ends(tested).succeeded
    assert item(agentless, "web1").allows("TestFailoverCleanup")
    assert agentless.ends(failover.clean_up_test_failover(VAULT, here, "done", request_id("c"))).succeeded

    moved = failover.fail_over(VAULT, here, CBT, shut_down=True, request=request_id("m"))
    assert item(agentless, "web1").current_scenario.scenario_name == "UnplannedFailover"
    assert item(agentless, "web1").protection_state.startswith("UnplannedFailover")
    assert not item(agentless, "web1").failed_over
    assert agentless.ends(moved).succeeded
    found = item(agentless, "web1")
    assert found.failed_over
    assert found.allows("CompleteMigration")
    assert found.last_successful_failover_time
    vm = compute.get_vm(compute.vm_id(SUBSCRIPTION, "rg-target", "web1"))
    assert vm
    assert vm.power == "running"

    assert agentless.ends(failover.complete_migration(VAULT, here, request_id("done"))).succeeded
    assert items.get_item(VAULT, here) is None


def test_one_listing_shows_every_migration_item_and_no_protected_one(agentless: Cloud) -> None:
    replicate(agentless, "web1")
    enable(agentless, "web2", ip="10.0.6.2")
    agentless.later(900)
    listed = {each.name: each for each in items.list_items(VAULT, MIGRATING)}
    assert listed["web1"].protected
    assert listed["web2"].protection_state == "InitialReplicationInProgress"
    assert listed["web2"].replication.progress is not None
    assert items.list_items(VAULT) == ()


def test_a_first_copy_that_could_not_begin_is_told_as_one_whose_enabling_failed(agentless: Cloud) -> None:
    agentless.fault("job-fails", scenario="EnableMigration", code="310056")
    assert not agentless.ends(enable(agentless, "web1")).succeeded
    found = item(agentless, "web1")
    assert found.protection_state == "EnablingFailed"
    assert found.allows("DisableProtection")
    assert agentless.ends(failover.disable(VAULT, found.ref, CBT, request_id("remove"))).succeeded
    assert items.get_item(VAULT, found.ref) is None


def test_a_migration_that_failed_leaves_the_machine_where_it_is_and_can_be_asked_again(agentless: Cloud) -> None:
    here = replicate(agentless, "web1").ref
    agentless.fault("job-fails", scenario="Migrate", code="28031", times=1)
    assert not agentless.ends(failover.fail_over(VAULT, here, CBT, shut_down=True, request=request_id("m1"))).succeeded
    found = item(agentless, "web1")
    assert found.protection_state == "UnplannedFailoverFailed"
    assert not found.failed_over
    assert found.allows("UnplannedFailover")


def test_its_recovery_points_are_listed_newest_first(agentless: Cloud) -> None:
    here = replicate(agentless, "web1").ref
    agentless.later(8_000)
    points = recovery_points.list_recovery_points(VAULT, here)
    assert len(points) > 1
    times = [each.recovery_point_time for each in points if each.recovery_point_time]
    assert times == sorted(times, reverse=True)


def test_its_target_can_be_changed_while_it_replicates(agentless: Cloud) -> None:
    here = replicate(agentless, "web1").ref
    bigger = TARGET.replace(vm_name="web1", vm_size="Standard_D4s_v5")
    assert agentless.ends(items.update_item(VAULT, here, CBT, bigger, request_id("u"))).succeeded
    assert item(agentless, "web1").replication.target_vm_size == "Standard_D4s_v5"


def test_the_last_resort_removes_an_item_in_any_state(agentless: Cloud) -> None:
    agentless.ends(enable(agentless, "web1"))
    assert agentless.ends(failover.purge(VAULT, ref(agentless, "web1"), request_id("p"))).succeeded
    assert items.get_item(VAULT, ref(agentless, "web1")) is None
