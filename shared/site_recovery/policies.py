"""Replication policies: how long recovery points are kept and how often they are made.

| operation | role action |
| --- | --- |
| get_policy | Microsoft.RecoveryServices/vaults/replicationPolicies/read |
| create_policy | Microsoft.RecoveryServices/vaults/replicationPolicies/write |
"""

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import found
from shared.site_recovery.provider import PolicySettings, Provider
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire


class ReplicationPolicy(FromWire):
    """A replication policy of the vault."""

    id: str
    name: str
    friendly_name: str = ""


def get_policy(vault: VaultRef, name: str) -> ReplicationPolicy | None:
    """Give the policy, or None when there is none of that name."""
    client = clients.site_recovery(vault.subscription)
    return found(
        f"reading policy {name}", lambda: ReplicationPolicy.of(client.replication_policies.get(*vault.place, name))
    )


def create_policy(vault: VaultRef, name: str, provider: Provider, settings: PolicySettings, request: str) -> str:
    """Ask for a policy; give the job, empty when it is done at once."""
    body = {"properties": {"providerSpecificInput": provider.policy(settings)}}
    send = clients.site_recovery(vault.subscription).replication_policies.begin_create
    return submit(f"creating policy {name}", request, send, *vault.place, name, body).job
