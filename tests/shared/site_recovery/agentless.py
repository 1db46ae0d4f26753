"""A simulated Azure with Azure Migrate's appliance in it, driven by the app's own gateway."""

from typing import Any

from shared.site_recovery import discovery, fabrics, items, mappings, policies
from shared.site_recovery.discovery import DiscoveredMachine
from shared.site_recovery.items import MIGRATING, Enabling, Item, ItemRef
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import PolicySettings, ReplicationSource, SourceDisk
from shared.site_recovery.vmware_cbt import Gateway, VMwareCbt
from tests.clouds import TARGET, VAULT, Cloud, request_id

CBT = VMwareCbt()
APPLIANCE = "migrate"
DISKS = [{"name": "os", "sizeGb": 20, "osDisk": True}, {"name": "data", "sizeGb": 10}]


def register(cloud: Cloud) -> None:
    """Register the appliance, make a policy, and pair its container with it."""
    cloud.ask("POST", "appliances", {"vaultId": VAULT.id, "name": APPLIANCE, "agentless": True})
    cloud.later(900)
    fabric = fabrics.list_fabrics(VAULT)[0]
    cloud.fabric, cloud.site = fabric.name, fabric.custom_details.vmware_site_id
    cloud.container = fabrics.list_containers(VAULT, fabric.name)[0].name
    assert cloud.ends(policies.create_policy(VAULT, "day", CBT, PolicySettings(), request_id("policy"))).succeeded
    policy = policies.get_policy(VAULT, "day")
    assert policy
    at = ContainerRef(fabric=cloud.fabric, container=cloud.container)
    gateway = Gateway(storage_account_id=TARGET.log_storage_account_id, region="westeurope")
    pairing = {
        "targetProtectionContainerId": mappings.AZURE,
        "policyId": policy.id,
        "providerSpecificInput": CBT.mapping_through(gateway),
    }
    assert cloud.ends(mappings.pair(VAULT, at, "pair", pairing, request_id("map"))).succeeded


def ref(cloud: Cloud, name: str) -> ItemRef:
    """Name an item."""
    return cloud.ref(name).replace(kind=MIGRATING)


def item(cloud: Cloud, name: str) -> Item:
    """Read an item that must be there."""
    found = items.get_item(VAULT, ref(cloud, name))
    assert found
    return found


def discover(cloud: Cloud, name: str, **more: Any) -> DiscoveredMachine:
    """Put a machine into the vCenter; give it as the appliance sees it."""
    machine = {"name": name, "ip": "10.0.6.1", "vcenter": "vc.corp.local", "disks": DISKS, **more}
    cloud.ask("POST", "machines", machine)
    listed = discovery.list_machines(cloud.site)
    return next(each for each in listed if each.display_name == name)


def enable(cloud: Cloud, name: str, **more: Any) -> str:
    """Ask for the replication of a new machine; give the job."""
    machine, account = discover(cloud, name, **more), f"{cloud.site}/runasaccounts/vcenter"
    disks = tuple(SourceDisk(id=each.uuid) for each in machine.disks)
    source = ReplicationSource(machine_id=machine.id, run_as_account_id=account, disks=disks, os_disk_id=disks[0].id)
    enabling = Enabling(
        policy_id=f"{VAULT.id}/replicationPolicies/day",
        source=source,
        target=TARGET.replace(vm_name=name, tags={"owner": "ferry"}),
    )
    return items.enable(VAULT, ref(cloud, name), CBT, enabling, request_id(f"enable {name}"))


def replicate(cloud: Cloud, name: str, **more: Any) -> Item:
    """Bring a new machine to Protected."""
    assert cloud.ends(enable(cloud, name, **more)).succeeded
    for _ in range(100):
        found = item(cloud, name)
        if found.protected:
            return found
        cloud.later(120)
    raise AssertionError(found.protection_state)
