"""A source that runs although the ledger says that its machine serves nowhere: it is seen, and noted."""

from activities.flow.failover_rules import shuts_down, was_shut_down
from shared.ledger import machines
from shared.ledger.machine_context import MachineContext
from shared.ledger.machine_row import Mark
from shared.ledger.serving import Serving, in_doubt, never_down, up
from shared.models import Scope
from shared.roads.registry import road_of


def note_source(scope: Scope, machine: MachineContext, state: str) -> None:
    """Note that a source runs of which the ledger says that it does not: nothing of its machine may be moving.

    It was off for a while, or was never switched off: then there was no outage.
    """
    if machine.row.service.at == Serving.SOURCE or state != "running":
        return
    if may_yet_stop(scope, machine):
        machines.change(scope, service=in_doubt(scope.now))
        return
    was_off = machine.row.mark(Mark.STOPPED) is not None or (shuts_down(machine.plan) and was_shut_down(machine))
    machines.change(scope, service=up(Serving.SOURCE, scope.now) if was_off else never_down(scope.now))


def may_yet_stop(scope: Scope, machine: MachineContext) -> bool:
    """Tell whether its side may still say `running` of a source that was asked to stop, or was shut down."""
    requested_at = machine.row.mark(Mark.STOP_REQUESTED)
    return requested_at is not None and scope.now - requested_at < road_of(machine.plan).source.told_within
