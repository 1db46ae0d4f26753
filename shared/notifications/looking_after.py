"""What the timer does for those who are told: wake-ups that were lost come again, and long outages are told."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from shared.ledger.machine_row import MachineRow
from shared.notifications import wake_ups
from shared.notifications.outages import tell_if_long
from shared.notifications.outbox_row import TABLE, WAITS
from shared.notifications.receivers import is_anybody_told

AT_ONCE: Final = timedelta()


def look_after(down: Iterable[MachineRow], now: datetime) -> int:
    """Tell of machines that are down for too long, and wake what is due; gives of how many migrations something is."""
    if not is_anybody_told():
        return 0
    for row in down:
        tell_if_long(row, now)
    waiting = {row.migration for row in TABLE.everywhere(WAITS) if row.dispatch is None or row.dispatch.due <= now}
    for migration in sorted(waiting):
        wake_ups.send(migration, AT_ONCE)
    return len(waiting)
