"""What lies in a VMM server besides clouds: VM networks and storage classifications, and what they are mapped to in Azure.

| operation | role action |
| --- | --- |
| list_networks, list_network_mappings | …/replicationFabrics/replicationNetworks/read, …/replicationNetworks/replicationNetworkMappings/read |
| map_network | …/replicationNetworks/replicationNetworkMappings/write |
| list_storage, list_storage_mappings | …/replicationStorageClassifications/read, …/replicationStorageClassifications/replicationStorageClassificationMappings/read |
| map_storage | …/replicationStorageClassifications/replicationStorageClassificationMappings/write |
"""

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import asking
from shared.site_recovery.mappings import AZURE
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire

NAME = "azferry"  # of a mapping: it lies under what it maps, so it need not tell it


class Named(FromWire):
    """A VM network or a storage classification; its name is an id, people know the friendly one."""

    id: str
    name: str
    friendly_name: str = ""


class VmmNetworkMapping(FromWire):
    """Where the machines of a VM network go."""

    id: str
    name: str
    primary_network_id: str = ""
    recovery_network_id: str = ""


class StorageMapping(FromWire):
    """Where the disks of a storage classification go; its id tells which classification it is of."""

    id: str
    name: str


def list_networks(vault: VaultRef, fabric: str) -> tuple[Named, ...]:
    """Give the VM networks of a VMM server."""
    networks = clients.site_recovery(vault.subscription).replication_networks
    with asking(f"listing the networks of {fabric}"):
        return tuple(Named.of(each) for each in networks.list_by_replication_fabrics(*vault.place, fabric))


def list_network_mappings(vault: VaultRef) -> tuple[VmmNetworkMapping, ...]:
    """Give all network mappings of the vault."""
    mappings = clients.site_recovery(vault.subscription).replication_network_mappings
    with asking(f"listing the network mappings of {vault.name}"):
        return tuple(VmmNetworkMapping.of(each) for each in mappings.list(*vault.place))


def map_network(vault: VaultRef, fabric: str, network: Named, recovery: str, request: str) -> str:
    """Ask that machines of a VM network join a virtual network of Azure (by its id); give the job."""
    properties = {
        "recoveryFabricName": AZURE,
        "recoveryNetworkId": recovery,
        "fabricSpecificDetails": {"instanceType": "VmmToAzure"},
    }
    send = clients.site_recovery(vault.subscription).replication_network_mappings.begin_create
    what, body = f"mapping network {network.friendly_name}", {"properties": properties}
    return submit(what, request, send, *vault.place, fabric, network.name, NAME, body).job


def list_storage(vault: VaultRef, fabric: str) -> tuple[Named, ...]:
    """Give the storage classifications of a VMM server."""
    classes = clients.site_recovery(vault.subscription).replication_storage_classifications
    with asking(f"listing the storage classifications of {fabric}"):
        return tuple(Named.of(each) for each in classes.list_by_replication_fabrics(*vault.place, fabric))


def list_storage_mappings(vault: VaultRef) -> tuple[StorageMapping, ...]:
    """Give all storage classification mappings of the vault."""
    mappings = clients.site_recovery(vault.subscription).replication_storage_classification_mappings
    with asking(f"listing the storage mappings of {vault.name}"):
        return tuple(StorageMapping.of(each) for each in mappings.list(*vault.place))


def map_storage(vault: VaultRef, fabric: str, storage: Named, target: str, request: str) -> str:
    """Ask that disks of a storage classification go to another (by its id); give the job."""
    body = {"properties": {"targetStorageClassificationId": target}}
    send = clients.site_recovery(vault.subscription).replication_storage_classification_mappings.begin_create
    what = f"mapping storage {storage.friendly_name}"
    return submit(what, request, send, *vault.place, fabric, storage.name, NAME, body).job
