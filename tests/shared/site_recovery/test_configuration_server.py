"""The gateway to a configuration server: its parts, its machines, and the road that they go."""

import pytest

from shared.problems import Busy, CloudRefused, Refused
from shared.site_recovery import configuration_server, failover, items, recovery_plans
from shared.site_recovery.containers import container_of
from shared.site_recovery.plan_groups import BootGroup
from shared.site_recovery.provider import Sought
from shared.site_recovery.recovery_plans import Planned
from shared.site_recovery.servers import ReplicationAppliance
from tests.clouds import TARGET, VAULT, Cloud, request_id
from tests.shared.site_recovery import classic
from tests.shared.site_recovery.classic import SERVER, SIDE, V2A


@pytest.fixture
def served(bare: Cloud) -> Cloud:
    """A vault with a healthy configuration server, a policy and a mapping."""
    classic.register(bare)
    classic.set_policy(bare)
    return bare


def test_a_server_is_healthy_only_when_all_three_parts_are(bare: Cloud) -> None:
    assert configuration_server.find(VAULT, SERVER) is None
    bare.ask("POST", "configuration-servers", {"vaultId": VAULT.id, "name": SERVER})
    seen = []
    for _ in range(60):
        bare.later(15)
        found = configuration_server.find(VAULT, SERVER.upper())
        bad = None if found is None else tuple(part.kind for part in found.unhealthy)
        seen += [bad] if bad not in seen else []
    every = ("configurationServer", "processServer", "masterTargetServer")
    assert seen == [None, every, every[1:], every[2:], ()]


def test_a_part_without_a_heartbeat_is_not_well(bare: Cloud) -> None:
    bare.fault("component-unhealthy", match="masterTargetServers")
    assert [part.kind for part in classic.register(bare).unhealthy] == ["masterTargetServer"]


def test_an_appliance_is_not_taken_for_a_configuration_server(ready: Cloud) -> None:
    assert configuration_server.find(VAULT, "ferry") is None
    assert ReplicationAppliance().find(VAULT, "ferry") is not None


def test_a_container_of_a_server_that_does_not_show_is_waited_for(bare: Cloud) -> None:
    with pytest.raises(Busy):
        container_of(VAULT, SIDE, SERVER)


def test_a_machine_is_known_after_it_was_added_and_its_agent_after_the_push(served: Cloud) -> None:
    assert SIDE.find_machine(VAULT, classic.container(), Sought(ip="10.0.2.15")) is None
    classic.add(served, "web1", "10.0.2.15")
    found = SIDE.find_machine(VAULT, classic.container(), Sought(ip="10.0.2.15"))
    assert found
    assert not found.agent
    assert classic.enable(served, "web1", "10.0.2.15").succeeded
    found = SIDE.find_machine(VAULT, classic.container(), Sought(ip="10.0.2.15"))
    assert found
    assert found.agent


def test_an_account_that_the_server_does_not_keep_is_refused(served: Cloud) -> None:
    with pytest.raises(Refused, match="keeps no account root"):
        SIDE.source(classic.server(), "/machine", "root")
    source = SIDE.source(classic.server(), "/machine", "PUSHER")
    assert source
    assert (source.run_as_account_id, source.process_server_id) == ("1", source.master_target_id)


def test_nothing_is_enabled_while_a_part_is_missing(bare: Cloud) -> None:
    bare.ask("POST", "configuration-servers", {"vaultId": VAULT.id, "name": SERVER})
    bare.later(330)
    assert SIDE.source(classic.server(), "/machine", "") is None


def test_a_refusal_of_the_retired_provider_comes_as_it_is(served: Cloud) -> None:
    served.ask("PATCH", "settings", {"legacy_providers": False})
    with pytest.raises(CloudRefused, match="no longer supported") as refused:
        classic.enable(served, "web1", "10.0.2.15")
    assert refused.value.facts.code == "ProviderRetired"


def test_a_failed_push_names_cause_and_advice(served: Cloud) -> None:
    job = classic.enable(served, "web1", "10.0.2.15", push="credentials")
    with pytest.raises(CloudRefused) as refused:
        job.raise_failure()
    assert refused.value.facts.code == "95107"
    assert "account" in refused.value.facts.advice


def test_what_the_provider_tells_is_read(served: Cloud) -> None:
    assert classic.enable(served, "web1", "10.0.2.15").succeeded
    served.later(300)
    first = classic.item("web1").replication
    assert first.progress is not None
    assert 0 < first.progress < 100
    assert first.transferred_bytes > 0
    assert first.progress_health == "InProgress"
    for _ in range(100):
        if classic.item("web1").protected:
            break
        served.later(120)
    seen = classic.item("web1").replication
    assert (seen.progress, seen.progress_health, seen.transferred_bytes) == (None, "None", 0)
    assert (seen.source_ip, seen.target_vm_name, seen.target_vm_size) == ("10.0.2.15", "web1", TARGET.vm_size)
    assert seen.lag_seconds is not None
    assert seen.last_recovery_point_at
    assert [disk.is_os_disk for disk in seen.disks] == [True]


def test_the_whole_road_is_walked_through_the_gateway(served: Cloud) -> None:
    assert classic.protect(served, "web1", "10.0.2.15").allows("TestFailover")
    at = classic.ref("web1")
    tested = failover.start_test_failover(VAULT, at, V2A, network_id=TARGET.test_network_id, request=request_id("test"))
    assert served.ends(tested).succeeded
    assert served.ends(failover.clean_up_test_failover(VAULT, at, "done", request_id("clean"))).succeeded
    failed_over = failover.fail_over(VAULT, at, V2A, shut_down=False, request=request_id("fail"))
    assert served.ends(failed_over).succeeded
    found = classic.item("web1")
    assert found.failed_over
    assert found.allows("CompleteMigration")
    assert served.ends(failover.complete_migration(VAULT, at, request_id("complete"))).succeeded
    assert items.get_item(VAULT, at) is None


def test_a_recovery_plan_fails_its_machines_over(served: Cloud) -> None:
    ids = [classic.protect(served, name, ip).id for name, ip in (("db1", "10.0.2.15"), ("web1", "10.0.2.16"))]
    fabric = f"{VAULT.id}/replicationFabrics/{classic.container().fabric}"
    planned = Planned(primary_fabric_id=fabric, boot_groups=tuple(BootGroup(items=(each,)) for each in ids))
    assert served.ends(recovery_plans.create_plan(VAULT, "wave", planned, request_id("plan"))).succeeded
    job = recovery_plans.fail_over_plan(
        VAULT, "wave", V2A.plan_failover("Latest", together=True), shut_down=False, request=request_id("go")
    )
    assert served.ends(job).succeeded
    assert all(classic.item(name).failed_over for name in ("db1", "web1"))


def test_replication_is_disabled_and_the_vm_kept(served: Cloud) -> None:
    classic.protect(served, "web1", "10.0.2.15")
    at = classic.ref("web1")
    assert served.ends(failover.disable(VAULT, at, V2A, request_id("disable"))).succeeded
    assert items.get_item(VAULT, at) is None
