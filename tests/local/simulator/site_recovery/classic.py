"""A vault with a configuration server, as the tests of the retired road drive it."""

from dataclasses import dataclass
from typing import Any

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP, VAULT, SERVER = "rg-ferry", "rsv-ferry", "ferry-cs"
RG_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
VAULT_ID = f"{RG_ID}/providers/Microsoft.RecoveryServices/vaults/{VAULT}"


@dataclass
class Classic:
    """The stage with its configuration server: what the tests ask of it."""

    stage: Any
    fabric: str = ""
    container: str = ""
    host: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Name the container in calls of the client."""
        return GROUP, VAULT, self.fabric, self.container

    @property
    def container_path(self) -> str:
        """Name the container in raw calls."""
        return f"{VAULT_ID}/replicationFabrics/{self.fabric}/replicationProtectionContainers/{self.container}"

    def read_fabric(self) -> dict[str, Any]:
        """Read the server's fabric."""
        rows = self.stage.arm("GET", f"{VAULT_ID}/replicationFabrics").json()["value"]
        return dict(next(row for row in rows if row["properties"]["friendlyName"] == SERVER))

    def register(self) -> None:
        """Register the server and find its fabric and container."""
        body = {"vaultId": VAULT_ID, "name": SERVER, "ip": "10.0.0.4", "accounts": ["windowsuser", "linuxuser"]}
        self.host = self.stage.ask("POST", "/control/configuration-servers", body)["id"]
        self.stage.advance(900)
        self.fabric = self.read_fabric()["name"]
        path = f"{VAULT_ID}/replicationFabrics/{self.fabric}/replicationProtectionContainers"
        self.container = self.stage.arm("GET", path).json()["value"][0]["name"]
        self.stage.container = self.container

    def set_policy(self) -> None:
        """Make a policy and pair the container with it."""
        settings = {
            "instanceType": "InMageAzureV2",
            "recoveryPointThresholdInMinutes": 15,
            "recoveryPointHistory": 1440,
            "crashConsistentFrequencyInMinutes": 5,
            "appConsistentFrequencyInMinutes": 60,
            "multiVmSyncStatus": "Enable",
        }
        policies = self.stage.client.replication_policies
        body = {"properties": {"providerSpecificInput": settings}}
        policies.begin_create(GROUP, VAULT, "day", body, polling=self.stage.poll()).result()
        mapping = {
            "targetProtectionContainerId": "Microsoft Azure",
            "policyId": f"{VAULT_ID}/replicationPolicies/day",
            "providerSpecificInput": {"instanceType": "InMageAzureV2"},
        }
        mappings = self.stage.client.replication_protection_container_mappings
        mappings.begin_create(*self.place, "pair", {"properties": mapping}, polling=self.stage.poll()).result()

    def discover(self, name: str, ip: str, system: str = "Linux") -> dict[str, Any]:
        """Add a machine by its address; give the job that did it."""
        begin = self.stage.client.replication_protection_containers.begin_discover_protectable_item
        body = {"properties": {"friendlyName": name, "ipAddress": ip, "osType": system}}
        return dict(self.stage.finish(self.stage.job_id(begin, *self.place[2:], body), step=10))

    def protectable(self, ip: str) -> Any:
        """Find a machine that was added, through all pages."""
        pages = self.stage.client.replication_protectable_items.list_by_replication_protection_containers(*self.place)
        return next((each for each in pages if each.properties.custom_details.ip_address == ip), None)

    def enable_body(self, protectable_id: str, **more: Any) -> dict[str, Any]:
        """What enables a machine."""
        details = {
            "instanceType": "InMageAzureV2",
            "processServerId": self.host,
            "masterTargetId": self.host,
            "runAsAccountId": "2",
            "logStorageAccountId": f"{RG_ID}/providers/Microsoft.Storage/storageAccounts/cache",
            "targetAzureNetworkId": f"{RG_ID}/providers/Microsoft.Network/virtualNetworks/vnet-prod",
            "targetAzureSubnetId": "app",
            "targetAzureV2ResourceGroupId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-target",
            "targetAzureVmName": "",
            "diskType": "Premium_LRS",
            **more,
        }
        policy = f"{VAULT_ID}/replicationPolicies/day"
        return {
            "properties": {"policyId": policy, "protectableItemId": protectable_id, "providerSpecificDetails": details}
        }

    def enable(self, name: str, ip: str, **more: Any) -> dict[str, Any]:
        """Add a machine that is there and enable it; give the ended job."""
        self.stage.ask("POST", "/control/machines", {"name": name, "ip": ip, **more})
        self.discover(name, ip)
        body = self.enable_body(self.protectable(ip).id)
        begin = self.stage.client.replication_protected_items.begin_create
        return dict(self.stage.finish(self.stage.job_id(begin, *self.place[2:], name, body)))

    def item(self, name: str) -> dict[str, Any]:
        """Read an item's properties in the raw."""
        return dict(self.stage.arm("GET", self.item_path(name)).json()["properties"])

    def item_path(self, name: str) -> str:
        """Name an item in raw calls."""
        return f"{self.container_path}/replicationProtectedItems/{name}"

    def protect(self, name: str, ip: str, **more: Any) -> None:
        """Bring a machine to Protected."""
        assert self.enable(name, ip, **more)["state"] == "Succeeded"
        for _ in range(100):
            if self.item(name)["protectionState"] == "Protected":
                return
            self.stage.advance(120)
        raise AssertionError(self.item(name)["protectionState"])

    def act(self, action: str, name: str, properties: dict[str, Any]) -> dict[str, Any]:
        """Act on an item and give the ended job."""
        answer = self.stage.arm("POST", f"{self.item_path(name)}/{action}", {"properties": properties})
        assert answer.status_code == 202, answer.text
        return dict(self.stage.finish(answer.headers["x-ms-request-id"].rpartition("/")[2]))
