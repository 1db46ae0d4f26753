"""The replication providers that are simulated."""

from ..errors import ArmError
from .providers.a2a import AzureToAzure
from .providers.hyperv_replica_azure import HyperVReplicaAzure
from .providers.in_mage_azure_v2 import InMageAzureV2
from .providers.in_mage_rcm import InMageRcm
from .providers.vmware_cbt import VMwareCbt
from .replication_provider import Providers, ReplicationProvider

PROVIDERS: Providers = {
    "inmagercm": InMageRcm(),
    "inmageazurev2": InMageAzureV2(),
    "hypervreplicaazure": HyperVReplicaAzure(),
    "vmwarecbt": VMwareCbt(),
    "a2a": AzureToAzure(),
}


def provider_of(instance_type: str) -> ReplicationProvider:
    """Return a provider by its instanceType; raise ARM's 400."""
    found = PROVIDERS.get(instance_type.lower())
    if found is None:
        raise ArmError(400, "InvalidParameter", f"The instanceType '{instance_type}' is not supported.")
    return found
