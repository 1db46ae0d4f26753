"""A simulated Azure in a thread with the app's own settings pointed at it, and a migration's world in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from local.simulator.options import Options
from local.simulator.server import running
from shared import ids
from shared.azure import clients
from shared.settings import settings
from shared.site_recovery import discovery, fabrics, items, jobs, mappings, policies
from shared.site_recovery.discovery import DiscoveredMachine
from shared.site_recovery.inmage_rcm import InMageRcm
from shared.site_recovery.items import Enabling, Item, ItemRef
from shared.site_recovery.jobs import Job
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import PolicySettings, ReplicationSource, ReplicationTarget
from shared.site_recovery.vault import VaultRef
from tests.at_hand import at_hand

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
VAULT = VaultRef(subscription=SUBSCRIPTION, resource_group="rg-ferry", name="rsv-ferry")
START = datetime(2026, 11, 21, 5, tzinfo=UTC)
RCM = InMageRcm()


def target(**more: Any) -> dict[str, Any]:
    """Give where the machines of a plan go, as a plan says it; the vault is `VAULT`."""
    whole = {
        "subscriptionId": SUBSCRIPTION,
        "region": "westeurope",
        "resourceGroup": "rg-target",
        "network": {"vnet": "vnet-prod", "subnet": "app", "testVnet": "vnet-test", "testSubnet": "app"},
        "cacheStorageAccount": "stcache",
        "vault": {"name": VAULT.name, "resourceGroup": VAULT.resource_group},
    }
    return whole | more


def request_id(effect: str) -> str:
    """Give the id of the request that asks for one effect of a test."""
    return ids.request_id("test", effect)


def group_id(name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"


def resource(kind: str, name: str, group: str = "rg-ferry") -> str:
    return f"{group_id(group)}/providers/{kind}/{name}"


TARGET = ReplicationTarget(
    resource_group_id=group_id("rg-target"),
    vm_name="",
    vm_size="Standard_D2s_v5",
    network_id=resource("Microsoft.Network/virtualNetworks", "vnet-prod"),
    subnet="app",
    test_network_id=resource("Microsoft.Network/virtualNetworks", "vnet-test"),
    test_subnet="app",
    log_storage_account_id=resource("Microsoft.Storage/storageAccounts", "cache"),
)


@dataclass
class Cloud:
    """The simulator as a test drives it: its clock, its faults, its world."""

    control: httpx.Client
    fabric: str = ""
    container: str = ""
    site: str = ""
    process_server: str = ""
    machines: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API."""
        answer = self.control.request(method, f"/control/{path}", json=body)
        return answer.raise_for_status().json()

    def now(self) -> datetime:
        """The simulated moment."""
        return datetime.fromisoformat(self.ask("GET", "clock")["now"])

    def later(self, seconds: float) -> None:
        """Move time."""
        self.ask("POST", "clock", {"advance": f"PT{seconds}S"})

    def fault(self, kind: str, **more: Any) -> None:
        """Order a fault."""
        self.ask("POST", "faults", {"kind": kind, **more})

    def put(self, arm_id: str, **more: Any) -> None:
        """Put a resource."""
        self.ask("POST", "resources", {"id": arm_id, "location": "westeurope", **more})

    def log(self, operation: str = "*") -> list[dict[str, Any]]:
        """Read the request log."""
        return list(self.ask("GET", f"log?operation={operation}")["entries"])

    def ends(self, job: str) -> Job:
        """Move time until a job has ended."""
        for _ in range(200):
            found = jobs.get_job(VAULT, job)
            if found and not found.running:
                return found
            self.later(120)  # jobs take minutes, and each look at one is a request
        raise AssertionError(f"{job} did not end")

    def ref(self, name: str) -> ItemRef:
        return ItemRef(fabric=self.fabric, container=self.container, name=name)

    def item(self, name: str) -> Item:
        """Read an item that must be there."""
        found = items.get_item(VAULT, self.ref(name))
        assert found
        return found

    def find_machine(self, ip: str) -> DiscoveredMachine | None:
        """Find a discovered machine by its address, None while it is not discovered."""
        listed = discovery.list_machines(self.site)
        return next((each for each in listed if ip in each.ips and not each.is_deleted), None)

    def register_appliance(self) -> None:
        """Register a healthy appliance and keep where it is."""
        self.ask("POST", "appliances", {"vaultId": VAULT.id, "name": "ferry", "ip": "10.0.0.4"})
        self.later(900)
        appliance = fabrics.find_appliance(VAULT, "ferry")
        assert appliance
        assert appliance.process_server
        fabric = fabrics.get_fabric(VAULT, appliance.fabric)
        assert fabric
        self.fabric, self.process_server = fabric.name, appliance.process_server.id
        self.site = fabric.custom_details.physical_site_id
        self.container = fabrics.list_containers(VAULT, fabric.name)[0].name

    def set_policy(self) -> str:
        """Make a policy and map the container with it; give the policy's id."""
        made = policies.create_policy(VAULT, "day", RCM, PolicySettings(), request_id("policy"))
        assert self.ends(made).succeeded
        policy = policies.get_policy(VAULT, "day")
        assert policy
        at = ContainerRef(fabric=self.fabric, container=self.container)
        mapped = mappings.create_mapping(
            VAULT, at, "pair", provider=RCM, policy_id=policy.id, request=request_id("map")
        )
        assert self.ends(mapped).succeeded
        return policy.id

    def add_machine(self, name: str, ip: str, **more: Any) -> None:
        self.ask("POST", "machines", {"name": name, "ip": ip, "agentRegistered": True, **more})

    def enabling(self, name: str, machine_id: str) -> Enabling:
        policy = f"{VAULT.id}/replicationPolicies/day"
        source = ReplicationSource(machine_id=machine_id, process_server_id=self.process_server)
        return Enabling(policy_id=policy, source=source, target=TARGET.replace(vm_name=name))

    def protect(self, name: str, ip: str, **more: Any) -> Item:
        """Bring a new machine to Protected."""
        self.add_machine(name, ip, **more)
        machine = self.find_machine(ip)
        assert machine
        job = items.enable(VAULT, self.ref(name), RCM, self.enabling(name, machine.id), request_id(f"enable {name}"))
        assert self.ends(job).succeeded
        for _ in range(100):
            found = self.item(name)
            if found.protected:
                return found
            self.later(120)
        raise AssertionError(found.protection_state)


@contextmanager
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Serve an empty Azure and point the app's settings at it."""
    with (
        running(Options("skipping", start=START)) as served,
        at_hand(served),
        httpx.Client(base_url=served.url) as control,
    ):
        monkeypatch.setenv("AZFERRY_ARM_ENDPOINT", served.url)
        monkeypatch.setenv("AZFERRY_ARM_TOKEN", "simulated")
        settings.cache_clear()
        clients.forget()
        cloud = Cloud(control)
        cloud.ask("PATCH", "settings", {"throttled": False})
        yield cloud
        cloud.ask("POST", "reset")
        clients.forget()
        settings.cache_clear()


def furnish(cloud: Cloud) -> None:
    """Put resource groups, networks, a cache account and an empty vault."""
    for group in ("rg-ferry", "rg-target"):
        cloud.put(group_id(group))
    subnets = [{"name": "app", "properties": {"addressPrefix": "10.9.1.0/24"}}]
    space = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": subnets}
    for network in (TARGET.network_id, TARGET.test_network_id):
        cloud.put(network, properties=space)
        cloud.ask("POST", "resources", {"id": f"{network}/subnets/app", "properties": {"addressPrefix": "10.9.1.0/24"}})
    cloud.put(TARGET.log_storage_account_id, kind="StorageV2", sku={"name": "Standard_LRS"}, properties={})
    cloud.put(VAULT.id, properties={"provisioningState": "Succeeded"})
