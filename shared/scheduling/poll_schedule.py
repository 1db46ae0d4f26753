"""When the watcher of a vault lists its jobs, and when its items: as often as those who wait need it, and no oftener.

A tick reads the rows of those who wait and costs Azure nothing. A listing costs it a call for each page of the vault, so
each kind has a pace of its own: a failover that is awaited does not make the first copies of a hundred machines be listed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from shared.contracts.watcher import NEAR, VaultListings
from shared.coordination.waits import Wait, WaitKind
from shared.models import NEVER
from shared.settings import settings

URGENT, JOBS, SELDOM = 15, 30, 300  # seconds
LONGER = 20  # of what a job has taken already: nobody hurries for the end of one that takes half an hour
STAYS_BUSY = timedelta(minutes=10)  # who waited for a job soon waits for the next one: its row is to be seen soon
OF_ITEMS = frozenset({WaitKind.PROTECTED, WaitKind.RECOVERY_POINT, WaitKind.ITEM_GONE, WaitKind.STANDBY})
IN_NO_HURRY = frozenset({WaitKind.PROTECTED, WaitKind.STANDBY})


def is_due(rows: Sequence[Wait], listed: VaultListings, now: datetime) -> bool:
    """Tell whether anyone of those who wait is due for a listing."""
    return any(_due_at(row, listed) <= now for row in rows)


def copies_due_at(listed: VaultListings) -> datetime:
    """Say from when on the copies of those that stand by are looked at again."""
    return listed.standby + timedelta(seconds=settings().copies_every)


def _due_at(row: Wait, listed: VaultListings) -> datetime:
    """Say from when on a listing may tell something new to whoever waits."""
    if row.kind == WaitKind.PROTECTED:
        is_new = row.since > listed.items
        return row.since + timedelta(seconds=NEAR) if is_new else listed.items + timedelta(seconds=listed.copies)
    if row.kind == WaitKind.STANDBY:
        return copies_due_at(listed)
    last = listed.items if row.kind in OF_ITEMS else listed.jobs
    pace = timedelta(seconds=URGENT) if row.urgent else max(timedelta(seconds=JOBS), (last - row.since) / LONGER)
    due = last + pace
    return max(due, row.not_before) if row.not_before else due


def noted(rows: Sequence[Wait], listed: VaultListings, now: datetime) -> VaultListings:
    """Keep in mind when somebody last waited for more than a first copy."""
    busy = any(row.subject and row.kind not in IN_NO_HURRY for row in rows)
    return listed.replace(busy=now) if busy else listed


def next_tick(rows: Sequence[Wait], listed: VaultListings, now: datetime) -> int:
    """Say in how many seconds to tick again: soon during a cutover, seldom while there is only replication to watch."""
    if any(row.urgent for row in rows):
        return URGENT
    longest = JOBS if now - listed.busy < STAYS_BUSY else SELDOM
    delays = [(_due_at(row, listed) - now).total_seconds() for row in rows if row.subject]
    if listed.standby != NEVER:  # the rows of those that stand by are read with the listing only that shows them
        delays.append((copies_due_at(listed) - now).total_seconds())
    return max(URGENT, min([longest, *(ceil(each) for each in delays)]))
