"""Initial sync: protected, healthy, and with a recovery point; until then the ledger shows how far it is."""

from typing import Any

from activities.ground import not_protected
from activities.interrupting import strike
from activities.planned import planned
from activities.progress import tell_progress
from activities.standing_by import stand_by
from activities.waking import arm_vault, disarm_vault
from shared.contracts import LOOK_SYNC
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.plan.onward import ONWARD
from shared.problems import CloudRefused
from shared.requests import Look, Seen
from shared.site_recovery.items import Item, get_item, item_of
from shared.waits import WaitKind

bp = Blueprint()

A_DAY, SOON = 86_400, 900


@serves(bp, LOOK_SYNC)
def look_sync(look: Look) -> Seen:
    """Settle when the machine could be failed over this minute. Raises what Site Recovery says when it never will."""
    strike(look)
    machine = planned(look)
    wait = arm_vault(look, WaitKind.PROTECTED, machine.vault, machine.row.item_id, text="the first copy")
    if look.first:  # nothing to be seen yet; the watcher lists the item soon and tells whatever became of it
        machines.change(look, percent=None, moved_at=look.now, stalled=False, unfit="")
        return Seen(patience=A_DAY)
    item = get_item(machine.vault, item_of(machine.row.item_id))
    if item is None:
        raise not_protected(look)
    if item.protection_state.endswith("Failed"):
        raise _failed(look, item)
    if not in_step(item):
        tell_progress(wait, item, look.now)
        return Seen(patience=SOON if item.protected else A_DAY)  # the watcher sees it sooner, from a listing
    disarm_vault(look, WaitKind.PROTECTED, machine.vault)
    machines.change(look, None, **_in_step(item))
    if look.phase != ONWARD:
        stand_by(look, machine.vault, machine.row.item_id)
    events.write(look, "in-step", f"{look.machine} is protected and has a recovery point")
    return Seen(settled=True)


def _in_step(item: Item) -> dict[str, Any]:
    """Give what the row says of a copy that is through."""
    return {
        "percent": 100.0,
        "lag_seconds": item.replication.lag_seconds,
        "recovery_point_at": item.replication.last_recovery_point_at,
        "health": item.replication_health,
        "stalled": False,
        "eta": None,
        "waiting_for": "",
    }


def in_step(item: Item) -> bool:
    """Protected is not enough: without a recovery point, or in critical health, no failover is possible."""
    healthy = item.replication_health.lower() != "critical" and not item.replication.resync_required
    return item.protected and healthy and item.replication.last_recovery_point_at is not None


def _failed(look: Look, item: Item) -> CloudRefused:
    """Put Site Recovery's own words into the refusal."""
    error = next(iter(item.health_errors), None)
    return CloudRefused(
        f"replication of {look.machine} failed: {item.protection_state_description}"
        + (f": {error.error_message}" if error else ""),
        code=error.error_code if error else "",
        causes=error.possible_causes if error else "",
        advice=(error.recommended_action if error else "") or "Look at the item in the portal, then retry.",
    )
