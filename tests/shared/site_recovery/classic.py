"""A simulated Azure with a configuration server in it, driven by the app's own gateway."""

from shared.site_recovery import configuration_server, items, mappings, policies
from shared.site_recovery.configuration_server import Added, Adding
from shared.site_recovery.containers import container_of
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.site_recovery.in_mage_azure_v2 import InMageAzureV2
from shared.site_recovery.items import Enabling, Item, ItemRef
from shared.site_recovery.jobs import Job
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import PolicySettings
from shared.site_recovery.servers import ConfigurationServer
from tests.clouds import TARGET, VAULT, Cloud, request_id

SERVER = "ferry-cs"
V2A = InMageAzureV2()
SIDE = ConfigurationServer()


def register(cloud: Cloud, *accounts: str) -> RegisteredAppliance:
    """Register a configuration server that keeps these accounts, and let retired providers through."""
    cloud.ask("PATCH", "settings", {"legacy_providers": True})
    body = {"vaultId": VAULT.id, "name": SERVER, "ip": "10.0.0.4", "accounts": list(accounts or ("pusher",))}
    cloud.ask("POST", "configuration-servers", body)
    cloud.later(900)
    return server()


def server() -> RegisteredAppliance:
    """The server, which must be there."""
    found = configuration_server.find(VAULT, SERVER)
    assert found
    return found


def container() -> ContainerRef:
    """Its container."""
    return container_of(VAULT, SIDE, SERVER)


def set_policy(cloud: Cloud) -> str:
    """Make a policy and pair the container with it; give its id."""
    assert cloud.ends(policies.create_policy(VAULT, "day", V2A, PolicySettings(), request_id("policy"))).succeeded
    policy = policies.get_policy(VAULT, "day")
    assert policy
    made = mappings.create_mapping(
        VAULT, container(), "pair", provider=V2A, policy_id=policy.id, request=request_id("map")
    )
    assert cloud.ends(made).succeeded
    return policy.id


def add(cloud: Cloud, name: str, ip: str) -> Added:
    """Add a machine by its address."""
    adding = Adding(name=name, ip=ip, windows=False)
    assert cloud.ends(configuration_server.add_machine(VAULT, container(), adding, request_id(f"add {name}"))).succeeded
    found = next((each for each in configuration_server.list_machines(VAULT, container()) if each.ip == ip), None)
    assert found
    return found


def ref(name: str) -> ItemRef:
    """Name an item."""
    return ItemRef(fabric=container().fabric, container=container().container, name=name)


def enable(cloud: Cloud, name: str, ip: str, **more: object) -> Job:
    """Add a machine that is there and enable it, its agent pushed; give the job that ended."""
    cloud.ask("POST", "machines", {"name": name, "ip": ip, **more})
    source = SIDE.source(server(), add(cloud, name, ip).id, "pusher")
    assert source
    policy = f"{VAULT.id}/replicationPolicies/day"
    enabling = Enabling(policy_id=policy, source=source, target=TARGET.replace(vm_name=name, tags={"a": "b"}))
    return cloud.ends(items.enable(VAULT, ref(name), V2A, enabling, request_id(f"enable {name}")))


def item(name: str) -> Item:
    """Read an item that must be there."""
    found = items.get_item(VAULT, ref(name))
    assert found
    return found


def protect(cloud: Cloud, name: str, ip: str) -> Item:
    """Bring a machine to Protected."""
    assert enable(cloud, name, ip).succeeded
    for _ in range(100):
        found = item(name)
        if found.protected:
            return found
        cloud.later(120)
    raise AssertionError(found.protection_state)
