"""The stand-ins joined: an agent installed through SSM, replicated, failed over, and its VM probed."""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import yaml

from local.world.build import build, world_for
from local.world.seeding import register_appliance

PLAN = Path(__file__).parents[3] / "examples" / "aws-to-azure.yaml"
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
VAULT = f"{SUBSCRIPTION}/resourceGroups/rg-ferry/providers/Microsoft.RecoveryServices/vaults/rsv-ferry"
NETWORKS = f"{SUBSCRIPTION}/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks"


@dataclass
class Arm:
    """ARM in the raw, on a clock that is moved by hand."""

    url: str

    def ask(self, method: str, path: str, body: Any = None, version: str = "2025-08-01") -> Any:
        headers = {"Authorization": "Bearer local"}
        reply = httpx.request(method, f"{self.url}{path}?api-version={version}", json=body, headers=headers)
        assert reply.status_code < 300, reply.text
        return reply.json() if reply.content else None

    def later(self, duration: str) -> None:
        httpx.post(f"{self.url}/control/clock", json={"advance": duration}).raise_for_status()

    def fabric(self) -> Any:
        found = self.ask("GET", f"{VAULT}/replicationFabrics")["value"][0]
        return self.ask("GET", f"{VAULT}/replicationFabrics/{found['name']}")["properties"]["customDetails"]

    def container(self) -> str:
        found = self.ask("GET", f"{VAULT}/replicationProtectionContainers")["value"][0]["id"]
        return str(found)


@pytest.fixture
def arm(ec2: Any, places: Any) -> Arm:
    """A vault with its appliance and its policy beside the example's world."""
    world = world_for(PLAN, yaml.safe_load(PLAN.read_text()))
    build(world, places)
    arm = Arm(places.simulator)
    vault = {"location": "westeurope", "sku": {"name": "RS0"}, "properties": {}}
    arm.ask("PUT", VAULT, vault, "2026-11-01")
    register_appliance(places.simulator, world, VAULT)
    arm.later("PT15M")
    history = {"recoveryPointHistoryInMinutes": 1440, "crashConsistentFrequencyInMinutes": 5}
    details = {
        "instanceType": "InMageRcm",
        **history,
        "appConsistentFrequencyInMinutes": 60,
        "enableMultiVmSync": "false",
    }
    arm.ask("PUT", f"{VAULT}/replicationPolicies/day", {"properties": {"providerSpecificInput": details}})
    arm.later("PT1M")
    mapping = {"targetProtectionContainerId": "Microsoft Azure", "policyId": f"{VAULT}/replicationPolicies/day"}
    pair = f"{arm.container()}/replicationProtectionContainerMappings/pair"
    arm.ask("PUT", pair, {"properties": {**mapping, "providerSpecificInput": {"instanceType": "InMageRcm"}}})
    arm.later("PT1M")
    return arm


def install(places: Any, instance: str) -> None:
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    ssm = boto3.client("ssm", endpoint_url=places.ssm, region_name="eu-west-1", **keys)
    commands = (PLAN.parents[1] / "shared" / "sources" / "agent" / "install.sh").read_text().splitlines()
    called = "set -- --appliance 10.0.2.4 --installer s3://agents/a.tar.gz --config s3://agents/web1.json"
    parameters = {"commands": [called, *commands]}
    ssm.send_command(InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters=parameters)
    ssm.close()


def test_an_ec2_instance_becomes_a_vm_that_answers(arm: Arm, places: Any) -> None:
    site = arm.fabric()["physicalSiteId"]
    assert arm.ask("GET", f"{site}/machines", version="2023-06-06")["value"] == []
    install(places, "i-0aaa1111")
    # real time passes in the SSM stand-in here, it has no clock: the agent registers at its own moment
    arm.later("P1D")
    found = arm.ask("GET", f"{site}/machines", version="2023-06-06")["value"]
    assert [each["properties"]["networkAdapters"][0]["ipAddressList"] for each in found] == [["10.0.2.21"]]

    item = f"{arm.container()}/replicationProtectedItems/shop-web1"
    inputs = {
        "instanceType": "InMageRcm",
        "fabricDiscoveryMachineId": found[0]["id"],
        "processServerId": arm.fabric()["processServers"][0]["id"],
        "targetResourceGroupId": f"{SUBSCRIPTION}/resourceGroups/rg-finance",
        "targetNetworkId": f"{NETWORKS}/vnet-prod",
        "testNetworkId": f"{NETWORKS}/vnet-test",
        "targetSubnetName": "app",
        "testSubnetName": "app",
        "disksDefault": {"logStorageAccountId": f"{SUBSCRIPTION}/resourceGroups/rg-ferry/x", "diskType": "Premium_LRS"},
    }
    policy = {"policyId": f"{VAULT}/replicationPolicies/day", "protectableItemId": ""}
    arm.ask("PUT", item, {"properties": {**policy, "providerSpecificDetails": inputs}})
    arm.later("PT6H")
    assert arm.ask("GET", item)["properties"]["protectionState"] == "Protected"

    details = {"instanceType": "InMageRcm", "performShutdown": "false"}
    body = {"properties": {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": details}}
    arm.ask("POST", f"{item}/unplannedFailover", body)
    arm.later("PT30M")
    nic = f"{SUBSCRIPTION}/resourceGroups/rg-finance/providers/Microsoft.Network/networkInterfaces/shop-web1-nic"
    config = arm.ask("GET", nic, version="2026-03-01")["properties"]["ipConfigurations"][0]["properties"]
    assert config["subnet"]["id"] == f"{NETWORKS}/vnet-prod/subnets/app"
    socket.create_connection((config["privateIPAddress"], 18080), 5).close()
