"""Assessments and inventories go when they are old: nothing of the ledger stands in them, and each can be asked for again."""

from datetime import datetime, timedelta
from typing import Final

from shared.ledger import assessments
from shared.reconciliation import heartbeats
from shared.reconciliation.heartbeats import FramePart
from shared.settings import settings
from shared.storage import blobs

PURGE: Final = FramePart("assessments", "the purge of old assessments")
DAILY: Final = timedelta(days=1)
MOST: Final = 500  # of one look; the next comes soon where there are more


def purge_assessments(now: datetime) -> int:
    """Delete what is as old as histories may be, once a day; gives how many blobs went. Twice does no harm."""
    keep = timedelta(days=settings().keep_histories)
    if not keep or not heartbeats.is_due(PURGE, now):
        return 0
    old = blobs.older_than(now - keep, assessments.FOLDER)[:MOST]
    for name in old:
        blobs.delete(name)
    again = DAILY if len(old) < MOST else timedelta()
    heartbeats.beat(PURGE, now, again)
    return len(old)
