"""Without agents: VMs of a vCenter are copied from snapshots by Azure Migrate's appliance, as migration items.

Site Recovery's provider is VMwareCbt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.ledger.machine_context import MachineContext
from shared.plan.model import Plan
from shared.roads.agentless_texts import AGENTLESS
from shared.roads.server_road import ServerRoad
from shared.site_recovery.agentless import AgentlessAppliance
from shared.site_recovery.discovery import get_machine
from shared.site_recovery.mappings import Mapping
from shared.site_recovery.provider import Provider, ReplicationSource
from shared.site_recovery.servers import WITHOUT_AGENTS, KnownDisk, ServerSide, site_of
from shared.site_recovery.vault import vault_of_plan
from shared.site_recovery.vmware_cbt import Gateway, VMwareCbt
from shared.site_recovery.wire import Json


@dataclass(frozen=True)
class AgentlessRoad(ServerRoad):
    """Nothing comes onto the machines; the appliance copies them through a gateway that the mapping makes."""

    provider: ClassVar[Provider] = VMwareCbt()
    server: ClassVar[ServerSide] = AgentlessAppliance()
    feature: ClassVar[str] = "migration items"
    machines_per_server: ClassVar[int] = WITHOUT_AGENTS

    def rights(self, plan: Plan) -> Iterator[str]:
        """Read the machines of the site, and the accounts that take their snapshots."""
        yield from ("vms show", "vms pushed")

    def discovery_site(self, plan: Plan) -> str | None:
        """Return the site of the appliance's fabric."""
        return site_of(vault_of_plan(plan), self.container(plan).fabric)

    def gate_texts(self, plan: Plan) -> dict[str, str]:
        """Tell how Azure Migrate's appliance is set up."""
        return AGENTLESS

    def source_input(self, machine: MachineContext) -> ReplicationSource | None:
        """Name the machine and all its disks. Raise `Refused` where the appliance keeps no account for it."""
        wanted = machine.plan.replication.agentless
        if not machine.row.source_id:
            return None
        found = self.server.source(self.server_parts(machine.plan), machine.row.source_id, wanted.account)
        return found.replace(auto_resync=wanted.auto_resync) if found is not None else None

    def disks(self, machine: MachineContext) -> Sequence[KnownDisk]:
        """Return the disks that the appliance has discovered."""
        read = get_machine(machine.row.source_id)
        return tuple(KnownDisk(id=disk.uuid, name=disk.name or disk.label) for disk in read.disks) if read else ()

    def mapping_input(self, plan: Plan, existing: Sequence[Mapping]) -> Json:
        """Name the gateway; one that Azure Migrate has made ready already is kept as it is."""
        made = next((each.provider_specific_details for each in existing if each.provider_specific_details), None)
        return VMwareCbt().mapping_through(_adopted(made) if made else self._planned(plan))

    def _planned(self, plan: Plan) -> Gateway:
        vault_id = plan.replication.agentless.key_vault_id
        uri = f"https://{vault_id.rpartition('/')[2].lower()}.vault.azure.net" if vault_id else ""
        return Gateway(
            storage_account_id=self.cache_account(plan),
            region=plan.target.region,
            key_vault_id=vault_id,
            key_vault_uri=uri,
        )


def _adopted(made: dict[str, Any]) -> Gateway:
    """Return the gateway of a mapping that is there."""
    return Gateway(
        storage_account_id=str(made.get("storageAccountId") or ""),
        region=str(made.get("targetLocation") or ""),
        key_vault_id=str(made.get("keyVaultId") or ""),
        key_vault_uri=str(made.get("keyVaultUri") or ""),
        storage_secret=str(made.get("storageAccountSasSecretName") or ""),
        bus_secret=str(made.get("serviceBusConnectionStringSecretName") or ""),
    )
