"""Progress of a first copy: what the ledger shows while a machine is copied, and when it is said to stall."""

from datetime import datetime, timedelta
from typing import Final

from shared.contracts.watcher import NEAR
from shared.coordination.waits import Wait
from shared.itinerary import step_at
from shared.ledger import events, machines
from shared.ledger.machine_row import MachineChanges, MachineRow
from shared.ledger.machines import WATCHER
from shared.models import Scope
from shared.reporting.attention import lasting
from shared.scheduling.poll_schedule import SELDOM
from shared.site_recovery.items import Item

STALLED: Final = ("NoProgress",)
STALLS_AFTER: Final = timedelta(hours=2)  # with one and the same percentage, whatever the road tells of its health


def tell_progress(wait: Wait, item: Item, now: datetime) -> None:
    """Write percent, delay, estimate and what is wrong with a replicating item into the ledger.

    Only while the machine is in that phase: a watcher that comes late says nothing of one that has gone on.
    """
    number = _round(wait)
    row = machines.get(wait.migration, wait.machine)
    if row is None or not _copies(row, number):
        return
    place = Scope(migration=wait.migration, wave=wait.wave, machine=wait.machine, now=now)
    told = _progress(row, wait, item, now)
    if told["stalled"] != row.stalled:
        what, said = (
            ("replication-stalled", f"{row.name}: no progress, look at its appliance, network and agent")
            if told["stalled"]
            else ("replication-goes-on", f"{row.name}: its first copy gets on again")
        )
        events.write(place.replace(phase=row.phase, round=number), what, said)
    machines.change(place.replace(round=WATCHER), lambda there: _copies(there, number), **told)


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


def _round(wait: Wait) -> int:
    """Read the round out of the wait's id: the place's key ends in it."""
    return int(wait.id.removesuffix(f".{wait.kind.value}").rpartition(".")[2])


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
        rest = (end - now).total_seconds() / 2
    elif percent == 0:  # it has not moved yet: not soon
        rest = (now - wait.since).total_seconds()
    else:  # copied; protection is being finished
        rest = NEAR
    return int(max(NEAR, min(SELDOM, rest)))


def waiting_text(item: Item, stands_for: timedelta = timedelta()) -> str:
    """Say what is waited for, with Site Recovery's own complaints and their codes."""
    percent = item.progress
    said = f"the first copy: {percent} %" if percent is not None else "protection to be finished"
    if item.awaits_first_point:
        said = "the first recovery point: the copy is through; Site Recovery makes it in about 20 minutes"
    if stands_for or _stalled(item):
        since = f" for {lasting(stands_for)}" if stands_for else ""
        said += f"; no progress{since}: check the appliance, the network and the agent"
    errors = [
        f"{error.error_code}: {error.error_message}" for error in item.health_errors if error.error_level == "Error"
    ]
    return "; ".join([said, *errors])
