"""What the app's identity may do, told by Azure itself before anything is begun.

| operation | role action |
| --- | --- |
| missing_actions, granted_at | Microsoft.Authorization/permissions/read (everybody has it on what they may read) |
| region_known | Microsoft.Resources/subscriptions/locations/read |
| vault_regions | Microsoft.Resources/subscriptions/providers/read |
"""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from shared.azure.arm import find_json, read_json

PERMISSIONS, LOCATIONS = "2022-04-01", "2022-12-01"


def missing_actions(subscription: str, group: str, wanted: Iterable[str]) -> tuple[str, ...] | None:
    """Give those of the wanted actions that the app's identity may not do in a resource group (empty = subscription).

    None = there is no such group.
    """
    scope = f"/subscriptions/{subscription}" + (f"/resourceGroups/{group}" if group else "")
    blocks = granted_at(subscription, scope)
    return None if blocks is None else tuple(action for action in wanted if not may(action, blocks))


def granted_at(subscription: str, scope: str) -> list[Any] | None:
    """Give what each role of the app's identity allows and denies on a scope; None = there is no such resource group."""
    path = f"{scope}/providers/Microsoft.Authorization/permissions?api-version={PERMISSIONS}"
    blocks: list[Any] = []
    while path:
        page = find_json(f"reading what we may do in {scope.rpartition('/')[2]}", subscription, path)
        if page is None:
            return None
        blocks += page.get("value") or ()
        path = str(page.get("nextLink") or "")
    return blocks


def may(action: str, blocks: Sequence[Any]) -> bool:
    """Tell whether any role allows an action: what a role denies, another may allow."""
    return any(_any(action, each.get("actions")) and not _any(action, each.get("notActions")) for each in blocks)


def may_with_data(action: str, blocks: Sequence[Any]) -> bool:
    """Tell whether any role allows an action on what a resource holds."""
    return any(
        _any(action, each.get("dataActions")) and not _any(action, each.get("notDataActions")) for each in blocks
    )


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
