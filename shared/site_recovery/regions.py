"""Azure regions as fabrics of a vault: made by the app where replication goes from one region to another.

| operation | role action |
| --- | --- |
| find_region, find_container, container_of | Microsoft.RecoveryServices/vaults/replicationFabrics/read, …/replicationProtectionContainers/read |
| create_region, create_container | …/replicationFabrics/write, …/replicationProtectionContainers/write |
| mapped_networks, map_network | …/replicationNetworks/replicationNetworkMappings/read, …/write |
"""

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import asking
from shared.ids import mapping_name, short_hash
from shared.problems import Busy
from shared.site_recovery.a2a import AzureToAzure
from shared.site_recovery.fabrics import Fabric, list_containers, list_fabrics
from shared.site_recovery.mappings import ContainerRef, pair
from shared.site_recovery.provider import Provider
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire

NETWORK = "azureNetwork"  # recorded: the logical network under which a region's network mappings lie
_CONTAINERS = Remembered[ContainerRef]()


class RegionNetworkMapping(FromWire):
    """Which network of another region a network's machines join."""

    name: str
    recovery_network_id: str = ""
    primary_network_id: str = ""


def region_name(region: str) -> str:
    """Give the name under which the portal makes a region's fabric, so that both find the same one (as seen there)."""
    return f"asr-a2a-default-{region}"


def find_region(vault: VaultRef, region: str) -> Fabric | None:
    """Give the fabric of a region, whatever its name is, or None."""
    azure = (each for each in list_fabrics(vault) if each.kind == "Azure")
    return next((each for each in azure if _plain(each.custom_details.location) == _plain(region)), None)


def _plain(region: str) -> str:
    return region.replace(" ", "").lower()


def create_region(vault: VaultRef, region: str, request: str) -> str:
    """Ask for the fabric of a region (about a minute, recorded); give the job."""
    body = {"properties": {"customDetails": {"instanceType": "Azure", "location": region}}}
    send = clients.site_recovery(vault.subscription).replication_fabrics.begin_create
    return submit(f"making the fabric of {region}", request, send, *vault.place, region_name(region), body).job


def find_container(vault: VaultRef, region: str) -> ContainerRef | None:
    """Give the container of a region's fabric: the one of the portal's name where there are several; None without one."""
    fabric = find_region(vault, region)
    names = [each.name for each in list_containers(vault, fabric.name)] if fabric else []
    if fabric is None or not names:
        return None
    usual = _container_name(fabric.name).lower()
    return ContainerRef(fabric=fabric.name, container=next((each for each in names if each.lower() == usual), names[0]))


def _container_name(fabric: str) -> str:
    return f"{fabric}-container"


def create_container(vault: VaultRef, fabric: str, request: str) -> str:
    """Ask for a container in a region's fabric; give the job."""
    body = {"properties": {"providerSpecificInput": [{"instanceType": AzureToAzure.name}]}}
    send = clients.site_recovery(vault.subscription).replication_protection_containers.begin_create
    what = f"making a container in {fabric}"
    return submit(what, request, send, *vault.place, fabric, _container_name(fabric), body).job


def container_of(vault: VaultRef, region: str) -> ContainerRef:
    """Give the container of a region, looked up once in a while. Raises `Busy` while it does not show."""
    found = _CONTAINERS.of(f"{vault.id}/{_plain(region)}".lower(), lambda: find_container(vault, region))
    if found is None:
        raise Busy(f"the container of {region} does not show in {vault.name}")
    return found


def mapped_networks(vault: VaultRef, fabric: str) -> tuple[RegionNetworkMapping, ...]:
    """Give the network mappings of a region's fabric."""
    client = clients.site_recovery(vault.subscription).replication_network_mappings
    with asking(f"listing the network mappings of {fabric}"):
        pages = client.list_by_replication_networks(*vault.place, fabric, NETWORK)
        return tuple(RegionNetworkMapping.of(each) for each in pages)


def map_network(vault: VaultRef, fabric: str, to: str, primary: str, recovery: str, request: str) -> str:
    """Ask that machines of a network join a network of region `to` (fabrics by name); give the job."""
    details = {"instanceType": "AzureToAzure", "primaryNetworkId": primary}
    properties = {"recoveryFabricName": to, "recoveryNetworkId": recovery, "fabricSpecificDetails": details}
    send = clients.site_recovery(vault.subscription).replication_network_mappings.begin_create
    network = primary.rpartition("/")[2]
    name = f"{network[:40]}-{short_hash(f'{primary} {to}'.lower(), 8)}"
    what, body = f"mapping network {network}", {"properties": properties}
    return submit(what, request, send, *vault.place, fabric, NETWORK, name, body).job


def pair_containers(
    vault: VaultRef, at: ContainerRef, other: ContainerRef, provider: Provider, policy_id: str, request: str
) -> str:
    """Ask that a container replicates to one of another region by a policy; give the job."""
    name = mapping_name(policy_id.rpartition("/")[2], f"{at.container} {other.container}")
    properties = {
        "targetProtectionContainerId": other.id(vault),
        "policyId": policy_id,
        "providerSpecificInput": provider.mapping(),
    }
    return pair(vault, at, name, properties, request)
