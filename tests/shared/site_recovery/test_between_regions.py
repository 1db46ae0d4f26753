"""The gateway between two Azure regions: their fabrics, their mappings, and the road that a VM goes."""

import pytest

from shared.azure import compute
from shared.problems import Busy, CloudRefused
from shared.site_recovery import failover, items, recovery_plans, regions
from shared.site_recovery.mappings import list_mappings
from shared.site_recovery.plan_groups import BootGroup
from shared.site_recovery.provider import (
    DiskPlacement,
    ReplicatedNic,
    ReplicationSource,
    ReplicationTarget,
    SourceDisk,
)
from shared.site_recovery.recovery_plans import Planned
from tests.clouds import SUBSCRIPTION, TARGET, VAULT, Cloud, request_id
from tests.shared.site_recovery import between
from tests.shared.site_recovery.between import A2A, FROM, TO


@pytest.fixture
def paired(bare: Cloud) -> Cloud:
    """A vault with both regions, paired by a policy."""
    between.furnish(bare)
    between.pair(bare)
    return bare


def test_a_region_is_found_by_where_it_is_and_its_container_is_waited_for(bare: Cloud) -> None:
    with pytest.raises(Busy):
        regions.container_of(VAULT, FROM)
    between.furnish(bare)
    found = regions.find_region(VAULT, "North Europe")
    assert found
    assert found.name == "asr-a2a-default-northeurope"
    assert regions.container_of(VAULT, FROM).container == "asr-a2a-default-northeurope-container"


def test_containers_are_mapped_there_and_back(paired: Cloud) -> None:
    for near, other in ((FROM, TO), (TO, FROM)):
        [mapping] = list_mappings(VAULT, between.container(near))
        assert mapping.target_protection_container_id.lower() == between.container(other).id(VAULT).lower()


def test_a_network_mapping_reads_back(paired: Cloud) -> None:
    network = between.add(paired, "web1").replace("Compute/virtualMachines/web1", "Network/virtualNetworks/vnet-source")
    near, other = between.container(FROM), between.container(TO)
    job = regions.map_network(VAULT, near.fabric, other.fabric, network, TARGET.network_id, request_id("net"))
    assert paired.ends(job).succeeded
    [seen] = regions.mapped_networks(VAULT, near.fabric)
    assert (seen.primary_network_id.lower(), seen.recovery_network_id.lower()) == (
        network.lower(),
        TARGET.network_id.lower(),
    )


def test_a_vm_goes_the_whole_road_and_becomes_what_was_asked_for(paired: Cloud) -> None:
    assert between.protect(paired, "web1").replication.last_recovery_point_at
    [card] = between.item("web1").replication.cards
    wanted = between.target(
        "web9", vm_size="Standard_D4s_v5", nics=(ReplicatedNic(nic_id=card.nic_id, ip="10.9.1.20"),)
    )
    at = between.ref("web1")
    assert paired.ends(items.update_item(VAULT, at, A2A, wanted, request_id("shape"))).succeeded
    tested = failover.start_test_failover(VAULT, at, A2A, network_id=TARGET.test_network_id, request=request_id("t"))
    assert paired.ends(tested).succeeded
    assert paired.ends(failover.clean_up_test_failover(VAULT, at, "done", request_id("clean"))).succeeded
    assert paired.ends(failover.fail_over(VAULT, at, A2A, shut_down=True, request=request_id("fail"))).succeeded
    vm = compute.get_vm(compute.vm_id(SUBSCRIPTION, "rg-target", "web9"))
    assert vm
    assert (vm.size, vm.location) == ("Standard_D4s_v5", TO)
    assert paired.ends(failover.commit(VAULT, at, request_id("commit"))).succeeded
    assert paired.ends(failover.disable(VAULT, at, A2A, request_id("disable"))).succeeded
    assert items.get_item(VAULT, at) is None


@pytest.mark.usefixtures("paired")
def test_each_disk_is_asked_for_with_its_own_type_and_key_else_with_the_plans_else_as_it_is() -> None:
    source = ReplicationSource(machine_id="vm", disks=(SourceDisk(id="os", type="Premium_LRS"), SourceDisk(id="data")))
    own = DiskPlacement(disk_id="OS", disk_type="StandardSSD_LRS", encryption_set_id="own-set")
    planned = between.target("web1", disk_type="Standard_LRS", disk_encryption_set_id="set", disks=(own,))

    def disks_asked(target: ReplicationTarget) -> list[tuple[str, str, str, str | None]]:
        kinds = ("recoveryReplicaDiskAccountType", "recoveryTargetDiskAccountType")
        disks = A2A.enable(source, target)["vmManagedDisks"]
        return [
            (each["diskId"], *(each[kind] for kind in kinds), each.get("recoveryDiskEncryptionSetId")) for each in disks
        ]

    assert disks_asked(planned) == [
        ("os", "StandardSSD_LRS", "StandardSSD_LRS", "own-set"),
        ("data", "Standard_LRS", "Standard_LRS", "set"),
    ]
    source = source.replace(disks=source.disks[:1])
    assert disks_asked(between.target("web1")) == [("os", "Premium_LRS", "Premium_LRS", None)]


def test_a_recovery_plan_names_the_other_region(paired: Cloud) -> None:
    ids = [
        between.protect(paired, name, nics=[{"privateIp": ip}]).id
        for name, ip in (("a", "10.0.0.4"), ("b", "10.0.0.5"))
    ]
    near, other = (f"{VAULT.id}/replicationFabrics/{between.container(each).fabric}" for each in (FROM, TO))
    planned = Planned(
        primary_fabric_id=near, recovery_fabric_id=other, boot_groups=tuple(BootGroup(items=(each,)) for each in ids)
    )
    assert paired.ends(recovery_plans.create_plan(VAULT, "wave", planned, request_id("plan"))).succeeded
    job = recovery_plans.fail_over_plan(
        VAULT, "wave", A2A.plan_failover("Latest", together=True), shut_down=True, request=request_id("go")
    )
    assert paired.ends(job).succeeded
    assert all(between.item(name).failed_over for name in ("a", "b"))


def test_root_certificates_that_are_missing_are_told_with_their_advice(paired: Cloud) -> None:
    job = between.enable(paired, "web1", connectivity="root-certificates")
    with pytest.raises(CloudRefused) as refused:
        job.raise_failure()
    assert refused.value.facts.code == "151066"
    assert refused.value.facts.advice
