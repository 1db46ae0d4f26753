"""What the timer does for the record: whatever is lacking is kept, of migrations that run or have ended since it last was whole."""

import logging
from datetime import datetime, timedelta
from typing import Final

from shared.ledger import migrations
from shared.models import NEVER
from shared.reconciliation import heartbeats
from shared.reconciliation.heartbeats import FramePart
from shared.record import keeping
from shared.record.place import is_kept

RECORD: Final = FramePart("record", "the record of decisions")
LATECOMERS: Final = timedelta(days=1)  # what ended so long before may still be decided on


def look_after(now: datetime) -> int:
    """Keep what is lacking; gives how many entries. Where a migration's record cannot be kept the others are, and it is late."""
    if not is_kept():
        return 0
    known = heartbeats.TABLE.get(heartbeats.ALL, RECORD.name)
    since, added, is_whole = (known.at if known else NEVER), 0, True
    for row in migrations.everything():
        if row.ended_at is None or row.ended_at > since - LATECOMERS:
            try:
                added += keeping.keep(row.id, now) + keeping.keep_evidence(row, now)
            except Exception:  # one in trouble must not keep the others waiting; the next look finds the same
                is_whole = False
                logging.getLogger("azferry").exception("the record of %s could not be kept", row.id)
    if is_whole:
        heartbeats.beat(RECORD, now, heartbeats.EVERY)
    elif known is None:
        heartbeats.expect(RECORD, now, timedelta())
    return added
