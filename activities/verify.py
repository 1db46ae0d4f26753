"""Verify: the mark at which the migrated machine serves, and with it the measured downtime."""

from datetime import datetime

from shared.contracts.contracts import MARK_VERIFIED
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.machine_row import MachineChanges, MachineRow, Mark
from shared.ledger.serving import Serving, up
from shared.models import Done, Scope
from shared.states import MachineState

bp = Blueprint()


@serves(bp, MARK_VERIFIED)
def mark_verified(scope: Scope) -> Done:
    """Note that the machine serves in Azure, which ends its outage."""
    row = machines.change(scope, lambda row: row.mark(Mark.UP) is None, **_since(scope.now))
    since = row.mark(Mark.UP)
    if since is not None and since != scope.now:  # noted before: it has served since then
        row = machines.change(scope, **_since(since))
    events.write(scope, "serves-in-azure", f"{scope.machine} serves in Azure" + _told(row))
    return Done()


def _since(moment: datetime) -> MachineChanges:
    """Say that the machine has served in Azure since a moment."""
    served = up(Serving.TARGET, moment)
    return {
        "state": MachineState.CUT_OVER,
        "marks": {Mark.UP: moment},
        "service": served,
        "waiting_for": "",
        "release": "",
    }


def _told(row: MachineRow) -> str:
    """Say how long the outage lasted that ended here."""
    last = row.service.outages[-1] if row.service.outages else None
    return f"; it was down for {last.lasted(row.stamp).total_seconds():.0f} seconds" if last else ""
