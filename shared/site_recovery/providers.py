"""The providers that this version can read, by their name on the wire; which one a plan has, its road says (shared/roads)."""

from shared.site_recovery.a2a import AzureToAzure
from shared.site_recovery.hyperv_replica_azure import HyperVReplicaAzure
from shared.site_recovery.in_mage_azure_v2 import InMageAzureV2
from shared.site_recovery.inmage_rcm import InMageRcm
from shared.site_recovery.provider import Provider, ReplicationStatus
from shared.site_recovery.vmware_cbt import VMwareCbt
from shared.site_recovery.wire import Json

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
    return PROVIDERS[name].replication(details) if name in PROVIDERS else ReplicationStatus(instance_type=name)
