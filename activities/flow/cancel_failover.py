"""Cancel failover: a machine goes back to where it was before, its replication kept, where Site Recovery offers that.

It takes the VM in Azure away, with all that was written there (assumed: what is left of it is not documented). So it is
chosen only before the machine was verified and handed to its users; after that the VM is fenced and kept.
"""

from activities.flow.job_submission import adopt, earlier, not_allowed, submit_once
from shared.contracts.contracts import CANCEL_FAILOVER
from shared.contracts.requests import Poll, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import MachineRow, Mark
from shared.site_recovery import failover
from shared.site_recovery.items import Item, get_item, item_of

bp = Blueprint()

OPERATION = "CancelFailover"  # offered after a planned failover of a Hyper-V machine, before its commit


def can_be_cancelled(item: Item, row: MachineRow) -> bool:
    """Tell whether cancelling the failover loses nothing that people did in Azure."""
    return item.allows(OPERATION) and row.mark(Mark.UP) is None


@serves(bp, CANCEL_FAILOVER)
def cancel_failover(poll: Poll) -> Submitted:
    """Submit it once; nothing to do where the machine is not failed over (any more)."""
    machine = machine_context(poll)
    if before := earlier(poll, machine, "failover-cancellation"):
        return before
    item = get_item(machine.vault, item_of(machine.row.item_id)) if machine.row.item_id else None
    if item is None or not item.failed_over:
        return Submitted()
    following = adopt(poll, machine, item, OPERATION)
    if following is not None:
        return following
    if not item.allows(OPERATION):
        raise not_allowed(machine, item, OPERATION)

    def send(request: str) -> str:
        return failover.cancel(machine.vault, item.ref, request)

    return submit_once(poll, machine, "failover-cancellation", send)
