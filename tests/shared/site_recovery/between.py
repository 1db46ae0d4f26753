"""A simulated Azure with two regions in a vault, driven by the app's own gateway."""

from typing import Any

from shared.site_recovery import items, policies, regions
from shared.site_recovery.a2a import AzureToAzure
from shared.site_recovery.items import Enabling, Item, ItemRef
from shared.site_recovery.jobs import Job
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import PolicySettings, ReplicationSource, ReplicationTarget, SourceDisk
from tests.clouds import TARGET, VAULT, Cloud, group_id, request_id, resource

A2A = AzureToAzure()
FROM, TO = "northeurope", "westeurope"
CACHE = resource("Microsoft.Storage/storageAccounts", "cachenorth", "rg-source")


def furnish(cloud: Cloud) -> None:
    """Put the cache account beside the source, and make both regions' fabrics and containers."""
    cloud.put(group_id("rg-source"), location=FROM)
    cloud.put(CACHE, location=FROM, kind="StorageV2", sku={"name": "Standard_LRS"}, properties={})
    for region in (FROM, TO):
        assert cloud.ends(regions.create_region(VAULT, region, request_id(f"fabric {region}"))).succeeded
        fabric = regions.find_region(VAULT, region)
        assert fabric
        assert cloud.ends(regions.create_container(VAULT, fabric.name, request_id(f"container {region}"))).succeeded


def container(region: str) -> ContainerRef:
    """Give the container of a region."""
    found = regions.find_container(VAULT, region)
    assert found
    return found


def pair(cloud: Cloud) -> None:
    """Make the policy and map both containers by it, there and back."""
    assert cloud.ends(policies.create_policy(VAULT, "day", A2A, PolicySettings(), request_id("policy"))).succeeded
    near, other = container(FROM), container(TO)
    policy = f"{VAULT.id}/replicationPolicies/day"
    for at, to in ((near, other), (other, near)):
        job = regions.pair_containers(VAULT, at, to, A2A, policy, request_id(f"pair {at.fabric}"))
        assert cloud.ends(job).succeeded


def add(cloud: Cloud, name: str, **more: Any) -> str:
    """Add a source VM with one disk; give its ARM id."""
    return str(cloud.ask("POST", "azure-vms", {"name": name, "region": FROM, **more})["added"][0])


def target(name: str, **more: Any) -> ReplicationTarget:
    """Give what a VM becomes."""
    own = {"vm_name": name, "vm_size": "", "disk_type": "", "container_id": container(TO).id(VAULT)}
    return TARGET.replace(log_storage_account_id=CACHE, **(own | more))


def ref(name: str) -> ItemRef:
    """Name an item."""
    at = container(FROM)
    return ItemRef(fabric=at.fabric, container=at.container, name=name)


def enable(cloud: Cloud, name: str, **more: Any) -> Job:
    """Enable a new VM; give the job that ended."""
    vm = add(cloud, name, **more)
    disk = f"{vm.rpartition('/Microsoft.Compute')[0]}/Microsoft.Compute/disks/{name}-os"
    source = ReplicationSource(machine_id=vm, disks=(SourceDisk(id=disk, type="Premium_LRS"),))
    enabling = Enabling(policy_id=f"{VAULT.id}/replicationPolicies/day", source=source, target=target(name))
    return cloud.ends(items.enable(VAULT, ref(name), A2A, enabling, request_id(f"enable {name}")))


def item(name: str) -> Item:
    """Read an item that must be there."""
    found = items.get_item(VAULT, ref(name))
    assert found
    return found


def protect(cloud: Cloud, name: str, **more: Any) -> Item:
    """Bring a VM to Protected."""
    assert enable(cloud, name, **more).succeeded
    for _ in range(100):
        found = item(name)
        if found.protected:
            return found
        cloud.later(120)
    raise AssertionError(found.protection_state)
