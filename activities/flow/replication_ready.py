"""Whether a machine could be failed over now, as its protected item tells."""

from shared.site_recovery.items import Item


def in_step(item: Item) -> bool:
    """Protected is not enough: without a recovery point, or in critical health, no failover is possible."""
    healthy = item.replication_health.lower() != "critical" and not item.replication.resync_required
    return item.protected and healthy and item.replication.last_recovery_point_at is not None
