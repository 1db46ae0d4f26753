"""The gateway to Hyper-V hosts: their site, their machines, and the road that these go."""

import pytest

from shared.problems import Busy, CloudRefused
from shared.site_recovery import failover, items, policies, recovery_plans
from shared.site_recovery.containers import container_of
from shared.site_recovery.plan_groups import BootGroup
from shared.site_recovery.provider import DiskPlacement, PolicySettings, ReplicationSource
from shared.site_recovery.recovery_plans import Planned
from tests.clouds import TARGET, VAULT, Cloud, request_id
from tests.shared.site_recovery import hosts
from tests.shared.site_recovery.hosts import HOST, HYPERV, SIDE, SITE

OTHER = "hv2.corp.local"


@pytest.fixture
def served(bare: Cloud) -> Cloud:
    """A vault with a site, its host, a policy and a mapping."""
    hosts.register(bare)
    hosts.set_policy(bare)
    return bare


def test_a_site_is_not_there_for_us_before_its_first_host(bare: Cloud) -> None:
    bare.fault("appliance-never-registers", match=HOST)
    hosts.register(bare)
    assert SIDE.find(VAULT, SITE) is None
    with pytest.raises(Busy):
        container_of(VAULT, SIDE, SITE)


def test_every_host_of_a_site_is_a_part_of_it(bare: Cloud) -> None:
    hosts.register(bare, HOST, OTHER)
    found = SIDE.find(VAULT, SITE.upper())
    assert found
    assert (sorted(part.name for part in found.components), found.unhealthy) == ([HOST, OTHER], ())


def test_a_host_that_lost_its_connection_is_not_well(bare: Cloud) -> None:
    bare.fault("component-unhealthy", match="hyperVHost")
    hosts.register(bare)
    found = SIDE.find(VAULT, SITE)
    assert found
    assert [part.name for part in found.unhealthy] == [HOST]


def test_a_machine_is_read_with_its_disks_and_its_generation(served: Cloud) -> None:
    found = hosts.add(served, "web1", osType="Windows", firmware="UEFI")
    assert (found.generation, found.os_details.os_type) == ("2", "Windows")
    assert [(disk.vhd_name, disk.max_size_mb) for disk in found.disk_details] == [
        ("web1-os", 20480),
        ("web1-data", 10240),
    ]


def test_of_a_machine_that_is_off_the_system_is_not_known(served: Cloud) -> None:
    assert hosts.add(served, "web1", poweredOn=False).os_details.os_type == ""


def test_enabling_names_the_machine_as_its_host_does(served: Cloud) -> None:
    found = hosts.add(served, "web1", osType="Windows")
    server = SIDE.find(VAULT, SITE)
    assert server
    source = SIDE.source(server, found.id, "")
    assert source
    first = found.disk_details[0].vhd_id
    assert (source.machine_id, source.vm_id, source.os_disk_id) == (found.id, found.source_item_id, first)
    assert (source.name, source.os_type) == ("web1", "Windows")
    assert SIDE.source(server, f"{found.id}-other", "") is None


def test_single_disks_are_asked_for_when_the_target_names_them() -> None:
    disks = (
        DiskPlacement(disk_id="a", left_out=True),
        DiskPlacement(disk_id="b", os_disk=True, disk_type="Premium_LRS"),
    )
    body = HYPERV.enable(ReplicationSource(machine_id="m", os_disk_id="a"), TARGET.replace(vm_name="web1", disks=disks))
    assert body["vhdId"] == "b"
    assert [(each["diskId"], each["diskType"]) for each in body["disksToIncludeForManagedDisks"]] == [
        ("b", "Premium_LRS")
    ]


@pytest.mark.parametrize(("every", "interval"), [(5, 300), (0, 30)])
def test_the_policy_counts_in_hours_and_seconds(every: int, interval: int) -> None:
    body = HYPERV.policy(PolicySettings(retention=90, app_consistent_every=60, crash_consistent_every=every))
    assert (body["recoveryPointHistoryDuration"], body["applicationConsistentSnapshotFrequencyInHours"]) == (2, 1)
    assert body["replicationInterval"] == interval


def test_more_than_a_day_of_recovery_points_is_refused(bare: Cloud) -> None:
    job = bare.ends(policies.create_policy(VAULT, "week", HYPERV, PolicySettings(retention=10_080), request_id("week")))
    with pytest.raises(CloudRefused) as refused:
        job.raise_failure()
    assert refused.value.facts.code == "150261"


def test_what_the_provider_tells_is_read(served: Cloud) -> None:
    assert hosts.enable(served, "web1", osType="Windows").succeeded
    served.later(60)
    first = hosts.item("web1").replication
    assert first.progress is not None
    assert first.progress < 100
    for _ in range(100):
        if hosts.item("web1").protected:
            break
        served.later(120)
    served.later(600)
    seen = hosts.item("web1").replication
    assert hosts.item("web1").progress is None, (
        "the last percentage stays with the service, and is no progress any more"
    )
    assert (seen.target_vm_name, seen.target_vm_size) == ("web1", TARGET.vm_size)
    assert seen.lag_seconds is not None
    assert seen.last_recovery_point_at
    assert [(disk.disk_name, disk.is_os_disk) for disk in seen.disks] == [("web1-os", True), ("web1-data", False)]
    assert seen.disks[0].capacity_in_bytes == 20 * 1024**3


def test_the_whole_road_is_walked_through_the_gateway(served: Cloud) -> None:
    assert hosts.protect(served, "web1").allows("PlannedFailover")
    at = hosts.ref("web1")
    tested = failover.start_test_failover(VAULT, at, HYPERV, network_id=TARGET.test_network_id, request=request_id("t"))
    assert served.ends(tested).succeeded
    assert hosts.item("web1").allows("TestFailoverCleanup")
    assert served.ends(failover.clean_up_test_failover(VAULT, at, "seen", request_id("cleanup"))).succeeded
    assert served.ends(failover.fail_over_as_planned(VAULT, at, HYPERV, request_id("failover"))).succeeded
    assert hosts.item("web1").failed_over
    assert served.ends(failover.complete_migration(VAULT, at, request_id("complete"))).succeeded
    assert items.get_item(VAULT, at) is None


def test_what_is_changed_after_enabling_is_taken(served: Cloud) -> None:
    hosts.protect(served, "web1")
    target = TARGET.replace(vm_name="web-one", vm_size="Standard_D4s_v5")
    assert served.ends(items.update_item(VAULT, hosts.ref("web1"), HYPERV, target, request_id("update"))).succeeded
    seen = hosts.item("web1").replication
    assert (seen.target_vm_name, seen.target_vm_size) == ("web-one", "Standard_D4s_v5")


def test_a_recovery_plan_fails_its_machines_over_as_planned(served: Cloud) -> None:
    hosts.protect(served, "web1")
    fabric = f"{VAULT.id}/replicationFabrics/{SITE}"
    planned = Planned(primary_fabric_id=fabric, boot_groups=(BootGroup(items=(hosts.ref("web1").id(VAULT),)),))
    assert served.ends(recovery_plans.create_plan(VAULT, "rp", planned, request_id("make"))).succeeded
    found = recovery_plans.get_plan(VAULT, "rp")
    assert found
    assert "PlannedFailover" in found.allowed_operations
    job = recovery_plans.fail_over_plan_as_planned(VAULT, "rp", HYPERV, request_id("go"))
    assert served.ends(job).succeeded
    assert hosts.item("web1").failed_over
