"""Why a replication stands still: its source is off or gone, or the storage account that caches its data is gone.

unknown: how soon the service notices and with which codes it says so; assumed at once, with the codes beside each reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..world import World
from .state import Place

BY_HOST = ("HyperVReplicaAzure", "VMwareCbt")  # read by the host or from snapshots: also of a machine that is off
_COPIED = ("initial", "finalizing")


@dataclass(frozen=True)
class Reason:
    """A reason, as a health error tells it."""

    code: str
    message: str
    advice: str


def reason(place: Place) -> Reason | None:
    """Return why nothing flows from a source, None where nothing is in the way."""
    item, name = place.item, place.item.machine.name
    if _gone(place):
        return Reason(
            "150019", f"The source machine '{name}' was not found.", "Disable the replication of the machine."
        )
    if missing := next(_missing_accounts(place), None):
        return Reason(
            "150172",
            f"The cache storage account '{missing}' was not found.",
            "Disable replication, enable it with another.",
        )
    if not item.source_on and item.provider not in BY_HOST:
        code = "150019" if item.provider == "A2A" else "95117"
        return Reason(code, f"The source machine '{name}' is not running.", "Start the machine.")
    return None


def shown(place: Place) -> Reason | None:
    """Return the reason that an item shows: that its source is off only while it is copied, a shut-down follows later."""
    found = reason(place)
    if found is None or place.item.state not in (*_COPIED, "protected"):
        return None
    off = not place.item.source_on and not _gone(place) and next(_missing_accounts(place), None) is None
    return None if off and place.item.state not in _COPIED else found


def _gone(place: Place) -> bool:
    machine = place.item.machine
    azure = machine.azure_id and place.vault.world.resources.get(machine.azure_id) is None
    return machine.deleted or bool(azure)


def _missing_accounts(place: Place) -> Iterator[str]:
    """Yield the item's accounts that were there and were deleted."""
    world = place.vault.world
    for account in dict.fromkeys(_accounts(place)):
        if world.resources.get(account) is not None:  # seldom is it not, and a fleet deletes hundreds of test VMs
            continue
        own = account.lower()
        if any(own == each or own.startswith(f"{each}/") for each in deleted_of(world)):
            yield account


def _accounts(place: Place) -> Iterator[str]:
    inputs = place.item.inputs
    disks = [
        *(inputs.get("vmManagedDisks") or ()),
        *(inputs.get("disksToInclude") or ()),
        inputs.get("disksDefault") or {},
    ]
    for each in (inputs, *(disk for disk in disks if isinstance(disk, dict))):
        for name in ("primaryStagingAzureStorageAccountId", "logStorageAccountId"):
            if each.get(name):
                yield str(each[name])


def deleted_of(world: World) -> set[str]:
    """Return the ids of what was deleted from the world, in lower case."""
    found: set[str] = world.services.setdefault("site-recovery-deleted", set())
    return found
