"""What a capable person writes with the plain SDK: each machine from enabling to its completion with pollers, in threads or not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.core.polling.arm_polling import ARMPolling
from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

from local.simulator.options import Options
from local.simulator.server import running
from local.world.derive import derive
from local.world.model import World
from local.world.seeding import register_appliance, tell_simulator
from tests.bench.fleet import SUBSCRIPTION, VAULT, fleet_plan, roomy
from tests.bench.virtual_time import VirtualTime

GROUP, NAME = str(VAULT["resourceGroup"]), str(VAULT["name"])
ROOT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"
VAULT_ID = f"{ROOT}/Microsoft.RecoveryServices/vaults/{NAME}"
FABRIC = f"{NAME}-vmwarefabric"
A_LOOK = 60  # seconds between looks at the first copy
POLL = 30  # the SDK's own default


@dataclass(frozen=True)
class Scripted:
    """What a script took."""

    machines: int
    makespan: float
    calls: int


class Bearer(SansIOHTTPPolicy[Any, Any]):
    """Signs in without TLS."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Add the token."""
        request.http_request.headers["Authorization"] = "Bearer local-stack"


class Credential:
    """A credential that is never asked: `Bearer` signs in."""

    def get_token(self, *_: str, **__: Any) -> Any:
        """Refuse."""
        raise AssertionError("the authentication policy signs in")


@dataclass(frozen=True)
class Script:
    """The script: one client, one vault with a healthy appliance."""

    client: SiteRecoveryManagementClient
    time: VirtualTime
    container: str
    site: str
    process_server: str

    def migrate(self, name: str) -> None:
        """Take one machine over the road, waiting for each step with its poller."""
        items, where = self.client.replication_protected_items, (GROUP, NAME, FABRIC, self.container, name)
        self.wait(items.begin_create, *where, self._enabling(name))
        while not _is_in_step(items.get(*where)):
            self.time.sleep(A_LOOK)
        network = f"{ROOT}/Microsoft.Network/virtualNetworks/vnet-test"
        details = {"instanceType": "InMageRcm", "networkId": network}
        tested = {"networkType": "VmNetworkAsInput", "networkId": network, "providerSpecificDetails": details}
        self.wait(items.begin_test_failover, *where, {"properties": {"failoverDirection": DIRECTION, **tested}})
        self.wait(items.begin_test_failover_cleanup, *where, {"properties": {"comments": "done"}})
        failing = {"failoverDirection": DIRECTION, "sourceSiteOperations": "NotRequired"}
        details = {"instanceType": "InMageRcm", "performShutdown": "false"}
        failing_over = {"properties": {**failing, "providerSpecificDetails": details}}
        self.wait(items.begin_unplanned_failover, *where, failing_over)
        self.wait(items.begin_delete, *where, {"properties": {"disableProtectionReason": "MigrationComplete"}})

    def wait(self, begin: Callable[..., Any], *arguments: Any) -> Any:
        """Begin an operation and wait for it in virtual time, as often as the service says."""
        sleep = self.time.sleep

        class Virtual(ARMPolling):
            def _sleep(self, delay: float) -> None:
                sleep(delay)

        poller = begin(*arguments, polling=Virtual(POLL))
        poller.wait()  # its thread is the one that polls; ours does nothing meanwhile
        return poller.result()

    def _enabling(self, name: str) -> dict[str, Any]:
        network = f"{ROOT}/Microsoft.Network/virtualNetworks"
        cache = f"{ROOT}/Microsoft.Storage/storageAccounts/stferrycache"
        details = {
            "instanceType": "InMageRcm",
            "fabricDiscoveryMachineId": f"{self.site}/machines/{name}",
            "processServerId": self.process_server,
            "targetResourceGroupId": ROOT.removesuffix("/providers"),
            "targetNetworkId": f"{network}/vnet-prod",
            "testNetworkId": f"{network}/vnet-test",
            "targetSubnetName": "app",
            "testSubnetName": "app",
            "disksDefault": {"logStorageAccountId": cache, "diskType": "Premium_LRS"},
        }
        policy = {"policyId": f"{VAULT_ID}/replicationPolicies/day", "protectableItemId": ""}
        return {"properties": {**policy, "providerSpecificDetails": details}}


DIRECTION = "PrimaryToRecovery"


def _is_in_step(item: Any) -> bool:
    """Protected, and with a recovery point."""
    properties = item.properties
    details = properties.provider_specific_details
    return properties.protection_state == "Protected" and details.last_recovery_point_received is not None


def scripted(machines: int, threads: int) -> Scripted:
    """Run the script for so many machines in so many threads; agents are there already, nothing is verified or approved."""
    plan = fleet_plan(machines)
    world = roomy(derive(plan), machines)
    names = [machine["name"] for wave in plan["waves"] for machine in wave["machines"]]
    with _simulator(world) as url, _client(url) as client:
        script = _prepared(url, client, world, threads)
        begun = script.time.now

        def work(share: list[str]) -> None:
            try:
                for name in share:
                    script.migrate(name)
            finally:
                script.time.leave()

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, [names[number::threads] for number in range(threads)]))
        ended = script.time.now
        calls = sum(httpx.get(f"{url}/control/log/summary", trust_env=False).raise_for_status().json().values())
    return Scripted(machines, (ended - begun).total_seconds(), calls)


@contextmanager
def _simulator(world: World) -> Iterator[str]:
    with running(Options("skipping")) as served:
        tell_simulator(served.url, world)
        with httpx.Client(base_url=f"{served.url}/control/", trust_env=False) as control:
            vault = {"id": VAULT_ID, "location": "westeurope", "properties": {"provisioningState": "Succeeded"}}
            control.post("resources", json=vault).raise_for_status()
            for each in world.aws.instances:
                control.post("agents", json={"ip": each.ip}).raise_for_status()
        yield served.url


@contextmanager
def _client(url: str) -> Iterator[SiteRecoveryManagementClient]:
    client = SiteRecoveryManagementClient(
        Credential(), SUBSCRIPTION, base_url=url, authentication_policy=Bearer(), logging_enable=False
    )
    try:
        yield client
    finally:
        client.close()


def _prepared(url: str, client: SiteRecoveryManagementClient, world: World, threads: int) -> Script:
    """Register the appliance, make policy and mapping; only then the watch starts and calls are counted."""
    alone = VirtualTime(url, 1)
    register_appliance(url, world, VAULT_ID)
    alone.sleep(900)
    fabric: Any = client.replication_fabrics.get(GROUP, NAME, FABRIC)
    found = next(iter(client.replication_protection_containers.list_by_replication_fabrics(GROUP, NAME, FABRIC)))
    details = fabric["properties"]["customDetails"]
    place = (str(found.name), str(details["physicalSiteId"]), str(details["processServers"][0]["id"]))
    setting_up = Script(client, alone, *place)
    setting_up.wait(client.replication_policies.begin_create, GROUP, NAME, "day", POLICY)
    mapping = {"targetProtectionContainerId": "Microsoft Azure", "policyId": f"{VAULT_ID}/replicationPolicies/day"}
    body = {"properties": {**mapping, "providerSpecificInput": {"instanceType": "InMageRcm"}}}
    mappings = client.replication_protection_container_mappings
    setting_up.wait(mappings.begin_create, GROUP, NAME, FABRIC, place[0], "day", body)
    httpx.delete(f"{url}/control/log", trust_env=False).raise_for_status()
    return Script(client, VirtualTime(url, threads), *place)


POLICY = {
    "properties": {
        "providerSpecificInput": {
            "instanceType": "InMageRcm",
            "recoveryPointHistoryInMinutes": 1440,
            "crashConsistentFrequencyInMinutes": 5,
            "appConsistentFrequencyInMinutes": 60,
            "enableMultiVmSync": "false",
        }
    }
}
