"""A simulator on a skipping clock with the real Site Recovery client on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.polling import LROPoller
from azure.mgmt.core.polling.arm_polling import ARMPolling
from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

from local.simulator.clock import parse_iso
from local.simulator.options import Options
from local.simulator.server import running
from tests.at_hand import at_hand
from tests.local.simulator.site_recovery.hyperv import HyperV
from tests.local.simulator.site_recovery.regions import Regions, prepared

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP, VAULT, FABRIC = "rg-ferry", "rsv-ferry", "rsv-ferry-vmwarefabric"
RG_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
VAULT_ID = f"{RG_ID}/providers/Microsoft.RecoveryServices/vaults/{VAULT}"
API = "2025-08-01"


class Bearer(SansIOHTTPPolicy[Any, Any]):
    """Signs in without TLS, as the SDK allows by `authentication_policy`."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.http_request.headers["Authorization"] = "Bearer simulated"


class Credential:
    """A credential that is never asked."""

    def get_token(self, *_: str, **__: Any) -> Any:
        raise AssertionError("the authentication policy signs in")


@dataclass
class Stage:
    """A world under test and the ways to drive it."""

    url: str
    control: httpx.Client
    client: SiteRecoveryManagementClient
    container: str = ""
    mark: dict[str, Any] = field(default_factory=dict)

    def advance(self, seconds: float) -> None:
        """Move virtual time."""
        self.ask("POST", "/control/clock", {"advance": f"PT{seconds}S"})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API."""
        answer = self.control.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def arm(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Call ARM in the raw; a path without query gets the api-version."""
        full = path if "?" in path else f"{path}?api-version={API}"
        return self.control.request(method, full, json=body, headers={"Authorization": "Bearer x", **headers})

    def poll(self) -> ARMPolling:
        """A poller that waits in virtual time: what the service asks to wait moves the clock."""
        stage = self

        class Virtual(ARMPolling):
            def _sleep(self, delay: float) -> None:
                stage.advance(delay)

        return Virtual(30)

    def job_id(self, call: Callable[..., Any], *args: Any, **named: Any) -> str:
        """Make a call without polling and return the id of its job."""
        seen: dict[str, str] = {}
        call(
            GROUP,
            VAULT,
            *args,
            polling=False,
            raw_response_hook=lambda r: seen.update(r.http_response.headers),
            **named,
        )
        return seen["Location"].partition("?")[0].rpartition("/")[2]

    def job(self, job_id: str) -> dict[str, Any]:
        """Read a job in the raw."""
        return dict(self.arm("GET", f"{VAULT_ID}/replicationJobs/{job_id}").json()["properties"])

    def finish(self, job_id: str, step: float = 60, most: int = 200) -> dict[str, Any]:
        """Move time until a job has ended."""
        for _ in range(most):
            job = self.job(job_id)
            if job["state"] not in ("NotStarted", "InProgress"):
                return job
            self.advance(step)
        raise AssertionError(f"the job did not end: {job}")

    def item(self, name: str) -> dict[str, Any]:
        """Read an item's properties in the raw."""
        return dict(self.arm("GET", self.item_path(name)).json()["properties"])

    def item_path(self, name: str) -> str:
        return f"{VAULT_ID}/replicationFabrics/{FABRIC}/replicationProtectionContainers/{self.container}/replicationProtectedItems/{name}"

    def act(self, action: str, name: str, properties: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """POST an action on an item in the raw."""
        return self.arm("POST", f"{self.item_path(name)}/{action}", {"properties": properties or {}}, **headers)

    def process_server(self) -> str:
        fabric = self.client.replication_fabrics.get(GROUP, VAULT, FABRIC)
        return str(fabric["properties"]["customDetails"]["processServers"][0]["id"])

    def add_machine(self, name: str, ip: str, **more: Any) -> str:
        """Add a source machine with its agent and return its id in the site."""
        self.ask("POST", "/control/machines", {"name": name, "ip": ip, "agentRegistered": True, **more})
        fabric = self.client.replication_fabrics.get(GROUP, VAULT, FABRIC)
        return f"{fabric['properties']['customDetails']['physicalSiteId']}/machines/{name}"

    def enable_body(self, machine_id: str, **more: Any) -> dict[str, Any]:
        details = {
            "instanceType": "InMageRcm",
            "fabricDiscoveryMachineId": machine_id,
            "processServerId": self.process_server(),
            "targetResourceGroupId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-target",
            "targetNetworkId": f"{RG_ID}/providers/Microsoft.Network/virtualNetworks/vnet-prod",
            "testNetworkId": f"{RG_ID}/providers/Microsoft.Network/virtualNetworks/vnet-test",
            "targetSubnetName": "app",
            "testSubnetName": "app",
            "disksDefault": {
                "logStorageAccountId": f"{RG_ID}/providers/Microsoft.Storage/storageAccounts/cache",
                "diskType": "Premium_LRS",
            },
            **more,
        }
        return {
            "properties": {
                "policyId": f"{VAULT_ID}/replicationPolicies/day",
                "protectableItemId": "",
                "providerSpecificDetails": details,
            }
        }

    def enable(self, name: str, ip: str, **more: Any) -> str:
        """Enable replication of a new machine and return the job's id."""
        body = self.enable_body(self.add_machine(name, ip, **more))
        return self.job_id(self.client.replication_protected_items.begin_create, FABRIC, self.container, name, body)

    def protect(self, *names: str, **more: Any) -> None:
        """Bring machines to Protected."""
        for number, name in enumerate(names):
            self.enable(name, f"10.0.2.{20 + number + len(self.mark)}", **more)
            self.mark[name] = True
        for _ in range(100):
            if all(self.item(name)["protectionState"] == "Protected" for name in names):
                return
            self.advance(120)
        raise AssertionError([self.item(name)["protectionState"] for name in names])


@pytest.fixture
def kept() -> Path | None:
    """The file that the world is kept in: none, unless a test has one."""
    return None


@pytest.fixture
def bare(kept: Path | None) -> Iterator[Stage]:
    """A simulator with a vault and nothing else."""
    options = Options("skipping", start=parse_iso("2026-11-21T05:00:00Z"), kept=kept)
    with running(options) as served, at_hand(served), httpx.Client(base_url=served.url, timeout=10) as control:
        client = SiteRecoveryManagementClient(
            Credential(),
            SUBSCRIPTION,
            base_url=served.url,
            authentication_policy=Bearer(),
            retry_total=0,
        )
        stage = Stage(served.url, control, client)
        vault = {"id": VAULT_ID, "location": "westeurope", "properties": {"provisioningState": "Succeeded"}}
        groups = [f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-target", RG_ID]
        stage.ask("POST", "/control/resources", [{"id": group, "location": "westeurope"} for group in groups])
        network = f"{RG_ID}/providers/Microsoft.Network/virtualNetworks"
        subnets = [{"name": "app", "properties": {"addressPrefix": "10.9.1.0/24"}}]
        space = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": subnets}
        for name in ("vnet-prod", "vnet-test"):
            stage.ask(
                "POST", "/control/resources", {"id": f"{network}/{name}", "location": "westeurope", "properties": space}
            )
            subnet = {"id": f"{network}/{name}/subnets/app", "properties": {"addressPrefix": "10.9.1.0/24"}}
            stage.ask("POST", "/control/resources", subnet)
        stage.ask("POST", "/control/resources", vault)
        stage.ask("PATCH", "/control/settings", {"throttled": False})
        yield stage
        client.close()


@pytest.fixture
def ready(bare: Stage) -> Stage:
    """A vault with a healthy appliance, a policy and a mapping."""
    bare.ask("POST", "/control/appliances", {"vaultId": VAULT_ID, "name": "ferry", "ip": "10.0.0.4"})
    bare.advance(900)
    policy = {
        "properties": {
            "providerSpecificInput": {
                "instanceType": "InMageRcm",
                "recoveryPointHistoryInMinutes": 1440,
                "crashConsistentFrequencyInMinutes": 5,
                "appConsistentFrequencyInMinutes": 60,
                "enableMultiVmSync": "True",
            }
        }
    }
    bare.client.replication_policies.begin_create(GROUP, VAULT, "day", policy, polling=bare.poll()).result()
    found = list(bare.client.replication_protection_containers.list_by_replication_fabrics(GROUP, VAULT, FABRIC))
    bare.container = str(found[0].name)
    mapping = {
        "properties": {
            "targetProtectionContainerId": "Microsoft Azure",
            "policyId": f"{VAULT_ID}/replicationPolicies/day",
            "providerSpecificInput": {"instanceType": "InMageRcm"},
        }
    }
    poller: LROPoller[Any] = bare.client.replication_protection_container_mappings.begin_create(
        GROUP, VAULT, FABRIC, bare.container, "pair", mapping, polling=bare.poll()
    )
    poller.result()
    return bare


@pytest.fixture
def regions(bare: Stage) -> Regions:
    """Two Azure regions, paired."""
    return prepared(bare)


@pytest.fixture
def site(bare: Stage) -> HyperV:
    """A Hyper-V site with a host, mapped to Azure."""
    stage = HyperV(bare)
    stage.create_site()
    stage.register_host()
    stage.pair()
    return stage
