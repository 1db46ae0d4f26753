"""Progress of a first copy: what the ledger shows while a machine is copied, and when it counts as stalled."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from shared.contracts.watcher import NEAR
from shared.coordination.waits import Wait
from shared.itinerary import step_at
from shared.ledger import events, machines
from shared.ledger.machine_row import MachineChanges, MachineRow
from shared.ledger.machines import WATCHER
from shared.models import Scope
from shared.notifications.outbox import tell
from shared.notifications.topics import Topic
from shared.reporting.attention import lasting
from shared.scheduling.poll_schedule import SELDOM
from shared.site_recovery.items import Item

Shown = Literal["percent", "stalled", "recovery_point_at", "health", "waiting_for"]
STALLED: Final = ("NoProgress",)
SHOWN: Final[tuple[Shown, ...]] = ("percent", "stalled", "recovery_point_at", "health", "waiting_for")
HOURS: Final = timedelta(hours=1)  # in which it is told how long a copy stands: more often is no news
STALLS_AFTER: Final = timedelta(hours=2)  # with one and the same percentage, whatever the road tells of its health


def tell_progress(copying: Mapping[Wait, Item], now: datetime) -> None:
    """Write percent, delay, estimate and what is wrong with replicating items into the ledger, where that is news.

    Only while the machine is in that phase: a watcher that comes late says nothing of one that has gone on.
    """
    for migration in dict.fromkeys(wait.migration for wait in copying):
        copies = {wait.machine: (wait, item) for wait, item in copying.items() if wait.migration == migration}
        place = Scope(migration=migration, round=WATCHER, now=now)
        machines.change_each(place, partial(_news, copies, now), copies)


def _news(own: Mapping[str, tuple[Wait, Item]], now: datetime, row: MachineRow) -> MachineChanges | None:
    """Give what changes in a machine's row; a stall is told by an event first, so that none is lost."""
    wait, item = own[row.name]
    number = wait.round
    if not _copies(row, number):
        return None
    progress = _progress(row, wait, item, now)
    if not _is_news(row, progress, now):
        return None
    if progress["stalled"] != row.stalled:
        place = Scope(migration=row.migration, wave=row.wave, machine=row.name, phase=row.phase, round=number, now=now)
        kind, text = _told_of_stall(row.name, stalls=progress["stalled"])
        events.write(place, kind, text)
        if progress["stalled"]:
            tell(place, Topic.STALLED, f"{number} {progress['moved_at']}", text=text, command=row.release)
    return progress


def tell_end_of_stall(place: Scope, row: MachineRow) -> None:
    """Tell of a copy that was last seen standing still that it got on: it may be through by the next look."""
    if row.stalled:
        events.write(place, *_told_of_stall(row.name, stalls=False))


def _told_of_stall(machine: str, *, stalls: bool) -> tuple[str, str]:
    if stalls:
        return "replication-stalled", f"{machine}: no progress, look at its appliance, network and agent"
    return "replication-goes-on", f"{machine}: its first copy gets on again"


def _is_news(row: MachineRow, progress: MachineChanges, now: datetime) -> bool:
    """Tell whether people would see it; an estimate moves with every look, and is news when it has passed."""
    same = all(getattr(row, name) == progress[name] for name in SHOWN)
    return not same or (row.eta is not None and row.eta <= now)


def _copies(row: MachineRow, number: int) -> bool:
    """Tell whether the first copy of a machine still runs in a round."""
    return step_at(row.phase).copies and row.round == number


def _progress(row: MachineRow, wait: Wait, item: Item, now: datetime) -> MachineChanges:
    """Give what the machine's row says of its copy now."""
    seen = item.replication
    percent = _percent(row, item)
    moved = row.moved_at or wait.since
    if percent is not None and percent > (row.percent or 0):
        moved = now
    stands = item.progress is not None and item.progress < 100 and now - moved >= STALLS_AFTER
    return {
        "percent": percent,
        "moved_at": moved,
        "stalled": stands or _stalled(item),
        "lag_seconds": seen.lag_seconds,
        "recovery_point_at": seen.last_recovery_point_at,
        "health": item.replication_health,
        "eta": estimate(wait.since, now, item.progress),
        "waiting_for": waiting_text(item, now - moved if stands else timedelta()),
    }


def _percent(row: MachineRow, item: Item) -> float | None:
    """Give how far the copy is; where Site Recovery tells nothing for a while, what it told last stands."""
    if item.awaits_first_point:
        return 100.0
    return float(item.progress) if item.progress is not None else row.percent


def _stalled(item: Item) -> bool:
    """Tell whether the copy says that it stands still; in other states what it says is old (recorded)."""
    return item.progress is not None and item.replication.progress_health in STALLED


def estimate(since: datetime, now: datetime, percent: int | None) -> datetime | None:
    """Estimate the end from the pace so far; nothing while there is no pace."""
    if not percent or percent >= 100 or now <= since:
        return None
    left = (now - since).total_seconds() * (100 - percent) / percent
    return now + timedelta(seconds=round(left))


def worth_a_look_in(wait: Wait, item: Item, now: datetime) -> int:
    """Say in how many seconds a first copy is worth another look: seldom in its middle, often towards its end."""
    if item.replication_health.lower() == "critical" or item.replication.resync_required:
        return SELDOM
    if item.awaits_first_point:
        return SELDOM
    percent, end = item.progress, estimate(wait.since, now, item.progress)
    if end is not None:
        half_left = (end - now).total_seconds() / 2
    elif percent == 0:  # it has not moved yet: not soon
        half_left = (now - wait.since).total_seconds()
    else:  # copied; protection is being finished
        half_left = NEAR
    return int(max(NEAR, min(SELDOM, half_left)))


def waiting_text(item: Item, stands_for: timedelta = timedelta()) -> str:
    """Say what is waited for, with Site Recovery's own complaints and their codes."""
    percent = item.progress
    progress = f"the first copy: {percent} %" if percent is not None else "protection to be finished"
    if item.awaits_first_point:
        progress = "the first recovery point: the copy is through; Site Recovery makes it in about 20 minutes"
    if stands_for or _stalled(item):
        since = f" for {lasting(stands_for - stands_for % HOURS)}" if stands_for else ""
        progress += f"; no progress{since}: check the appliance, the network and the agent"
    errors = [
        f"{error.error_code}: {error.error_message}" for error in item.health_errors if error.error_level == "Error"
    ]
    return "; ".join([progress, *errors])
