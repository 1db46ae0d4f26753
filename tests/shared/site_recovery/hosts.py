"""A simulated Azure with Hyper-V hosts, driven by the app's own gateway."""

from typing import Any

from shared.site_recovery import hyperv, items, mappings, policies
from shared.site_recovery.containers import container_of
from shared.site_recovery.hyperv import HyperVMachine
from shared.site_recovery.hyperv_hosts import HyperVHosts
from shared.site_recovery.hyperv_replica_azure import HyperVReplicaAzure
from shared.site_recovery.items import Enabling, Item, ItemRef
from shared.site_recovery.jobs import Job
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import PolicySettings
from tests.clouds import TARGET, VAULT, Cloud, request_id

SITE, HOST = "hq", "hv1.corp.local"
HYPERV = HyperVReplicaAzure()
SIDE = HyperVHosts()


def register(cloud: Cloud, *names: str) -> None:
    """Make a site with these hosts."""
    assert cloud.ends(hyperv.create_site(VAULT, SITE, request_id("site"))).succeeded
    for name in names or (HOST,):
        cloud.ask("POST", "hyperv-hosts", {"vaultId": VAULT.id, "fabric": SITE, "name": name})
    cloud.later(900)


def container() -> ContainerRef:
    """The container of the site."""
    return container_of(VAULT, SIDE, SITE)


def set_policy(cloud: Cloud) -> str:
    """Make a policy and pair the container with it; give its id."""
    assert cloud.ends(policies.create_policy(VAULT, "day", HYPERV, PolicySettings(), request_id("policy"))).succeeded
    policy = policies.get_policy(VAULT, "day")
    assert policy
    made = mappings.create_mapping(
        VAULT, container(), "pair", provider=HYPERV, policy_id=policy.id, request=request_id("map")
    )
    assert cloud.ends(made).succeeded
    return policy.id


def add(cloud: Cloud, name: str, **more: Any) -> HyperVMachine:
    """Put a machine on the host; give it as it shows."""
    disks = [{"name": f"{name}-os", "sizeGb": 20, "osDisk": True}, {"name": f"{name}-data", "sizeGb": 10}]
    cloud.ask("POST", "machines", {"name": name, "ip": "10.0.5.9", "hyperv": HOST, "disks": disks, **more})
    return next(each for each in hyperv.list_machines(VAULT, container()) if each.friendly_name == name)


def ref(name: str) -> ItemRef:
    """Name an item."""
    return ItemRef(fabric=container().fabric, container=container().container, name=name)


def enable(cloud: Cloud, name: str, **more: Any) -> Job:
    """Enable a machine; give the job that ended."""
    server = SIDE.find(VAULT, SITE)
    assert server
    source = SIDE.source(server, add(cloud, name, **more).id, "")
    assert source
    policy = f"{VAULT.id}/replicationPolicies/day"
    enabling = Enabling(policy_id=policy, source=source, target=TARGET.replace(vm_name=name, tags={"a": "b"}))
    return cloud.ends(items.enable(VAULT, ref(name), HYPERV, enabling, request_id(f"enable {name}")))


def item(name: str) -> Item:
    """Read an item that must be there."""
    found = items.get_item(VAULT, ref(name))
    assert found
    return found


def protect(cloud: Cloud, name: str, **more: Any) -> Item:
    """Bring a machine to Protected."""
    assert enable(cloud, name, **more).succeeded
    for _ in range(100):
        found = item(name)
        if found.protected:
            return found
        cloud.later(120)
    raise AssertionError(found.protection_state)
