"""A source that runs although the ledger says that its machine serves nowhere: it is seen, and noted."""

from activities.fail_over import shuts_down, was_shut_down
from activities.planned import Planned
from shared.ledger import machines
from shared.models import Place
from shared.serving import Serving, in_doubt, never_down, up
from shared.sources.sides import side


def note_source(place: Place, machine: Planned, state: str) -> None:
    """Note that a source runs of which the ledger says that it does not: nothing of its machine may be moving.

    It was off for a while, or was never switched off: then there was no outage.
    """
    if machine.row.service.at == Serving.SOURCE or state != "running":
        return
    if may_yet_stop(place, machine):
        machines.change(place, service=in_doubt(place.now))
        return
    was_off = machine.row.mark("stopped") is not None or (shuts_down(machine.plan) and was_shut_down(machine))
    machines.change(place, service=up(Serving.SOURCE, place.now) if was_off else never_down(place.now))


def may_yet_stop(place: Place, machine: Planned) -> bool:
    """Tell whether its side may still say `running` of a source that was asked to stop, or was shut down."""
    asked = machine.row.mark("stopRequested")
    return asked is not None and place.now - asked < side(machine.plan).told_within
