"""Roll back: where a machine stands, the target fenced, the source started and seen healthy."""

from datetime import timedelta

from activities.facts.fenced_target import remember
from activities.flow.cancel_failover import can_be_cancelled
from activities.flow.failover_rules import is_failing_over, note_failed_over
from activities.flow.job_submission import SHORTLY, running_job
from activities.flow.migrated_vm import vm_id_of
from activities.flow.protected_item import item_ref
from activities.flow.running_sources import may_yet_stop, note_source
from activities.gates.manual_gate import ask
from activities.source_scripts.source_commands import services_rest
from shared import ids
from shared.azure import compute
from shared.contracts.contracts import FENCE_TARGET, READ_STANDING, START_SOURCE_MACHINE
from shared.contracts.requests import Poll, PollResult
from shared.contracts.rounds import CutoverProgress
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import Mark
from shared.ledger.serving import Serving, down, unchanged, up
from shared.models import Scope
from shared.problems import Busy, Refused
from shared.roads.failover_kind import PLANNED, UNPLANNED
from shared.roads.registry import road_of
from shared.scheduling.patience import A_MINUTE
from shared.site_recovery.items import Item, get_item

bp = Blueprint()

A_MOMENT = 10  # seconds
FAILOVERS = (UNPLANNED.lower(), PLANNED.lower())
STARTS_WITHIN = timedelta(minutes=30)


@serves(bp, READ_STANDING)
def read_standing(scope: Scope) -> CutoverProgress:
    """Read how far a machine's cutover came: from Site Recovery, from Azure, from its source; no cloud is changed."""
    machine = machine_context(scope)
    item = get_item(machine.vault, item_ref(machine)) if machine.row.item_id else None
    row, source = machine.row, road_of(machine.plan).source.state(machine.plan, machine.row.source_id)
    job, moved = _failover_job(machine, item), item is not None and item.failed_over
    if item is not None and moved and row.mark(Mark.FAILED_OVER) is None:
        note_failed_over(scope, machine, item)
    if not (job or moved or services_rest(row)):
        note_source(scope, machine, source)
    return CutoverProgress(
        failed_over=moved,
        failover_job=job,
        target_exists=_may_have_target(machine, item) and compute.get_vm(vm_id_of(machine)) is not None,
        protected=item is not None,
        test_running=item is not None and _has_test(item),
        source_stopped=row.mark(Mark.STOP_REQUESTED) is not None
        and (source != "running" or may_yet_stop(scope, machine)),
        # a source that the app cannot see may run even if it was to be shut down: people know
        services_stopped=services_rest(row) and source in ("running", "unknown"),
        cancellable=item is not None and can_be_cancelled(item, row),
    )


def _may_have_target(machine: MachineContext, item: Item | None) -> bool:
    """Tell whether a VM of the target's name would be ours."""
    return machine.row.mark(Mark.FAILOVER_ASKED) is not None or (item is not None and item.failed_over)


def _has_test(item: Item) -> bool:
    """Tell whether a test copy is up, or on its way: its clean-up is offered only when it is up."""
    return item.allows("TestFailoverCleanup") or item.current_scenario.scenario_name.lower() == "testfailover"


def _failover_job(machine: MachineContext, item: Item | None) -> str:
    """Give the failover job that has the item now: it cannot be cancelled, only waited for.

    Raises `Busy` while a recovery plan has the item between two of its steps: no job shows then.
    """
    failing = item is not None and item.current_scenario.scenario_name.lower() in FAILOVERS
    job = running_job(machine.vault, item) if item is not None and failing else None
    if job is None and item is not None and is_failing_over(item):
        raise Busy(f"the failover of {machine.row.name} is under way", SHORTLY)
    return job.name if job else ""


@serves(bp, FENCE_TARGET)
def fence_target(poll: Poll) -> PollResult:
    """Settle when the VM in Azure is off: until then no source may start."""
    machine = machine_context(poll)
    vm = compute.get_vm(vm_id_of(machine))
    # the source may have been left running: then it serves, whatever becomes of the VM
    service = down(poll.now) if machine.row.service.at != Serving.SOURCE else unchanged
    if vm is None or vm.power == "deallocated":
        if vm is not None:
            remember(poll, vm)
        machines.change(poll, marks={Mark.FENCED: poll.now}, waiting_for="", service=service)
        left = "deallocated; it and its disks stay for you to look at" if vm is not None else "gone"
        events.write(poll, "target-fenced", f"the VM of {poll.machine} in Azure is {left}")
        return PollResult(settled=True)
    if vm.power != "deallocating":
        compute.deallocate(vm, ids.request_id(poll.key, "fence"))
    machines.change(poll, waiting_for="the VM in Azure to be deallocated, before the source starts", service=service)
    return PollResult(patience=A_MOMENT)


@serves(bp, START_SOURCE_MACHINE)
def start_source_machine(poll: Poll) -> PollResult:
    """Settle when the source runs again. Raises `Refused` when it does not come up."""
    machine = machine_context(poll)
    failover_asked = machine.row.mark(Mark.FAILOVER_ASKED) is not None
    vm = compute.get_vm(vm_id_of(machine)) if failover_asked else None
    if vm is not None and vm.power != "deallocated":
        raise Refused(
            f"the VM of {poll.machine} in Azure is {vm.power or 'in an unknown state'}: source and target must never both run",
            id="target-not-fenced",
            title="The target is not fenced",
            advice="Deallocate the VM in Azure, then roll back again.",
        )
    source = road_of(machine.plan).source
    state = source.state(machine.plan, machine.row.source_id)
    if state == "running" and not may_yet_stop(poll, machine):
        marks = {Mark.SOURCE_BACK: poll.now}
        machines.change(poll, marks=marks, service=up(Serving.SOURCE, poll.now), waiting_for="")
        events.write(poll, "source-back", f"the source {machine.row.source_id} runs again")
        return PollResult(settled=True)
    if not source.has_power:
        return _start_by_hand(poll)
    if poll.now - poll.since > STARTS_WITHIN:
        raise Refused(
            f"the source {machine.row.source_id} is {state} after {STARTS_WITHIN}",
            id="source-not-back",
            title="The source does not start",
            advice="Start it by hand and look at why it does not come up; then roll back again.",
        )
    source.start(machine.plan, machine.row.source_id)
    machines.change(poll, waiting_for=f"the source to start (it is {state})")
    return PollResult(patience=A_MOMENT)


def _start_by_hand(poll: Poll) -> PollResult:
    """Ask a person to start it: the way back ends when somebody says that it runs, or when it is seen running."""
    decision = ask(poll, "start-source")
    if decision is None:
        return PollResult(patience=A_MINUTE)
    marks = {Mark.SOURCE_BACK: decision.at}
    machines.change(poll, marks=marks, service=up(Serving.SOURCE, decision.at), waiting_for="")
    events.write(poll, "source-back", f"{poll.machine} runs again: {decision.by or 'somebody'} says so")
    return PollResult(settled=True)
