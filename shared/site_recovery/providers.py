"""The providers that this version can read, by their name on the wire; which one a plan has, its road says (shared/roads)."""

from collections.abc import Iterator
from typing import Final

from shared.site_recovery.a2a import AzureToAzure
from shared.site_recovery.hyperv_replica_azure import HyperVReplicaAzure
from shared.site_recovery.in_mage_azure_v2 import InMageAzureV2
from shared.site_recovery.inmage_rcm import InMageRcm
from shared.site_recovery.provider import Provider, ReplicationStatus
from shared.site_recovery.vmware_cbt import VMwareCbt
from shared.site_recovery.wire import Json

DISK_LISTS: Final = frozenset({"protecteddisks", "protectedmanageddisks", "azurevmdiskdetails"})
REPLICAS: Final = ("seedmanageddiskid", "recoveryreplicadiskid")
PROVIDERS: dict[str, Provider] = {
    InMageRcm.name: InMageRcm(),
    InMageAzureV2.name: InMageAzureV2(),
    HyperVReplicaAzure.name: HyperVReplicaAzure(),
    AzureToAzure.name: AzureToAzure(),
    VMwareCbt.name: VMwareCbt(),
}


def replication(details: Json) -> ReplicationStatus:
    """Read the details of a protected item, of whichever provider; others tell only their name."""
    name = str(details.get("instanceType") or "")
    if name not in PROVIDERS:
        return ReplicationStatus(instance_type=name)
    return PROVIDERS[name].replication(details).replace(replica_disks=tuple(_replica_disks(details)))


def _replica_disks(details: Json) -> Iterator[str]:
    """Yield the disks that hold the copy; each provider lists its disks in a place of its own, in letters of its own."""
    for name, listed in details.items():
        for disk in listed or () if name.lower() in DISK_LISTS else ():
            lowered = {key.lower(): value for key, value in disk.items()}
            if found := next((str(lowered[key]) for key in REPLICAS if lowered.get(key)), ""):
                yield found
