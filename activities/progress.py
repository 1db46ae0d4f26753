"""Progress of a replication: what the ledger shows while a machine is copied, and what it says of a stall."""

from datetime import datetime, timedelta

from shared.ledger import events, machines
from shared.models import Place
from shared.pacing import SELDOM
from shared.requests import NEAR
from shared.site_recovery.items import Item
from shared.waits import Wait

STALLED = ("NoProgress",)


def tell_progress(wait: Wait, item: Item, now: datetime) -> None:
    """Write percent, delay, estimate and what is wrong with a replicating item into the ledger."""
    place = Place(migration=wait.migration, wave=wait.wave, machine=wait.machine, phase="initial_sync", now=now)
    percent = item.progress
    machines.change(
        place.but(round=_round(wait)),
        percent=float(percent) if percent is not None else None,
        lag_seconds=item.replication.lag_seconds,
        eta=estimate(wait.since, now, percent),
        waiting_for=waiting_text(item),
    )
    if _stalled(item):
        events.write(
            place.but(now=wait.since), "replication-stalled", f"{wait.machine}: no progress, look at its appliance"
        )


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


def waiting_text(item: Item) -> str:
    """Say what is waited for, with Site Recovery's own complaints and their codes."""
    percent = item.progress
    said = f"the first copy: {percent} %" if percent is not None else "protection to be finished"
    if item.awaits_first_point:
        said = "the first recovery point: the copy is through; Site Recovery makes it in about 20 minutes"
    if _stalled(item):
        said += "; no progress: check the appliance, the network and the agent"
    errors = [
        f"{error.error_code}: {error.error_message}" for error in item.health_errors if error.error_level == "Error"
    ]
    return "; ".join([said, *errors])
