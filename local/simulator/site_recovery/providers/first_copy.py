"""How far the first copy of an InMageRcm disk is, as its `irDetails` tell it (recorded)."""

from datetime import timedelta

from ...machines import Disk
from .. import replication
from ..state import Json, Place

_QUARTER = timedelta(minutes=15)


def first_copy(place: Place, disk: Disk) -> Json:
    """Return a disk's progress: Queued, with noughts and nulls, in the first minutes; then in progress.

    Recorded: one date in the service's own writing, one in American; a disk's share of the bytes is assumed.
    """
    item, now = place.item, place.vault.world.now
    copied_bytes = replication.told_bytes(place)
    begun = item.begun_at or now
    if copied_bytes is None:
        return _details("Queued", 0, None, None, None)
    copied = int(copied_bytes * disk.bytes_to_copy / replication.total_bytes(item))
    moved = f"{now:%Y-%b-%d %H:%M:%S.%f}" if copied else ""
    recent = copied if now - begun <= _QUARTER else min(copied, int(item.copy_rate * _QUARTER.total_seconds()))
    shown = _details("InProgress", copied, moved, f"{begun:%Y-%b-%d %H:%M:%S}", _american(now))
    return {
        **shown,
        "last15MinutesTransferredBytes": recent,
        "progressPercentage": copied * 100 // (disk.bytes_to_copy or 1),
    }


def _details(health: str, copied: int, moved: str | None, begun: str | None, seen: str | None) -> Json:
    return {
        "progressHealth": health,
        "transferredBytes": copied,
        "last15MinutesTransferredBytes": 0,
        "lastDataTransferTimeUtc": moved,
        "processedBytes": copied,
        "startTime": begun,
        "lastRefreshTime": seen,
        "progressPercentage": None,
    }


def _american(at: object) -> str:
    """Return a moment as `8/26/2023 3:27:04 AM`."""
    return f"{at:%-m/%-d/%Y %-I:%M:%S %p}"
