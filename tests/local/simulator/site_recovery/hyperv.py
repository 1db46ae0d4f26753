"""A vault with a Hyper-V site or a VMM server, as the tests of that road drive it."""

from dataclasses import dataclass
from typing import Any

GROUP, VAULT, SITE, HOST = "rg-ferry", "rsv-ferry", "hq", "hv1.corp.local"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
RG_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
TARGET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-target"
VAULT_ID = f"{RG_ID}/providers/Microsoft.RecoveryServices/vaults/{VAULT}"
NETWORK = f"{RG_ID}/providers/Microsoft.Network/virtualNetworks/vnet-prod"
ACCOUNT = f"{RG_ID}/providers/Microsoft.Storage/storageAccounts/cache"
POLICY = {
    "properties": {
        "providerSpecificInput": {
            "instanceType": "HyperVReplicaAzure",
            "recoveryPointHistoryDuration": 24,
            "applicationConsistentSnapshotFrequencyInHours": 1,
            "replicationInterval": 300,
        }
    }
}


@dataclass
class HyperV:
    """The stage with a fabric of Hyper-V hosts."""

    stage: Any
    fabric: str = SITE
    container: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        return GROUP, VAULT, self.fabric, self.container

    @property
    def path(self) -> str:
        return f"{VAULT_ID}/replicationFabrics/{self.fabric}/replicationProtectionContainers/{self.container}"

    def create_site(self) -> None:
        body = {"properties": {"customDetails": {"instanceType": "HyperVSite"}}}
        fabrics = self.stage.client.replication_fabrics
        fabrics.begin_create(GROUP, VAULT, SITE, body, polling=self.stage.poll()).result()

    def register_host(self) -> None:
        self.stage.ask("POST", "/control/hyperv-hosts", {"vaultId": VAULT_ID, "fabric": SITE, "name": HOST})
        self.stage.advance(900)

    def pair(self) -> None:
        """Find the container, make the policy and map it."""
        client, poll = self.stage.client, self.stage.poll
        found = client.replication_protection_containers.list_by_replication_fabrics(GROUP, VAULT, self.fabric)
        self.container = self.container or str(next(iter(found)).name)
        self.stage.container = self.container
        client.replication_policies.begin_create(GROUP, VAULT, "hours", POLICY, polling=poll()).result()
        mapping = {
            "properties": {
                "targetProtectionContainerId": "Microsoft Azure",
                "policyId": f"{VAULT_ID}/replicationPolicies/hours",
                "providerSpecificInput": {},
            }
        }
        pairs = client.replication_protection_container_mappings
        pairs.begin_create(*self.place, "pair", mapping, polling=poll()).result()

    def add(self, name: str = "vm1", **more: Any) -> Any:
        """Put a machine on the host and return its protectable item."""
        disks = [{"name": f"{name}-os", "sizeGb": 20, "osDisk": True}, {"name": f"{name}-data", "sizeGb": 10}]
        machine = {"name": name, "ip": f"10.0.5.{len(name) + 10}", "hyperv": HOST, "disks": disks, **more}
        self.stage.ask("POST", "/control/machines", machine)
        listed = self.stage.client.replication_protectable_items.list_by_replication_protection_containers(*self.place)
        return next(each for each in listed if each.properties.friendly_name == name)

    def enable_body(self, protectable: Any, **more: Any) -> dict[str, Any]:
        details = protectable["properties"]["customDetails"]
        return {
            "properties": {
                "policyId": f"{VAULT_ID}/replicationPolicies/hours",
                "protectableItemId": protectable["id"],
                "providerSpecificDetails": {
                    "instanceType": "HyperVReplicaAzure",
                    "hvHostVmId": details["sourceItemId"],
                    "vmName": protectable["properties"]["friendlyName"],
                    "osType": "Windows",
                    "vhdId": details["diskDetails"][0]["vhdId"],
                    "targetAzureV2ResourceGroupId": TARGET,
                    "targetAzureNetworkId": NETWORK,
                    "targetAzureSubnetId": "app",
                    "useManagedDisks": "true",
                    "useManagedDisksForReplication": "true",
                    "diskType": "Standard_LRS",
                    "logStorageAccountId": ACCOUNT,
                    **more,
                },
            }
        }

    def enable(self, protectable: Any, name: str = "vm1", **more: Any) -> dict[str, Any]:
        create = self.stage.client.replication_protected_items.begin_create
        body = self.enable_body(protectable, **more)
        return dict(self.stage.finish(self.stage.job_id(create, self.fabric, self.container, name, body), step=20))

    def item(self, name: str = "vm1") -> dict[str, Any]:
        return dict(self.stage.arm("GET", f"{self.path}/replicationProtectedItems/{name}").json()["properties"])

    def protect(self, name: str = "vm1", **more: Any) -> Any:
        protectable = self.add(name, **more)
        assert self.enable(protectable, name)["state"] == "Succeeded"
        for _ in range(60):
            if self.item(name)["protectionState"] == "Protected":
                return protectable
            self.stage.advance(120)
        raise AssertionError(self.item(name))

    def act(self, action: str, properties: Any = None, name: str = "vm1") -> Any:
        """POST an action on an item and return its job at its end."""
        path = f"{self.path}/replicationProtectedItems/{name}/{action}"
        answer = self.stage.arm("POST", path, {"properties": properties or {}})
        assert answer.status_code == 202, answer.text
        return self.stage.finish(answer.headers["x-ms-request-id"].rpartition("/")[2])

    def powered_on(self, name: str = "vm1") -> bool:
        rows = self.stage.ask("GET", "/control/machines")["machines"]
        return bool(next(row["poweredOn"] for row in rows if row["name"] == name))
