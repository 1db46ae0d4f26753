"""Verify: the mark at which the migrated machine serves, and with it the measured downtime."""

from shared.contracts.contracts import MARK_VERIFIED
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.serving import Serving, up
from shared.models import Done, Scope
from shared.states import MachineState

bp = Blueprint()


@serves(bp, MARK_VERIFIED)
def mark_verified(scope: Scope) -> Done:
    """Note that the machine serves in Azure, which ends its outage."""
    since = machine_context(scope).row.mark(Mark.UP) or scope.now
    served = up(Serving.TARGET, since)
    row = machines.change(scope, state=MachineState.CUT_OVER, marks={Mark.UP: since}, service=served, waiting_for="")
    events.write(scope, "serves-in-azure", f"{scope.machine} serves in Azure" + _told(row))
    return Done()


def _told(row: MachineRow) -> str:
    """Say how long the outage lasted that ended here."""
    last = row.service.outages[-1] if row.service.outages else None
    return f"; it was down for {last.lasted(row.stamp).total_seconds():.0f} seconds" if last else ""
