"""Verify: the mark at which the migrated machine serves, and with it the measured downtime."""

from activities.planned import planned
from shared.contracts import MARK_VERIFIED
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.models import Done, Place
from shared.states import MachineState

bp = Blueprint()


@serves(bp, MARK_VERIFIED)
def mark_verified(place: Place) -> Done:
    """Note that the machine serves in Azure; its downtime began when the source rested, or was asked to stop."""
    machine = planned(place)
    row = machine.row
    rested = row.mark("quiesced") if machine.wave.scripts_of(machine.entry).stop_services else None
    began = rested or row.mark("stopRequested") or row.mark("failoverAsked")
    up = row.mark("up") or place.now
    downtime = int((up - began).total_seconds()) if began else None
    machines.change(place, state=MachineState.CUT_OVER, marks={"up": up}, downtime_seconds=downtime, waiting_for="")
    events.write(place, "serves-in-azure", f"{place.machine} serves in Azure" + _told(downtime))
    return Done()


def _told(downtime: int | None) -> str:
    return f"; it was down for {downtime} seconds" if downtime is not None else ""
