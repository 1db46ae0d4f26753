"""One machine's whole road through the gateway, against the simulator over the real wire."""

from datetime import timedelta

import pytest

from shared.azure import clients, compute
from shared.models import CLOCK_SKEW
from shared.problems import Busy
from shared.site_recovery import (
    discovery,
    failover,
    items,
    jobs,
    mappings,
    operating_systems,
    policies,
    recovery_plans,
    recovery_points,
)
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.plan_groups import BootGroup
from shared.site_recovery.recovery_plans import Planned
from tests.clouds import RCM, START, SUBSCRIPTION, TARGET, VAULT, Cloud, request_id


def test_a_machine_goes_from_discovery_to_complete_migration(ready: Cloud) -> None:
    item = ready.protect("web1", "10.0.2.15")
    assert item.allows("testfailover")
    assert item.replication.progress is None
    assert item.replication.lag_seconds is not None
    assert item.replication.disks
    assert item.running_job == ""

    ref = ready.ref("web1")
    network = TARGET.test_network_id
    tested = failover.start_test_failover(
        VAULT, ref, RCM, network_id=network, recovery_point_id="", request=request_id("t")
    )
    assert ready.item("web1").running_job == tested
    assert ready.ends(tested).succeeded
    assert ready.item("web1").allows("TestFailoverCleanup")
    cleaned = failover.clean_up_test_failover(VAULT, ref, "done", request_id("c"))
    assert ready.ends(cleaned).succeeded

    failed_over = failover.fail_over(VAULT, ref, RCM, shut_down=False, recovery_point_id="", request=request_id("f"))
    assert ready.ends(failed_over).succeeded
    item = ready.item("web1")
    assert item.failed_over
    assert item.allows("CompleteMigration")
    assert item.replication.target_vm_name == "web1"
    vm = compute.get_vm(compute.vm_id(SUBSCRIPTION, "rg-target", "web1"))
    assert vm
    assert vm.power == "running"

    assert ready.ends(failover.commit(VAULT, ref, request_id("commit"))).succeeded
    assert ready.ends(failover.complete_migration(VAULT, ref, request_id("done"))).succeeded
    assert items.get_item(VAULT, ref) is None


def test_the_list_shows_every_item_with_progress_but_without_disks(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    ready.add_machine("web2", "10.0.2.16")
    machine = ready.find_machine("10.0.2.16")
    assert machine
    items.enable(VAULT, ready.ref("web2"), RCM, ready.enabling("web2", machine.id), request_id("e"))
    ready.later(2_700)
    seen = {each.name: each for each in items.list_items(VAULT)}
    assert seen["web1"].protected
    assert seen["web1"].replication.disks == ()
    copying = seen["web2"]
    assert copying.protection_state.startswith("InitialReplication")
    assert copying.replication.progress is not None
    assert copying.ref == ready.ref("web2")


def test_a_recovery_point_newer_than_a_moment_is_found_once_it_is_made(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    quiesced = ready.now()
    assert recovery_points.newest_after(VAULT, ready.ref("web1"), quiesced) is None
    ready.later(600)
    point = recovery_points.newest_after(VAULT, ready.ref("web1"), quiesced)
    assert point
    assert point.recovery_point_time
    assert point.recovery_point_time > quiesced
    listed = recovery_points.list_recovery_points(VAULT, ready.ref("web1"))
    assert listed[0] == point
    assert recovery_points.newest_after(VAULT, ready.ref("web1"), point.recovery_point_time) is None


def test_a_target_can_be_changed_while_it_replicates(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    bigger = TARGET.replace(vm_name="web1", vm_size="Standard_D4s_v5")
    assert ready.ends(items.update_item(VAULT, ready.ref("web1"), RCM, bigger, request_id("u"))).succeeded
    assert ready.item("web1").replication.target_vm_size == "Standard_D4s_v5"


def test_replication_can_be_disabled_and_purged(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    assert ready.ends(failover.disable(VAULT, ready.ref("web1"), RCM, request_id("d"))).succeeded
    assert items.get_item(VAULT, ready.ref("web1")) is None
    ready.protect("web2", "10.0.2.16")
    ready.ends(failover.purge(VAULT, ready.ref("web2"), request_id("p")))
    assert items.get_item(VAULT, ready.ref("web2")) is None


def test_a_recovery_plan_fails_its_machines_over_by_boot_group(ready: Cloud) -> None:
    first, second = ready.protect("db1", "10.0.2.15"), ready.protect("web1", "10.0.2.16")
    fabric = f"{VAULT.id}/replicationFabrics/{ready.fabric}"
    planned = Planned(
        primary_fabric_id=fabric, boot_groups=(BootGroup(items=(first.id,)), BootGroup(items=(second.id,)))
    )
    assert ready.ends(recovery_plans.create_plan(VAULT, "wave-1", planned, request_id("plan"))).succeeded
    plan = recovery_plans.get_plan(VAULT, "wave-1")
    assert plan
    assert {each.rsplit("/", 1)[-1] for each in plan.items} == {"db1", "web1"}
    assert [group.group_type for group in plan.groups] == ["Shutdown", "Failover", "Boot", "Boot"]
    job = recovery_plans.fail_over_plan(
        VAULT, "wave-1", RCM.plan_failover("Latest", together=True), shut_down=False, request=request_id("go")
    )
    assert ready.ends(job).succeeded
    assert ready.item("db1").failed_over
    assert ready.item("web1").failed_over
    ready.ends(recovery_plans.delete_plan(VAULT, "wave-1", request_id("gone")))
    assert recovery_plans.get_plan(VAULT, "wave-1") is None


def test_a_job_is_found_again_by_the_request_that_started_it(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    since, request = ready.now() + CLOCK_SKEW - timedelta(minutes=1), request_id("t")  # our clock is ahead of theirs
    assert jobs.find_job(VAULT, request, since, "web1") is None
    network = TARGET.test_network_id
    sent = failover.start_test_failover(
        VAULT, ready.ref("web1"), RCM, network_id=network, recovery_point_id="", request=request
    )
    found = jobs.find_job(VAULT, request, since, "web1")
    assert found
    assert found.name == sent
    ready.ends(sent)
    later = jobs.find_job(VAULT, request, since)
    assert later
    assert (later.name, later.succeeded) == (sent, True)
    assert jobs.find_job(VAULT, request, ready.now() + CLOCK_SKEW, "web1") is None
    assert jobs.find_job(VAULT, request_id("other"), since) is None


def test_who_is_throttled_while_looking_for_a_job_goes_on_where_it_was(ready: Cloud) -> None:
    for number in range(3):
        ready.protect(f"web{number}", f"10.0.2.{15 + number}")
    before = len(ready.log("*/replicationJobs/read"))
    ready.fault("throttle", operation="*/replicationJobs/read", skip=4, times=1)
    with pytest.raises(Busy):
        jobs.find_job(VAULT, request_id("nobody's"), START)
    assert jobs.find_job(VAULT, request_id("nobody's"), START) is None
    read = [each["path"] for each in ready.log("*/replicationJobs/read")[before:] if each["status"] == 200]
    singly = [path for path in read if not path.lower().endswith("/replicationjobs")]
    assert len(singly) > 3
    assert len(set(singly)) == len(singly)


def test_the_end_of_the_initial_replication_is_not_taken_for_the_enable(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    found = jobs.find_job(VAULT, request_id("enable web1"), START)
    assert found
    assert found.scenario_name == "EnableDr"


def test_a_policy_keeps_what_was_asked_for_and_mappings_are_listed(ready: Cloud) -> None:
    assert policies.get_policy(VAULT, "24-hour-replication-policy"), "an appliance brings policies of its own"
    seen = clients.site_recovery(VAULT.subscription).replication_policies.get(*VAULT.place, "day").as_dict()
    assert seen["properties"]["providerSpecificDetails"]["recoveryPointHistoryInMinutes"] == 1440
    at = ContainerRef(fabric=ready.fabric, container=ready.container)
    mapping = next(each for each in mappings.list_mappings(VAULT, at) if each.name == "pair")
    assert (mapping.name, mapping.state) == ("pair", "Paired")
    assert policies.get_policy(VAULT, "other") is None


def test_supported_operating_systems_are_told_with_their_versions(bare: Cloud) -> None:
    systems = {each.os_name: each for each in operating_systems.supported_operating_systems(VAULT, "InMageRcm")}
    assert "Ubuntu" in systems
    assert systems["Windows Server 2008 R2"].os_versions[0].service_pack == "SP1"
    assert bare.log("*SupportedOperatingSystems*")


def test_machines_are_discovered_by_address_once_their_agent_registered(ready: Cloud) -> None:
    ready.add_machine("web1", "10.0.2.15", agentRegistered=False)
    assert ready.find_machine("10.0.2.15") is None
    ready.ask("POST", "agents", {"ip": "10.0.2.15"})
    found = ready.find_machine("10.0.2.15")
    assert found
    assert found.ips == ("10.0.2.15",)
    assert found.disks[0].max_size_in_bytes > 0
    assert found.run_as_account_id
    accounts = discovery.list_run_as_accounts(ready.site)
    assert any(account.id == found.run_as_account_id for account in accounts)


def test_machines_beyond_the_first_page_are_discovered(ready: Cloud) -> None:
    many = [
        {"name": f"m{number}", "ip": f"10.1.{number // 200}.{number % 200 + 1}", "agentRegistered": True}
        for number in range(450)
    ]
    ready.ask("POST", "machines", many)
    assert len(discovery.list_machines(ready.site)) == 450
    last = ready.find_machine(many[-1]["ip"])
    assert last
    assert last.display_name == "m449"
    assert len(ready.log("*machines*")) > 2
