"""Verify: the mark at which the migrated machine serves, and with it the measured downtime."""

from activities.planned import planned
from shared.contracts import MARK_VERIFIED
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.machines import MachineRow
from shared.models import Done, Place
from shared.serving import Serving, up
from shared.states import MachineState

bp = Blueprint()


@serves(bp, MARK_VERIFIED)
def mark_verified(place: Place) -> Done:
    """Note that the machine serves in Azure, which ends its outage."""
    since = planned(place).row.mark("up") or place.now
    served = up(Serving.TARGET, since)
    row = machines.change(place, state=MachineState.CUT_OVER, marks={"up": since}, service=served, waiting_for="")
    events.write(place, "serves-in-azure", f"{place.machine} serves in Azure" + _told(row))
    return Done()


def _told(row: MachineRow) -> str:
    """Say how long the outage lasted that ended here."""
    last = row.service.outages[-1] if row.service.outages else None
    return f"; it was down for {last.lasted(row.stamp).total_seconds():.0f} seconds" if last else ""
