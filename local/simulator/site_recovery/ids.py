"""Resource ids as Site Recovery writes them: they begin with `/Subscriptions`."""

from functools import lru_cache
from uuid import NAMESPACE_URL, uuid5

VERSIONS = frozenset({"2025-08-01"})

# The same for everyone (recorded): the fabric and container that stand for Azure.
AZURE = "Microsoft Azure"
AZURE_FABRIC = "d49858f157601230a6ac5862fbbc6e63bf38d23ecd96cf953767945d457fe9d5"
AZURE_CONTAINER = "d38048d4-b460-4791-8ece-108395ee8478"
AZURE_FABRIC_ID = "21a9403c-6ec1-44f2-b744-b4e50b792387"

VAULT = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.RecoveryServices/vaults/{vault}"
FABRIC = f"{VAULT}/replicationFabrics/{{fabric}}"
CONTAINER = f"{FABRIC}/replicationProtectionContainers/{{container}}"
ITEM = f"{CONTAINER}/replicationProtectedItems/{{item}}"

_TYPE = "Microsoft.RecoveryServices/vaults"
FABRIC_TYPE = f"{_TYPE}/replicationFabrics"
DRA_TYPE = f"{FABRIC_TYPE}/replicationRecoveryServicesProviders"
CONTAINER_TYPE = f"{FABRIC_TYPE}/replicationProtectionContainers"
MAPPING_TYPE = f"{CONTAINER_TYPE}/replicationProtectionContainerMappings"
PROTECTABLE_TYPE = f"{CONTAINER_TYPE}/replicationProtectableItems"
MIGRATION_TYPE = f"{CONTAINER_TYPE}/replicationMigrationItems"
ITEM_TYPE = f"{CONTAINER_TYPE}/replicationProtectedItems"
POINT_TYPE = f"{ITEM_TYPE}/recoveryPoints"
SIZE_TYPE = f"{ITEM_TYPE}/targetComputeSizes"
POLICY_TYPE = f"{_TYPE}/replicationPolicies"
PLAN_TYPE = f"{_TYPE}/replicationRecoveryPlans"
EVENT_TYPE = f"{_TYPE}/replicationEvents"
ALERT_TYPE = f"{_TYPE}/replicationAlertSettings"
SETTING_TYPE = f"{_TYPE}/replicationVaultSettings"
HEALTH_TYPE = f"{_TYPE}/replicationVaultHealth"
APPLIANCE_TYPE = f"{_TYPE}/replicationAppliances"
NETWORK_TYPE = f"{FABRIC_TYPE}/replicationNetworks"
NETWORK_MAPPING_TYPE = f"{NETWORK_TYPE}/replicationNetworkMappings"
SYSTEMS_TYPE = f"{_TYPE}/replicationSupportedOperatingSystems"


@lru_cache(maxsize=1 << 16)
def guid(*parts: str) -> str:
    """Return a GUID that is always the same for the same parts."""
    return str(uuid5(NAMESPACE_URL, "/".join(parts).lower()))


def plain(vault_id: str) -> str:
    """Return an id as Compute and OffAzure write it: with `/subscriptions`."""
    return "/subscriptions" + vault_id[len("/Subscriptions") :]
