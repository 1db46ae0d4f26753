"""Stand back: whether a cutover that stopped left services down on a source that still runs."""

from activities.commands import services_rest
from activities.enable_replication import item_ref
from activities.fail_over import is_failing_over
from activities.planned import Planned, planned
from activities.seen_serving import note_source
from activities.submitting import running_job
from activities.targeting import vm_name
from shared.azure import compute
from shared.contracts import READ_SERVICES
from shared.durable import Blueprint, serves
from shared.ledger.machines import MachineRow
from shared.models import Place
from shared.plan.named import target_group
from shared.requests import WhereItStands
from shared.serving import Serving
from shared.site_recovery.items import get_item
from shared.sources.sides import side

bp = Blueprint()


def runs_on(row: MachineRow, source: str) -> bool:
    """Tell whether the source runs on; of one that nobody can see it is so unless somebody shut it down."""
    return source == "running" or (source == "unknown" and row.mark("stopRequested") is None)


def vm_id_of(machine: Planned) -> str:
    """Give the id of the machine's VM in Azure, there or not."""
    group = target_group(machine.plan, machine.entry)
    return machine.row.target_vm_id or compute.vm_id(machine.plan.target.subscription_id, group, vm_name(machine.entry))


@serves(bp, READ_SERVICES)
def read_services(place: Place) -> WhereItStands:
    """Tell whether services rest on a source that runs, while nothing of the machine starts in Azure.

    Unlike `read_standing` it waits for no failover: one under way, or a VM that there is, simply means no. A source that
    is seen running although it was to be off is noted in the ledger: the machine serves there.
    """
    machine = planned(place)
    rest = services_rest(machine.row)
    if (machine.row.service.at == Serving.SOURCE and not rest) or _moves(machine):
        return WhereItStands()
    state = side(machine.plan).state(machine.plan, machine.row.source_id)
    if not rest:
        note_source(place, machine, state)
    return WhereItStands(services_stopped=rest and runs_on(machine.row, state))


def _moves(machine: Planned) -> bool:
    """Tell whether the machine is on its way to Azure, or there."""
    item = get_item(machine.vault, item_ref(machine)) if machine.row.item_id else None
    if item is not None and (item.failed_over or is_failing_over(item) or running_job(machine.vault, item)):
        return True
    asked = machine.row.mark("failoverAsked") is not None
    return asked and compute.get_vm(vm_id_of(machine)) is not None
