"""Without agents: what enabling says of a machine that is copied from snapshots, and how its container is mapped."""

from typing import Any

from activities.facts.target_spec import cache_account_id
from activities.flow.machine_context import MachineContext
from shared.plan.model import Plan
from shared.site_recovery.agentless import AgentlessAppliance
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.site_recovery.mappings import AZURE, Mapping
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.provider import ReplicationSource
from shared.site_recovery.vmware_cbt import Gateway, VMwareCbt

PROVIDER = VMwareCbt()
SERVER = AgentlessAppliance()


def applies_to(plan: Plan) -> bool:
    """Tell whether a plan's machines are replicated without agents, as migration items."""
    return plan.provider == PROVIDER.name


def source_asked(machine: MachineContext, server: RegisteredAppliance) -> ReplicationSource | None:
    """Give what enabling says of a machine; None while the appliance does not show it. Raises `Refused` without an account."""
    wanted = machine.plan.replication.agentless
    if not machine.row.source_id:
        return None
    found = SERVER.source(server, machine.row.source_id, wanted.account)
    return found.replace(auto_resync=wanted.auto_resync) if found is not None else None


def pairing(plan: Plan, policy: ReplicationPolicy, existing: tuple[Mapping, ...]) -> dict[str, Any]:
    """Give the properties of the mapping; a gateway that Azure Migrate has made ready already is kept as it is."""
    made = next((each.provider_specific_details for each in existing if each.provider_specific_details), None)
    return {
        "targetProtectionContainerId": AZURE,
        "policyId": policy.id,
        "providerSpecificInput": PROVIDER.mapping_through(_adopted(made) if made else _planned(plan)),
    }


def _planned(plan: Plan) -> Gateway:
    vault_id = plan.replication.agentless.key_vault_id
    uri = f"https://{vault_id.rpartition('/')[2].lower()}.vault.azure.net" if vault_id else ""
    return Gateway(
        storage_account_id=cache_account_id(plan), region=plan.target.region, key_vault_id=vault_id, key_vault_uri=uri
    )


def _adopted(made: dict[str, Any]) -> Gateway:
    """Give the gateway of a mapping that is there."""
    return Gateway(
        storage_account_id=str(made.get("storageAccountId") or ""),
        region=str(made.get("targetLocation") or ""),
        key_vault_id=str(made.get("keyVaultId") or ""),
        key_vault_uri=str(made.get("keyVaultUri") or ""),
        storage_secret=str(made.get("storageAccountSasSecretName") or ""),
        bus_secret=str(made.get("serviceBusConnectionStringSecretName") or ""),
    )
