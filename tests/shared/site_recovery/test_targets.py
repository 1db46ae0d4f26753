"""What a machine becomes in Azure: cards, disks, placement and tags go all the way to the VM that is made."""

from typing import Any

from shared.azure import clients, network
from shared.azure.arm_id import parse
from shared.site_recovery import failover, items
from shared.site_recovery.provider import DiskPlacement, ReplicatedNic, ReplicationTarget
from tests.clouds import RCM, SUBSCRIPTION, TARGET, VAULT, Cloud, group_id, request_id, resource
from tests.shared.site_recovery import classic

SET = resource("Microsoft.Compute/diskEncryptionSets", "keys")
NEAR = resource("Microsoft.Compute/proximityPlacementGroups", "near")
RESERVED = resource("Microsoft.Compute/capacityReservationGroups", "kept")
GUARD = resource("Microsoft.Network/networkSecurityGroups", "guard")


def vm_of(name: str) -> dict[str, Any]:
    """The VM as Azure shows it."""
    return dict(clients.compute(SUBSCRIPTION).virtual_machines.get("rg-target", name).as_dict())


def disk(arm_id: str) -> dict[str, Any]:
    at = parse(arm_id)
    return dict(clients.compute(SUBSCRIPTION).disks.get(at.group, at.name).as_dict())


def card(name: str) -> network.NetworkInterface:
    found = network.get_nic(f"{group_id('rg-target')}/providers/Microsoft.Network/networkInterfaces/{name}")
    assert found
    return found


def enabled(cloud: Cloud, target: ReplicationTarget, **machine: object) -> None:
    """Bring web1 to Protected with this target."""
    cloud.add_machine("web1", "10.0.2.15", **machine)
    found = cloud.find_machine("10.0.2.15")
    assert found
    enabling = cloud.enabling("web1", found.id).replace(target=target)
    assert cloud.ends(items.enable(VAULT, cloud.ref("web1"), RCM, enabling, request_id("enable"))).succeeded
    while not cloud.item("web1").protected:
        cloud.later(120)


def failed_over(cloud: Cloud) -> dict[str, Any]:
    job = failover.fail_over(VAULT, cloud.ref("web1"), RCM, shut_down=False, request=request_id("fail over"))
    assert cloud.ends(job).succeeded
    return vm_of("web1")


def test_enabling_tells_placement_tags_and_each_disks_type_and_key(ready: Cloud) -> None:
    for named in (SET, NEAR, RESERVED):
        ready.put(named, properties={})
    ready.add_machine("web1", "10.0.2.15", disks=[{"name": "root", "sizeGb": 30}, {"name": "data", "sizeGb": 100}])
    found = ready.find_machine("10.0.2.15")
    assert found
    first, second = found.disks
    disks = (
        DiskPlacement(disk_id=first.uuid, encryption_set_id=SET),
        DiskPlacement(disk_id=second.uuid, disk_type="Premium_LRS"),
    )
    placed = {
        "availability_zone": "2",
        "proximity_placement_group_id": NEAR,
        "capacity_reservation_group_id": RESERVED,
        "tags": {"a": "vm"},
        "disk_tags": {"a": "disk"},
        "nic_tags": {"a": "card"},
        "disks": disks,
    }
    target = TARGET.replace(vm_name="web1", disk_type="StandardSSD_LRS", **placed)
    machine = [{"name": "root", "sizeGb": 30}, {"name": "data", "sizeGb": 100}]
    enabled(ready, target, disks=machine)
    vm = failed_over(ready)
    assert (vm["zones"], vm["tags"]) == (["2"], {"a": "vm"})
    assert vm["properties"]["proximityPlacementGroup"]["id"] == NEAR
    assert vm["properties"]["capacityReservation"]["capacityReservationGroup"]["id"] == RESERVED
    storage = vm["properties"]["storageProfile"]
    root, data = disk(storage["osDisk"]["managedDisk"]["id"]), disk(storage["dataDisks"][0]["managedDisk"]["id"])
    assert (root["sku"]["name"], data["sku"]["name"]) == ("StandardSSD_LRS", "Premium_LRS")
    assert root["properties"]["encryption"]["diskEncryptionSetId"] == SET
    assert "diskEncryptionSetId" not in data["properties"]["encryption"]
    assert root["tags"] == {"a": "disk"}


def test_an_update_sets_several_cards_and_the_names_of_disks(ready: Cloud) -> None:
    enabled(ready, TARGET.replace(vm_name="web1"), moreIps=["10.0.3.15", "10.0.4.15"])
    seen = ready.item("web1").replication
    assert [each.source_ip for each in seen.cards] == ["10.0.2.15", "10.0.3.15", "10.0.4.15"]
    first, second, third = (each.nic_id for each in seen.cards)
    nics = (
        ReplicatedNic(nic_id=second, primary=True, name="front", subnet="app", ip="10.9.1.20", test_subnet="app"),
        ReplicatedNic(
            nic_id=first, primary=False, subnet="app", ip="10.9.1.21", test_subnet="app", test_ip="10.9.1.31"
        ),
        ReplicatedNic(nic_id=third, primary=False, left_out=True),
    )
    named = (DiskPlacement(disk_id=seen.disks[0].disk_id, name="web1-root"),)
    target = TARGET.replace(vm_name="web1", nics=nics, disks=named)
    assert ready.ends(items.update_item(VAULT, ready.ref("web1"), RCM, target, request_id("update"))).succeeded
    now = ready.item("web1").replication
    assert [(each.source_ip, each.ip, each.left_out) for each in now.cards] == [
        ("10.0.3.15", "10.9.1.20", False),
        ("10.0.2.15", "10.9.1.21", False),
        ("10.0.4.15", "", True),
    ]
    assert now.disks[0].custom_target_disk_name == "web1-root"
    vm = failed_over(ready)
    assert len(vm["properties"]["networkProfile"]["networkInterfaces"]) == 2, "the third is left out"
    assert "10.9.1.20" in card("front").private_ips
    assert card("web1-nic2").private_ips == ("10.9.1.21",)
    assert vm["properties"]["storageProfile"]["osDisk"]["name"] == "web1-root"


def test_a_configuration_server_is_told_test_network_security_group_and_address(bare: Cloud) -> None:
    bare.put(GUARD, properties={})
    classic.register(bare)
    classic.set_policy(bare)
    seen = classic.protect(bare, "web1", "10.0.2.15").replication
    assert [each.source_ip for each in seen.cards] == ["10.0.2.15"]
    nic = ReplicatedNic(
        nic_id=seen.cards[0].nic_id, subnet="app", ip="10.9.1.20", test_subnet="app", security_group_id=GUARD
    )
    target = TARGET.replace(vm_name="web1", nics=(nic,), tags={"a": "b"})
    job = items.update_item(VAULT, classic.ref("web1"), classic.V2A, target, request_id("update"))
    assert bare.ends(job).succeeded
    now = classic.item("web1").replication
    assert (now.test_network_id, now.cards[0].ip) == (TARGET.test_network_id, "10.9.1.20")
    assert now.cards[0].security_group_id == GUARD
    job = failover.fail_over(VAULT, classic.ref("web1"), classic.V2A, shut_down=False, request=request_id("go"))
    assert bare.ends(job).succeeded
    made = card("web1-nic")
    assert "10.9.1.20" in made.private_ips
    assert made.security_group_id == GUARD
