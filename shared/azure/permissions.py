"""What the app's identity may do, told by Azure itself before anything is begun.

| operation | role action |
| --- | --- |
| missing_actions | Microsoft.Authorization/permissions/read (everybody has it on what they may read) |
| region_known | Microsoft.Resources/subscriptions/locations/read |
| vault_regions | Microsoft.Resources/subscriptions/providers/read |
"""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from shared.arm import read_json

PERMISSIONS, LOCATIONS = "2022-04-01", "2022-12-01"

# What a migration needs in the vault's group, in the target's group and in the networks' group.
_ITEMS = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems"
)
VAULT_ACTIONS = (
    "Microsoft.RecoveryServices/Vaults/read",
    "Microsoft.RecoveryServices/vaults/replicationFabrics/read",
    "Microsoft.RecoveryServices/vaults/replicationJobs/read",
    "Microsoft.RecoveryServices/vaults/replicationPolicies/write",
    "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/write",
    f"{_ITEMS}/write",
    f"{_ITEMS}/unplannedFailover/action",
    f"{_ITEMS}/remove/action",
)
TARGET_ACTIONS = (
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/deallocate/action",
    "Microsoft.Compute/virtualMachines/runCommand/action",
    "Microsoft.Compute/virtualMachines/retrieveBootDiagnosticsData/action",
    "Microsoft.Network/networkInterfaces/write",
    "Microsoft.Network/networkInterfaces/join/action",
)
NETWORK_ACTIONS = (
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
)
# Between Azure regions, on the source VMs (their agent comes as an extension) and on the cache account beside them.
SOURCE_VM_ACTIONS = (
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/extensions/write",
    "Microsoft.Compute/virtualMachines/start/action",
    "Microsoft.Compute/virtualMachines/deallocate/action",
    "Microsoft.Compute/virtualMachines/runCommand/action",
    "Microsoft.Compute/disks/read",
    "Microsoft.Network/networkInterfaces/read",
)
SOURCE_END_ACTIONS = ("Microsoft.Compute/virtualMachines/delete",)  # where a plan terminates its sources
CACHE_ACTIONS = (
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/listKeys/action",
)


def missing_actions(subscription: str, group: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Give those of the wanted actions that the app's identity may not do in a resource group (empty = subscription)."""
    scope = f"/subscriptions/{subscription}" + (f"/resourceGroups/{group}" if group else "")
    path = f"{scope}/providers/Microsoft.Authorization/permissions?api-version={PERMISSIONS}"
    blocks: list[Any] = []
    while path:
        page = read_json(f"reading what we may do in {group or subscription}", subscription, path)
        blocks += page.get("value") or ()
        path = str(page.get("nextLink") or "")
    return tuple(action for action in wanted if not may(action, blocks))


def may(action: str, blocks: Sequence[Any]) -> bool:
    """Tell whether any role allows an action: what a role denies, another may allow."""
    return any(_any(action, one.get("actions")) and not _any(action, one.get("notActions")) for one in blocks)


def region_known(subscription: str, region: str) -> bool:
    """Tell whether the subscription may use a region."""
    path = f"/subscriptions/{subscription}/locations?api-version={LOCATIONS}"
    page = read_json("listing the regions of the subscription", subscription, path)
    return region.lower().replace(" ", "") in {str(each.get("name")).lower() for each in page.get("value") or ()}


def vault_regions(subscription: str) -> tuple[str, ...]:
    """Give the regions that offer Recovery Services vaults, in short names."""
    path = f"/subscriptions/{subscription}/providers/Microsoft.RecoveryServices?api-version={LOCATIONS}"
    page = read_json("reading where vaults are offered", subscription, path)
    kinds = [each for each in page.get("resourceTypes") or () if str(each.get("resourceType")).lower() == "vaults"]
    return tuple(str(region).replace(" ", "").lower() for each in kinds for region in each.get("locations") or ())


def _any(action: str, patterns: Iterable[str] | None) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns or ())
