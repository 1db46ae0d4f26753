"""Container mappings: which policy a container replicates to Azure with.

| operation | role action |
| --- | --- |
| list_mappings | …/replicationProtectionContainers/replicationProtectionContainerMappings/read |
| create_mapping | …/replicationProtectionContainers/replicationProtectionContainerMappings/write |
"""

from pydantic import Field

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import asking
from shared.site_recovery.provider import Provider
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, HealthError, Json

AZURE = "Microsoft Azure"  # recorded: the literal name of the other side of every mapping to Azure


class Mapping(FromWire):
    """A container mapping."""

    id: str
    name: str
    policy_id: str = ""
    state: str = ""
    health: str = ""
    health_error_details: tuple[HealthError, ...] = ()
    target_protection_container_id: str = ""
    provider_specific_details: Json = Field(default_factory=dict, description="as the provider tells it")


class ContainerRef(FromWire):
    """Which container of which fabric."""

    fabric: str
    container: str

    def id(self, vault: VaultRef) -> str:
        """Give the container's ARM id."""
        return f"{vault.id}/replicationFabrics/{self.fabric}/replicationProtectionContainers/{self.container}"


def list_mappings(vault: VaultRef, at: ContainerRef) -> tuple[Mapping, ...]:
    """Give the mappings of a container."""
    mappings = clients.site_recovery(vault.subscription).replication_protection_container_mappings
    with asking(f"listing the mappings of container {at.container}"):
        pages = mappings.list_by_replication_protection_containers(*vault.place, at.fabric, at.container)
        return tuple(Mapping.of(each) for each in pages)


def create_mapping(
    vault: VaultRef, at: ContainerRef, name: str, *, provider: Provider, policy_id: str, request: str
) -> str:
    """Ask for a mapping to Azure; give the job, empty when it is done at once."""
    properties = {
        "targetProtectionContainerId": AZURE,
        "policyId": policy_id,
        "providerSpecificInput": provider.mapping(),
    }
    return pair(vault, at, name, properties, request)


def pair(vault: VaultRef, at: ContainerRef, name: str, properties: Json, request: str) -> str:
    """Ask for a mapping with these properties; give the job, empty when it is done at once."""
    send = clients.site_recovery(vault.subscription).replication_protection_container_mappings.begin_create
    what, body = f"mapping container {at.container}", {"properties": properties}
    return submit(what, request, send, *vault.place, at.fabric, at.container, name, body).job
