"""The two sides of a replication: the container a machine is replicated to, be it Azure itself or one of another region."""

from dataclasses import dataclass

from . import ids
from .state import Container, Fabric, Json, SrVault, container_id, fabric_id


@dataclass(frozen=True)
class Side:
    """The recovery side as the wire names it; `provider` is the kind of its fabric."""

    fabric: str
    fabric_shown: str
    container: str
    container_shown: str
    fabric_guid: str
    container_guid: str
    provider: str = "Azure"


def container_by_id(vault: SrVault, wanted: str) -> tuple[Fabric, Container] | None:
    """Return the container that an ARM id of this vault names, in any case."""
    for fabric in vault.fabrics.values():
        for container in fabric.containers.values():
            if container_id(vault, fabric, container).lower() == wanted.lower():
                return fabric, container
    return None


def side_of(vault: SrVault, wanted: str) -> Side:
    """Return the recovery side of a container's ARM id; of Azure itself where the id names no container of the vault.

    Recorded for Azure: its fabric goes by the name, its container has one and the same id in every vault.
    """
    found = container_by_id(vault, wanted) if wanted not in ("", ids.AZURE) else None
    if found is None:
        azure = (
            f"{vault.id}/replicationFabrics/{ids.AZURE_FABRIC}/replicationProtectionContainers/{ids.AZURE_CONTAINER}"
        )
        return Side(ids.AZURE, ids.AZURE, azure, ids.AZURE, ids.AZURE_FABRIC_ID, ids.AZURE_CONTAINER)
    fabric, container = found
    own = container_id(vault, fabric, container)
    inner = f"cloud_{fabric.internal_id}"
    return Side(fabric_id(vault, fabric), fabric.shown, own, container.shown, fabric.internal_id, inner, fabric.kind)


def affected_recovery(side: Side) -> Json:
    """Return the recovery side of a job's affectedObjectDetails (recorded for Azure)."""
    return {
        "recoveryCloudId": side.container_guid,
        "recoveryCloudName": side.container_shown,
        "recoveryVmmId": side.fabric_guid,
        "recoveryVmmName": side.fabric_shown,
        "recoveryFabricProviderId": side.provider,
    }
