"""Stand back: whether a cutover that stopped left services down on a source that still runs."""

from activities.flow.failover_rules import is_failing_over
from activities.flow.job_submission import running_job
from activities.flow.migrated_vm import vm_id_of
from activities.flow.protected_item import item_ref
from activities.flow.running_sources import note_source
from activities.source_scripts.source_commands import services_rest
from shared.azure import compute
from shared.contracts.contracts import READ_SERVICES
from shared.contracts.rounds import CutoverProgress
from shared.durable.seam import Blueprint, serves
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.serving import Serving
from shared.models import Scope
from shared.roads.registry import road_of
from shared.site_recovery.items import get_item

bp = Blueprint()


def runs_on(row: MachineRow, source: str) -> bool:
    """Tell whether the source runs on; of one that nobody can see it is so unless somebody shut it down."""
    return source == "running" or (source == "unknown" and row.mark(Mark.STOP_REQUESTED) is None)


@serves(bp, READ_SERVICES)
def read_services(scope: Scope) -> CutoverProgress:
    """Tell whether services rest on a source that runs, while nothing of the machine starts in Azure.

    Unlike `read_standing` it waits for no failover: one under way, or a VM that there is, simply means no. A source that
    is seen running although it was to be off is noted in the ledger: the machine serves there.
    """
    machine = machine_context(scope)
    resting = services_rest(machine.row)
    if (machine.row.service.at == Serving.SOURCE and not resting) or _moves(machine):
        return CutoverProgress()
    state = road_of(machine.plan).source.state(machine.plan, machine.row.source_id)
    if not resting:
        note_source(scope, machine, state)
    return CutoverProgress(services_stopped=resting and runs_on(machine.row, state))


def _moves(machine: MachineContext) -> bool:
    """Tell whether the machine is on its way to Azure, or there."""
    item = get_item(machine.vault, item_ref(machine)) if machine.row.item_id else None
    if item is not None and (item.failed_over or is_failing_over(item) or running_job(machine.vault, item)):
        return True
    failover_asked = machine.row.mark(Mark.FAILOVER_ASKED) is not None
    return failover_asked and compute.get_vm(vm_id_of(machine)) is not None
