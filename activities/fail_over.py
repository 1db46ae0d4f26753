"""Fail over one machine: submitted once its source is stopped, found again after a crash."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from activities.by_hand import check_not_rejected
from activities.enable_replication import item_ref
from activities.ground import not_protected_and_off
from activities.interrupting import strike
from activities.planned import Planned, planned
from activities.set_replication_policy import provider_of
from activities.submitting import SHORTLY, adopt, earlier, not_allowed, submit_once
from activities.targeting import vm_name
from shared.azure import compute
from shared.contracts import READ_FAILOVER, START_FAILOVER
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.models import Place
from shared.plan.model import Plan, Wave
from shared.plan.named import target_group
from shared.plan.values import KINDS_OF_POINTS
from shared.problems import Later, Refused
from shared.requests import Landed, Look, Submitted
from shared.serving import down, in_doubt, never_down, unchanged
from shared.site_recovery import failover
from shared.site_recovery.items import MIGRATING, Item, get_item, kind_of
from shared.site_recovery.jobs import Job, get_job
from shared.site_recovery.recovery_points import choose, list_recovery_points
from shared.sources.sides import side
from shared.states import MachineState

bp = Blueprint()

# Once it lives in Azure, what was told of its copy is history.
NO_COPY: Mapping[str, Any] = {"lag_seconds": None, "eta": None, "health": "", "unfit": "", "stalled": False}
SCENARIO, PLANNED = "UnplannedFailover", "PlannedFailover"
A_WHILE = timedelta(minutes=5)  # power that is told so soon is believed
SHUT_DOWN = "VmShutdownVmOnPrimary"  # the task of a failover job that shuts the source down (recorded)


@serves(bp, START_FAILOVER)
def start_failover(look: Look) -> Submitted:
    """Submit the failover of a machine whose source is stopped, unless it is under way or done."""
    strike(look)
    machine = planned(look)
    if before := earlier(look, machine, "failover", urgent=True):
        return before
    item = get_item(machine.vault, item_ref(machine))
    if item is None:
        raise not_protected_and_off(look)
    if item.failed_over:
        return Submitted()
    check_not_rejected(look, machine.row)
    scenario = scenario_of(machine.plan, machine.wave)
    following = adopt(look, machine, item, scenario, urgent=True)
    if following is not None:
        return following
    if not item.allows(scenario):
        raise not_allowed(machine, item, scenario)
    check_source_rests(machine)
    point, provider, shut_down = _recovery_point(look, machine), provider_of(machine.plan), shuts_down(machine.plan)

    def send(request: str) -> str:
        if scenario == PLANNED:
            return failover.fail_over_as_planned(machine.vault, item.ref, provider, request)
        return failover.fail_over(
            machine.vault, item.ref, provider, shut_down=shut_down, recovery_point_id=point, request=request
        )

    mark_asked(look, "the failover", shut_down=shut_down)
    return submit_once(look, machine, "failover", send, urgent=True)


def scenario_of(plan: Plan, wave: Wave) -> str:
    """Give the kind of failover: planned where the provider can lose nothing that way and the plan does not forbid it."""
    return PLANNED if provider_of(plan).plans_failover and wave.cutover.failover == "planned" else SCENARIO


def sends_the_rest(plan: Plan, wave: Wave) -> bool:
    """Tell whether the failover shuts the source down and then sends what is missing: it proves itself that nothing is lost."""
    migrates = kind_of(provider_of(plan).name) == MIGRATING and shuts_down(plan)
    return migrates or scenario_of(plan, wave) == PLANNED


def shuts_down(plan: Plan) -> bool:
    """Tell whether the failover itself shuts the source down."""
    return side(plan).failover_shuts_down


def mark_asked(place: Place, waiting_for: str, *, shut_down: bool) -> None:
    """Note that a failover is asked for; where it shuts the source down, the downtime begins now."""
    marks = {"failoverAsked": place.now} | ({"stopRequested": place.now} if shut_down else {})
    service = down(place.now) if shut_down else unchanged
    state = MachineState.CUTTING_OVER  # of a recovery plan's machines no walk says where they are
    machines.change(place, marks=marks, waiting_for=waiting_for, service=service, phase="fail_over", state=state)


def check_source_rests(machine: Planned) -> None:
    """Raise `Refused` unless the source is off, or its failover shuts it down: somebody may have started it again."""
    if shuts_down(machine.plan):
        return
    state = side(machine.plan).state(machine.plan, machine.row.source_id)
    if state in ("running", "pending", "stopping"):
        raise Refused(
            f"the source of {machine.row.name} is {state}: source and target must never both run",
            id="source-runs",
            title="The source runs",
            advice="Roll the machine back (its replication is kept) and retry it: its cutover begins anew. What the "
            "source wrote since it was started again would be lost otherwise.",
        )


def _recovery_point(look: Look, machine: Planned) -> str:
    """Give the id of the recovery point that the plan wants; empty = the latest, everything sent is processed first."""
    wanted = machine.entry.recovery_point or machine.wave.cutover.recovery_point
    if wanted == "latest":
        return ""
    point = choose(list_recovery_points(machine.vault, item_ref(machine)), wanted)
    if point is None:
        raise Refused(
            f"{machine.row.name} has no recovery point of the kind {wanted}"
            if wanted in KINDS_OF_POINTS
            else f"{machine.row.name} has no recovery point {wanted}",
            id="no-such-recovery-point",
            title="No such recovery point",
            advice="Wait for one, or choose another in a new plan; points older than the policy's retention are gone.",
        )
    machines.change(look, evidence={"failedOverTo": f"{point.name} of {point.recovery_point_time}"})
    return point.id


def is_failing_over(item: Item) -> bool:
    """Tell whether a failover is under way, although no job of its own may have the item (in a recovery plan)."""
    state = item.protection_state
    return state.startswith((SCENARIO, PLANNED)) and not state.endswith("Failed") and not item.failed_over


@serves(bp, READ_FAILOVER)
def read_failover(place: Place) -> Landed:
    """Note that the machine lives in Azure now. Raises `CloudRefused` when it does not.

    Site Recovery goes on with a failover whose shut-down failed (guide for Azure to Azure): then the source still runs.
    """
    machine = planned(place)
    item = get_item(machine.vault, item_ref(machine))
    if item is None:
        raise not_protected_and_off(place)
    if is_failing_over(item):
        raise Later(f"the failover of {place.machine} does not show its end yet", SHORTLY)
    if not item.failed_over and not _is_there(machine, item, _target(machine, item)):
        raise not_allowed(machine, item, "the end of the failover")
    note_failed_over(place, machine, item)
    return Landed(source_runs=shuts_down(machine.plan) and _source_runs(place, machine))


def note_failed_over(place: Place, machine: Planned, item: Item) -> None:
    """Write down that the machine was failed over, whoever follows its failover to the end."""
    vm = _target(machine, item)
    machines.change(place, target_vm_id=vm, marks={"failedOver": place.now}, waiting_for="", **NO_COPY)
    name = vm.rpartition("/")[2]
    events.write(place, "failed-over", f"{place.machine} was failed over and starts in Azure as {name}")


def _target(machine: Planned, item: Item) -> str:
    """Give the id of the VM that a failover makes."""
    group = target_group(machine.plan, machine.entry)
    name = item.replication.target_vm_name or vm_name(machine.entry)
    return compute.vm_id(machine.plan.target.subscription_id, group, name)


def _is_there(machine: Planned, item: Item, vm: str) -> bool:
    """Tell whether a migration item's job ended well and its VM is there, whatever the item itself shows.

    What such an item shows right behind its migration stands in no recording.
    """
    job = _job(machine) if item.ref.migrates else None
    return job is not None and job.succeeded and compute.get_vm(vm) is not None


def _job(machine: Planned) -> Job | None:
    """Give the job of the machine's failover in this round."""
    name = machine.row.jobs.get(f"failover.{machine.row.round}", "")
    return get_job(machine.vault, name) if name else None


def _source_runs(place: Place, machine: Planned) -> bool:
    """Tell whether the source is seen running although the failover was to shut it down.

    Where what is seen may be older than the shut-down, the failover's own job is believed.
    """
    source = side(machine.plan)
    state = source.state(machine.plan, machine.row.source_id)
    unseen = state == "unknown" or (state == "running" and source.told_within > A_WHILE)
    off = state == "stopped" or (unseen and was_shut_down(machine))
    if not off and state in ("running", "pending", "stopping", "unknown"):
        ran_on = in_doubt(place.now) if state == "unknown" else never_down(place.now)
        machines.change(place, service=ran_on)
        events.write(place, "source-left-running", f"the failover did not shut {place.machine} down: it is {state}")
        return True
    if off and machine.row.mark("stopped") is None:
        machines.change(place, marks={"stopped": place.now})
    return False


def was_shut_down(machine: Planned) -> bool:
    """Tell whether the failover shut down a source that nobody can see: a planned one does or fails, else its job tells."""
    if scenario_of(machine.plan, machine.wave) == PLANNED:
        return True
    job = _job(machine)
    return any(task.name == SHUT_DOWN and task.state == "Succeeded" for task in (job.all_tasks if job else ()))
