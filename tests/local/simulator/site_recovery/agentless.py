"""A vault with an appliance of Azure Migrate, as the tests of agentless migration drive it."""

from dataclasses import dataclass
from typing import Any

from azure.mgmt.recoveryservicessiterecovery import models as m

from tests.local.simulator.site_recovery.hyperv import ACCOUNT, GROUP, NETWORK, TARGET, VAULT, VAULT_ID

VMS = f"{TARGET}/providers/Microsoft.Compute/virtualMachines"


@dataclass
class Agentless:
    """The stage with an appliance of Azure Migrate."""

    stage: Any
    fabric: str = ""
    container: str = ""
    site: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        return GROUP, VAULT, self.fabric, self.container

    @property
    def items(self) -> Any:
        return self.stage.client.replication_migration_items

    def path(self, name: str = "vm1") -> str:
        home = f"{VAULT_ID}/replicationFabrics/{self.fabric}/replicationProtectionContainers/{self.container}"
        return f"{home}/replicationMigrationItems/{name}"

    def discover(self, name: str = "vm1", **more: Any) -> dict[str, Any]:
        disks = [{"name": "os", "sizeGb": 20, "osDisk": True}, {"name": "data", "sizeGb": 10}]
        machine = {"name": name, "ip": "10.0.6.1", "vcenter": "vc.corp.local", "disks": disks, **more}
        self.stage.ask("POST", "/control/machines", machine)
        rows = self.stage.arm("GET", f"{self.site}/machines?api-version=2023-06-06").json()["value"]
        return dict(next(row for row in rows if row["properties"]["displayName"] == name))

    def body(self, machine: dict[str, Any], **more: Any) -> dict[str, Any]:
        disks = [
            {
                "diskId": disk["uuid"],
                "isOSDisk": str(number == 0).lower(),
                "diskType": "Premium_LRS",
                "logStorageAccountId": ACCOUNT,
                "logStorageAccountSasSecretName": "cacheSas",
            }
            for number, disk in enumerate(machine["properties"]["disks"])
        ]
        details = {
            "instanceType": "VMwareCbt",
            "vmwareMachineId": machine["id"],
            "disksToInclude": disks,
            "dataMoverRunAsAccountId": f"{self.site}/runasaccounts/vcenter",
            "snapshotRunAsAccountId": f"{self.site}/runasaccounts/vcenter",
            "targetResourceGroupId": TARGET,
            "targetNetworkId": NETWORK,
            "targetSubnetName": "app",
            "targetVmName": "vm1-azure",
            **more,
        }
        return {"properties": {"policyId": f"{VAULT_ID}/replicationPolicies/cbt", "providerSpecificDetails": details}}

    def start(self, name: str = "vm1", **more: Any) -> None:
        body = self.body(self.discover(name, **more))
        self.items.begin_create(*self.place, name, body, polling=self.stage.poll()).result()

    def replicate(self, name: str = "vm1", **more: Any) -> None:
        self.start(name, **more)
        for _ in range(60):
            if self.read(name)["migrationState"] == "Replicating":
                return
            self.stage.advance(120)
        raise AssertionError(self.read(name))

    def read(self, name: str = "vm1") -> dict[str, Any]:
        return dict(self.stage.arm("GET", self.path(name)).json()["properties"])

    def submit(self, action: str, properties: Any) -> str:
        answer = self.stage.arm("POST", f"{self.path()}/{action}", {"properties": properties})
        assert answer.status_code == 202, answer.text
        return str(answer.headers["x-ms-request-id"].rpartition("/")[2])

    def act(self, action: str, details: Any = None) -> dict[str, Any]:
        given = {"providerSpecificDetails": {"instanceType": "VMwareCbt", **(details or {})}}
        return dict(self.stage.finish(self.submit(action, given), step=30))

    def powered_on(self) -> bool:
        return bool(self.stage.ask("GET", "/control/machines")["machines"][0]["poweredOn"])


def prepared(bare: Any) -> Agentless:
    """Return the stage with an appliance of Azure Migrate, a policy and a mapping."""
    bare.ask("POST", "/control/appliances", {"vaultId": VAULT_ID, "name": "migrate", "agentless": True})
    bare.advance(900)
    fabric = next(iter(bare.client.replication_fabrics.list(GROUP, VAULT)))
    details = fabric["properties"]["customDetails"]
    assert (details["instanceType"], details["processServers"]) == ("VMwareV2", [])
    stage = Agentless(bare, str(fabric.name), site=details["vmwareSiteId"])
    containers = bare.client.replication_protection_containers
    stage.container = str(next(iter(containers.list_by_replication_fabrics(GROUP, VAULT, stage.fabric))).name)
    policy = m.CreatePolicyInput(
        properties=m.CreatePolicyInputProperties(
            provider_specific_input=m.VMwareCbtPolicyCreationInput(
                recovery_point_history_in_minutes=4320,
                crash_consistent_frequency_in_minutes=60,
                app_consistent_frequency_in_minutes=240,
            )
        )
    )
    bare.client.replication_policies.begin_create(GROUP, VAULT, "cbt", policy, polling=bare.poll()).result()
    bare.client.replication_protection_container_mappings.begin_create(
        *stage.place, "pair", mapping(), polling=bare.poll()
    ).result()
    return stage


def mapping(**more: Any) -> dict[str, Any]:
    details = {
        "instanceType": "VMwareCbt",
        "storageAccountId": ACCOUNT,
        "storageAccountSasSecretName": "gwySas",
        "serviceBusConnectionStringSecretName": "bus",
        "keyVaultId": "kv",
        "keyVaultUri": "https://kv.vault.azure.net",
        "targetLocation": "westeurope",
        **more,
    }
    return {
        "properties": {
            "targetProtectionContainerId": "Microsoft Azure",
            "policyId": f"{VAULT_ID}/replicationPolicies/cbt",
            "providerSpecificInput": details,
        }
    }
