"""What holds of every failover, alone or in a recovery plan: its kind, who shuts the source down, what is noted of it."""

from shared.azure import compute
from shared.ledger import events, machines
from shared.ledger.machine_context import MachineContext
from shared.ledger.machine_row import MachineChanges, Mark
from shared.ledger.serving import down, unchanged
from shared.models import Scope
from shared.plan.model import Plan, Wave
from shared.plan.named import target_group
from shared.problems import Refused
from shared.roads.failover_kind import PLANNED, UNPLANNED, failover_kind
from shared.roads.registry import road_of
from shared.roads.target_names import vm_name
from shared.site_recovery.items import Item
from shared.site_recovery.jobs import Job, get_job
from shared.states import MachineState

# Once it lives in Azure, what was told of its copy is history.
NO_COPY: MachineChanges = {"lag_seconds": None, "eta": None, "health": "", "unfit": None, "stalled": False}
SHUT_DOWN = "VmShutdownVmOnPrimary"  # the task of a failover job that shuts the source down (recorded)


def sends_the_rest(plan: Plan, wave: Wave) -> bool:
    """Tell whether the failover shuts the source down and then sends what is missing: it proves itself that nothing is lost."""
    return (road_of(plan).migrates and shuts_down(plan)) or failover_kind(plan, wave) == PLANNED


def shuts_down(plan: Plan) -> bool:
    """Tell whether the failover itself shuts the source down."""
    return road_of(plan).source.failover_shuts_down


def mark_asked(scope: Scope, waiting_for: str, *, shut_down: bool) -> None:
    """Note that a failover is asked for; where it shuts the source down, the downtime begins now."""
    marks = {Mark.FAILOVER_ASKED: scope.now} | ({Mark.STOP_REQUESTED: scope.now} if shut_down else {})
    service = down(scope.now) if shut_down else unchanged
    state = MachineState.CUTTING_OVER  # of a recovery plan's machines no walk says where they are
    machines.change(scope, marks=marks, waiting_for=waiting_for, service=service, phase="fail_over", state=state)


def check_source_rests(machine: MachineContext) -> None:
    """Raise `Refused` unless the source is off, or its failover shuts it down: somebody may have started it again."""
    if shuts_down(machine.plan):
        return
    state = road_of(machine.plan).source.state(machine.plan, machine.row.source_id)
    if state in ("running", "pending", "stopping"):
        raise Refused(
            f"the source of {machine.row.name} is {state}: source and target must never both run",
            id="source-runs",
            title="The source runs",
            advice="Roll the machine back (its replication is kept) and retry it: its cutover begins anew. What the "
            "source wrote since it was started again would be lost otherwise.",
        )


def is_failing_over(item: Item) -> bool:
    """Tell whether a failover is under way, although no job of its own may have the item (in a recovery plan)."""
    state = item.protection_state
    return state.startswith((UNPLANNED, PLANNED)) and not state.endswith("Failed") and not item.failed_over


def note_failed_over(scope: Scope, machine: MachineContext, item: Item) -> None:
    """Write down that the machine was failed over, whoever follows its failover to the end."""
    vm = _target(machine, item)
    moved: MachineChanges = {**NO_COPY, "target_vm_id": vm, "marks": {Mark.FAILED_OVER: scope.now}, "waiting_for": ""}
    name = vm.rpartition("/")[2]
    # the event first: a rollback that finds the mark does not come here again
    events.write(scope, "failed-over", f"{scope.machine} was failed over and starts in Azure as {name}")
    machines.change(scope, **moved)


def _target(machine: MachineContext, item: Item) -> str:
    """Give the id of the VM that a failover makes."""
    group = target_group(machine.plan, machine.entry)
    name = item.replication.target_vm_name or vm_name(machine.entry)
    return compute.vm_id(machine.plan.target.subscription_id, group, name)


def _job(machine: MachineContext) -> Job | None:
    """Give the job of the machine's failover in this round."""
    name = machine.row.jobs.get(f"failover.{machine.row.round}", "")
    return get_job(machine.vault, name) if name else None


def was_shut_down(machine: MachineContext) -> bool:
    """Tell whether the failover shut down a source that nobody can see: a planned one does or fails, else its job tells."""
    if failover_kind(machine.plan, machine.wave) == PLANNED:
        return True
    job = _job(machine)
    return any(task.name == SHUT_DOWN and task.state == "Succeeded" for task in (job.all_tasks if job else ()))
