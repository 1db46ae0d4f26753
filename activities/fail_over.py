"""Fail over one machine: submitted once its source is stopped, found again after a crash."""

from datetime import timedelta

from activities.flow.failover_rules import (
    _job,
    _target,
    check_source_rests,
    is_failing_over,
    mark_asked,
    note_failed_over,
    shuts_down,
    was_shut_down,
)
from activities.flow.interruption import raise_if_stopped
from activities.flow.job_submission import SHORTLY, adopt, earlier, not_allowed, submit_once
from activities.flow.phase_entry import enters
from activities.flow.protected_item import item_ref
from activities.flow.retry_phase import not_protected_and_off
from activities.gates.manual_gate import check_not_rejected
from shared.azure import compute
from shared.contracts.contracts import READ_FAILOVER, START_FAILOVER
from shared.contracts.requests import FailoverResult, Poll, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import Mark
from shared.ledger.serving import in_doubt, never_down
from shared.models import Scope
from shared.plan.values import KINDS_OF_POINTS
from shared.problems import Busy, Refused
from shared.roads.failover_kind import PLANNED, failover_kind
from shared.roads.registry import road_of
from shared.site_recovery import failover
from shared.site_recovery.items import Item
from shared.site_recovery.recovery_points import choose, list_recovery_points
from shared.site_recovery.shared_looks import look_at

bp = Blueprint()

A_WHILE = timedelta(minutes=5)  # power that is told so soon is believed


@serves(bp, START_FAILOVER)
@enters
def start_failover(poll: Poll) -> Submitted:
    """Submit the failover of a machine whose source is stopped, unless it is under way or done."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    if before := earlier(poll, machine, "failover", urgent=True):
        return before
    item = look_at(machine.vault, item_ref(machine))
    if item is None:
        raise not_protected_and_off(poll)
    if item.failed_over:
        return Submitted()
    check_not_rejected(poll, machine.row)
    kind = failover_kind(machine.plan, machine.wave)
    following = adopt(poll, machine, item, kind, urgent=True)
    if following is not None:
        return following
    if not item.allows(kind):
        raise not_allowed(machine, item, kind)
    check_source_rests(machine)
    point, provider, shut_down = (
        _recovery_point(poll, machine),
        road_of(machine.plan).provider,
        shuts_down(machine.plan),
    )

    def send(request: str) -> str:
        if kind == PLANNED:
            return failover.fail_over_as_planned(machine.vault, item.ref, provider, request)
        return failover.fail_over(
            machine.vault, item.ref, provider, shut_down=shut_down, recovery_point_id=point, request=request
        )

    mark_asked(poll, "the failover", shut_down=shut_down)
    return submit_once(poll, machine, "failover", send, urgent=True)


def _recovery_point(poll: Poll, machine: MachineContext) -> str:
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
    machines.change(poll, evidence=Evidence(failed_over_to=f"{point.name} of {point.recovery_point_time}"))
    return point.id


@serves(bp, READ_FAILOVER)
def read_failover(scope: Scope) -> FailoverResult:
    """Note that the machine lives in Azure now. Raises `CloudRefused` when it does not.

    Site Recovery goes on with a failover whose shut-down failed (guide for Azure to Azure): then the source still runs.
    """
    machine = machine_context(scope)
    item = look_at(machine.vault, item_ref(machine))
    if item is None:
        raise not_protected_and_off(scope)
    if is_failing_over(item):
        raise Busy(f"the failover of {scope.machine} does not show its end yet", SHORTLY)
    if not item.failed_over and not _is_there(machine, item, _target(machine, item)):
        raise not_allowed(machine, item, "the end of the failover")
    note_failed_over(scope, machine, item)
    return FailoverResult(source_runs=shuts_down(machine.plan) and _source_runs(scope, machine))


def _is_there(machine: MachineContext, item: Item, vm: str) -> bool:
    """Tell whether a migration item's job ended well and its VM is there, whatever the item itself shows.

    What such an item shows right behind its migration stands in no recording.
    """
    job = _job(machine) if item.ref.migrates else None
    return job is not None and job.succeeded and compute.get_vm(vm) is not None


def _source_runs(scope: Scope, machine: MachineContext) -> bool:
    """Tell whether the source is seen running although the failover was to shut it down.

    Where what is seen may be older than the shut-down, the failover's own job is believed.
    """
    source = road_of(machine.plan).source
    state = source.state(machine.plan, machine.row.source_id)
    unseen = state == "unknown" or (state == "running" and source.told_within > A_WHILE)
    off = state == "stopped" or (unseen and was_shut_down(machine))
    if not off and state in ("running", "pending", "stopping", "unknown"):
        ran_on = in_doubt(scope.now) if state == "unknown" else never_down(scope.now)
        machines.change(scope, service=ran_on)
        events.write(scope, "source-left-running", f"the failover did not shut {scope.machine} down: it is {state}")
        return True
    if off and machine.row.mark(Mark.STOPPED) is None:
        machines.change(scope, marks={Mark.STOPPED: scope.now})
    return False
