"""Initial sync: protected, healthy, and with a recovery point; until then the ledger shows how far it is."""

from activities.flow.copy_progress import tell_end_of_stall, tell_progress
from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.flow.replication_ready import in_step, just_listed
from activities.flow.retry_phase import not_protected
from activities.flow.set_target import may_differ
from activities.flow.wait_rows import arm_vault, disarm_vault
from activities.flow.waiting_copies import stand_by
from shared.contracts.contracts import POLL_SYNC
from shared.contracts.requests import Poll, SyncResult
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import MachineChanges
from shared.plan.protection_plan import ONWARD
from shared.problems import CloudRefused
from shared.scheduling.patience import A_DAY
from shared.site_recovery.items import Item, get_item, item_of

bp = Blueprint()

SOON = 900


@serves(bp, POLL_SYNC)
@enters
def poll_sync(poll: Poll) -> SyncResult:
    """Settle when the machine could be failed over this minute. Raises what Site Recovery says when it never will."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    wait = arm_vault(poll, WaitKind.PROTECTED, machine.vault, machine.row.item_id, text="the first copy")
    if poll.first:  # nothing to be seen yet; the watcher lists the item soon and tells whatever became of it
        machines.change(poll, percent=None, moved_at=poll.now, stalled=False, unfit=None)
        return SyncResult(patience=A_DAY)
    item_id = machine.row.item_id
    item = just_listed(item_id, poll.since, poll.now) or get_item(machine.vault, item_of(item_id))
    if item is None:
        raise not_protected(poll)
    if item.protection_state.endswith("Failed"):
        raise _failed(poll, item)
    if not in_step(item):
        tell_progress({wait: item}, poll.now)
        return SyncResult(patience=SOON if item.protected else A_DAY)  # the watcher sees it sooner, from a listing
    disarm_vault(poll, WaitKind.PROTECTED, machine.vault)
    tell_end_of_stall(poll, machine.row)
    machines.change(poll, None, **_in_step(item))
    if poll.phase != ONWARD:
        stand_by(poll, machine.vault, machine.row.item_id)
    events.write(poll, "in-step", f"{poll.machine} is protected and has a recovery point")
    return SyncResult(settled=True, differs=may_differ(machine))


def _in_step(item: Item) -> MachineChanges:
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


def _failed(poll: Poll, item: Item) -> CloudRefused:
    """Put Site Recovery's own words into the refusal."""
    error = next(iter(item.health_errors), None)
    return CloudRefused(
        f"replication of {poll.machine} failed: {item.protection_state_description}"
        + (f": {error.error_message}" if error else ""),
        code=error.error_code if error else "",
        causes=error.possible_causes if error else "",
        advice=(error.recommended_action if error else "") or "Look at the item in the portal, then retry.",
    )
