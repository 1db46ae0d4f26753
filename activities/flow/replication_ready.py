"""Whether a machine could be failed over now, as its protected item tells."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from shared.site_recovery.items import Item
from shared.site_recovery.remembered import Remembered

JUST_NOW: Final = timedelta(minutes=2)  # between the listing that shows it and the look of who is woken by that
_LISTED = Remembered[tuple[datetime, Item]]()


def in_step(item: Item) -> bool:
    """Protected is not enough: without a recovery point, or in critical health, no failover is possible."""
    healthy = item.replication_health.lower() != "critical" and not item.replication.resync_required
    return item.protected and healthy and item.replication.last_recovery_point_at is not None


def keep_those_in_step(items: Iterable[Item], now: datetime) -> None:
    """Keep what a listing has just shown, for those who are woken by it."""
    _LISTED.keep({item.id.lower(): (now, item) for item in items if in_step(item)})


def just_listed(item_id: str, since: datetime, now: datetime) -> Item | None:
    """Give an item that this process just saw in step in a listing, after `since`; None where it has to be read."""
    listed_at, item = _LISTED.get(item_id.lower()) or (since, None)
    return item if since < listed_at and now - listed_at <= JUST_NOW else None
