"""Roll back: where a machine stands, the target fenced, the source started and seen healthy."""

from datetime import timedelta

from activities.enable_replication import item_ref
from activities.planned import Planned, planned
from activities.targeting import target_group, vm_name
from shared import ids
from shared.azure import compute
from shared.contracts import FENCE_TARGET, READ_STANDING, START_SOURCE
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.models import Place
from shared.problems import Refused
from shared.requests import Look, Seen, WhereItStands
from shared.site_recovery.items import Item, get_item
from shared.sources.sides import side

bp = Blueprint()

A_MOMENT = 10  # seconds
STARTS_WITHIN = timedelta(minutes=30)
OFF = ("deallocated", "stopped", "")


@serves(bp, READ_STANDING)
def read_standing(place: Place) -> WhereItStands:
    """Read how far a machine's cutover came: from Site Recovery, from Azure, from its source; nothing is changed."""
    machine = planned(place)
    item = get_item(machine.vault, item_ref(machine)) if machine.row.item_id else None
    marks = machine.row.marks
    source = side(machine.plan).state(machine.plan, machine.row.source_id)
    return WhereItStands(
        failed_over=item is not None and item.failed_over,
        failover_job=_failover_job(item),
        target_exists="failoverAsked" in marks and compute.get_vm(_vm_id(machine)) is not None,
        protected=item is not None,
        test_running=item is not None and _has_test(item),
        source_stopped="stopRequested" in marks and source in ("stopped", "stopping"),
        services_stopped="quiesced" in marks and source == "running",
    )


def _has_test(item: Item) -> bool:
    """Tell whether a test copy is up, or on its way: its clean-up is offered only when it is up."""
    return item.allows("TestFailoverCleanup") or item.current_scenario.scenario_name.lower() == "testfailover"


def _failover_job(item: Item | None) -> str:
    """Give the failover job that has the item now: it cannot be cancelled, only waited for."""
    failing = item is not None and item.current_scenario.scenario_name.lower() == "unplannedfailover"
    return item.running_job if item is not None and failing else ""


def _vm_id(machine: Planned) -> str:
    """Give the id of the machine's VM."""
    group = target_group(machine.plan, machine.entry)
    return machine.row.target_vm_id or compute.vm_id(machine.plan.target.subscription_id, group, vm_name(machine.entry))


@serves(bp, FENCE_TARGET)
def fence_target(look: Look) -> Seen:
    """Settle when the VM in Azure is off: until then no source may start."""
    machine = planned(look)
    vm = compute.get_vm(_vm_id(machine))
    if vm is None or vm.power == "deallocated":
        machines.change(look, marks={"fenced": look.now}, waiting_for="")
        events.write(look, "target-fenced", f"the VM of {look.machine} in Azure is deallocated")
        return Seen(settled=True)
    if vm.power != "deallocating":
        compute.deallocate(vm, ids.request_id(look.key, "fence"))
    machines.change(look, waiting_for="the VM in Azure to be deallocated, before the source starts")
    return Seen(patience=A_MOMENT)


@serves(bp, START_SOURCE)
def start_source_machine(look: Look) -> Seen:
    """Settle when the source runs again. Raises `Refused` when it does not come up."""
    machine = planned(look)
    vm = compute.get_vm(_vm_id(machine))
    if "failoverAsked" in machine.row.marks and vm is not None and vm.power not in OFF:
        raise Refused(
            f"the VM of {look.machine} in Azure is {vm.power}: source and target must never both run",
            id="target-not-fenced",
            title="The target is not fenced",
            advice="Deallocate the VM in Azure, then roll back again.",
        )
    source = side(machine.plan)
    state = source.state(machine.plan, machine.row.source_id)
    if state == "running":
        machines.change(look, marks={"sourceBack": look.now}, waiting_for="")
        events.write(look, "source-back", f"the source {machine.row.source_id} runs again")
        return Seen(settled=True)
    if look.now - look.since > STARTS_WITHIN:
        raise Refused(
            f"the source {machine.row.source_id} is {state} after {STARTS_WITHIN}",
            id="source-not-back",
            title="The source does not start",
            advice="Start it by hand in AWS and look at why it does not come up; then roll back again.",
        )
    source.start(machine.plan, machine.row.source_id)
    machines.change(look, waiting_for=f"the source to start (it is {state})")
    return Seen(patience=A_MOMENT)
