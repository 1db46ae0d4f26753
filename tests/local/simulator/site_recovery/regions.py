"""A vault with two Azure regions and VMs in one of them, as the tests of that road drive it."""

import re
from dataclasses import dataclass
from typing import Any

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP, VAULT = "rg-ferry", "rsv-ferry"
RG_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
VAULT_ID = f"{RG_ID}/providers/Microsoft.RecoveryServices/vaults/{VAULT}"
SOURCE_RG = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-source"
TARGET_RG = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-target"
CACHE = f"{SOURCE_RG}/providers/Microsoft.Storage/storageAccounts/cache"
BACK_CACHE = f"{TARGET_RG}/providers/Microsoft.Storage/storageAccounts/backcache"
NETWORKS = "providers/Microsoft.Network/virtualNetworks"
VMS = "providers/Microsoft.Compute/virtualMachines"
FROM, TO = "asr-northeurope", "asr-westeurope"
GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


@dataclass
class Regions:
    """The stage with North Europe paired to West Europe: what the tests ask of it."""

    stage: Any

    @property
    def client(self) -> Any:
        """The SDK's client."""
        return self.stage.client

    def container(self, fabric: str) -> str:
        """Name a region's container by its ARM id."""
        return f"{VAULT_ID}/replicationFabrics/{fabric}/replicationProtectionContainers/{fabric}-container"

    def do(self, begin: Any, *args: Any) -> Any:
        """Make a call and wait in virtual time."""
        return begin(GROUP, VAULT, *args, polling=self.stage.poll()).result()

    def make_fabrics(self) -> None:
        """Make both fabrics with their containers."""
        for name, location in ((FROM, "northeurope"), (TO, "westeurope")):
            details = {"instanceType": "Azure", "location": location}
            body = {"properties": {"customDetails": details}}
            self.do(self.client.replication_fabrics.begin_create, name, body)
            fabric_body = {"properties": {"providerSpecificInput": [{"instanceType": "A2A"}]}}
            self.do(self.client.replication_protection_containers.begin_create, name, f"{name}-container", fabric_body)

    def pair(self) -> None:
        """Make the policy and map both containers by it, there and back."""
        settings = {
            "instanceType": "A2A",
            "recoveryPointHistory": 1440,
            "crashConsistentFrequencyInMinutes": 5,
            "appConsistentFrequencyInMinutes": 60,
            "multiVmSyncStatus": "Enable",
        }
        self.do(
            self.client.replication_policies.begin_create, "day", {"properties": {"providerSpecificInput": settings}}
        )
        for near, other in ((FROM, TO), (TO, FROM)):
            mapping = {
                "targetProtectionContainerId": self.container(other),
                "policyId": f"{VAULT_ID}/replicationPolicies/day",
                "providerSpecificInput": {"instanceType": "A2A", "agentAutoUpdateStatus": "Disabled"},
            }
            create = self.client.replication_protection_container_mappings.begin_create
            self.do(create, near, f"{near}-container", f"{near}-pair", {"properties": mapping})

    def add_vm(self, name: str, **more: Any) -> str:
        """Add a source VM and return its ARM id."""
        vm = {"name": name, "region": "northeurope", **more}
        return str(self.stage.ask("POST", "/control/azure-vms", vm)["added"][0])

    def enable_body(self, vm_id: str, **more: Any) -> dict[str, Any]:
        """Return the body that enables replication of a VM with all its managed disks."""
        vm = self.stage.ask("GET", f"/control/resources?id={vm_id}")
        profile = vm["properties"]["storageProfile"]
        disks = [
            {
                "diskId": disk["managedDisk"]["id"],
                "primaryStagingAzureStorageAccountId": CACHE,
                "recoveryResourceGroupId": TARGET_RG,
                "recoveryTargetDiskAccountType": "Premium_LRS",
            }
            for disk in (profile["osDisk"], *profile["dataDisks"])
            if "managedDisk" in disk
        ]
        details = {
            "instanceType": "A2A",
            "fabricObjectId": vm_id,
            "recoveryContainerId": self.container(TO),
            "recoveryResourceGroupId": TARGET_RG,
            "vmManagedDisks": disks,
            **more,
        }
        properties = {"policyId": f"{VAULT_ID}/replicationPolicies/day", "providerSpecificDetails": details}
        return {"properties": properties}

    def enable(self, name: str, body: dict[str, Any]) -> str:
        """Enable replication and return the job's id."""
        create = self.client.replication_protected_items.begin_create
        return str(self.stage.job_id(create, FROM, f"{FROM}-container", name, body))

    def protect(self, *names: str, **more: Any) -> None:
        """Bring new VMs to Protected."""
        for number, name in enumerate(names):
            vm = {"nics": [{"privateIp": f"10.0.0.{number + 4}"}], **more}
            self.enable(name, self.enable_body(self.add_vm(name, **vm)))
        for _ in range(60):
            if all(self.item(name)["protectionState"] == "Protected" for name in names):
                return
            self.stage.advance(120)
        raise AssertionError([self.item(name)["protectionState"] for name in names])

    def path(self, name: str, fabric: str = FROM) -> str:
        """Name an item in raw calls."""
        return f"{self.container(fabric)}/replicationProtectedItems/{name}"

    def item(self, name: str, fabric: str = FROM) -> dict[str, Any]:
        """Read an item's properties in the raw."""
        return dict(self.stage.arm("GET", self.path(name, fabric)).json()["properties"])

    def fail_over(self, name: str, shut_down: str = "Required") -> dict[str, Any]:
        """Fail an item over and return its job."""
        details = {"instanceType": "A2A", "recoveryPointId": ""}
        sent = {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": shut_down,
            "providerSpecificDetails": details,
        }
        begin = self.client.replication_protected_items.begin_unplanned_failover
        job_id = self.stage.job_id(begin, FROM, f"{FROM}-container", name, {"properties": sent})
        return dict(self.stage.finish(job_id, 10))

    def power(self, vm_id: str) -> str:
        """Read a VM's power state."""
        view = self.stage.arm("GET", f"{vm_id}/instanceView?api-version=2024-07-01").json()
        return str(next(each["code"] for each in view["statuses"] if each["code"].startswith("PowerState/")))

    def vm(self, name: str) -> dict[str, Any]:
        """Read a VM of the target group."""
        return dict(self.stage.arm("GET", f"{TARGET_RG}/{VMS}/{name}?api-version=2024-07-01").json())


def prepared(stage: Any) -> Regions:
    """Return both regions, paired, with a cache account on each side and networks that are mapped."""
    found = Regions(stage)
    accounts = [{"id": CACHE, "location": "northeurope"}, {"id": BACK_CACHE, "location": "westeurope"}]
    groups = [{"id": SOURCE_RG, "location": "northeurope"}]
    networks = [
        {"id": f"{SOURCE_RG}/{NETWORKS}/vnet-source", "location": "northeurope"},
        {"id": f"{TARGET_RG}/{NETWORKS}/vnet-target", "location": "westeurope"},
        {"id": f"{TARGET_RG}/{NETWORKS}/vnet-test", "location": "westeurope"},
    ]
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnets = [
        {"id": f"{each['id']}/subnets/default", "properties": {"addressPrefix": "10.0.0.0/24"}} for each in networks
    ]
    documents = [*accounts, *groups, *({**each, "properties": space} for each in networks), *subnets]
    stage.ask("POST", "/control/resources", documents)
    stage.ask("DELETE", f"/control/resources?id={VAULT_ID}")
    stage.ask("POST", "/control/resources", {"id": VAULT_ID, "location": "westeurope", "properties": {}})
    found.make_fabrics()
    found.pair()
    mapping = {
        "recoveryFabricName": TO,
        "recoveryNetworkId": f"{TARGET_RG}/{NETWORKS}/vnet-target",
        "fabricSpecificDetails": {
            "instanceType": "AzureToAzure",
            "primaryNetworkId": f"{SOURCE_RG}/{NETWORKS}/vnet-source",
        },
    }
    create = stage.client.replication_network_mappings.begin_create
    found.do(create, FROM, "azureNetwork", "Source-To-Target", {"properties": mapping})
    return found
