"""The appliance of a plan and its container: looked up once per process, as neither changes while it is there."""

from functools import lru_cache

from shared.problems import Later, Refused
from shared.site_recovery.fabrics import Appliance, find_appliance, list_containers
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.vault import VaultRef


def container_of(vault: VaultRef, appliance_name: str) -> ContainerRef:
    """Give the container of the fabric that an appliance serves. Raises `Later` while it does not show."""
    found = find_appliance(vault, appliance_name)
    if found is None or not found.fabric:
        raise Later(f"the appliance {appliance_name} does not show in {vault.name}")
    return _container(vault, found.fabric)


@lru_cache(maxsize=64)
def _container(vault: VaultRef, fabric: str) -> ContainerRef:
    containers = list_containers(vault, fabric)
    if not containers:
        raise Refused(
            f"the fabric {fabric} has no protection container",
            id="container-missing",
            title="The appliance has no container",
            advice="Look at the appliance's registration in the portal.",
        )
    return ContainerRef(fabric=fabric, container=containers[0].name)


def appliance_of(vault: VaultRef, appliance_name: str) -> Appliance:
    """Give the appliance. Raises `Later` while it does not show."""
    found = find_appliance(vault, appliance_name)
    if found is None:
        raise Later(f"the appliance {appliance_name} does not show in {vault.name}")
    return found
