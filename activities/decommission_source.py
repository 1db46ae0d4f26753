"""Decommission source: a grace period, an image, and only then, approved once more, the end of the source machine."""

from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.flow.skipped_phases import is_skipped
from activities.flow.wait_rows import later_than
from shared.contracts.cohorts import WindowPollResult
from shared.contracts.contracts import KEEP_IMAGE, READ_DECOMMISSION, TERMINATE_SOURCE
from shared.contracts.requests import Poll, PollResult
from shared.coordination.gates import get
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import Mark
from shared.models import Done, Scope
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.scheduling.patience import A_DAY, A_MINUTE
from shared.sources.source_removal import SourceRemoval
from shared.states import MachineState

bp = Blueprint()


@serves(bp, READ_DECOMMISSION)
@enters
def read_decommission(poll: Poll) -> WindowPollResult:
    """Settle after the grace period (with its end), or at once without one where the plan keeps the source."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    wanted = machine.plan.finish.decommission
    if wanted.mode != "terminate" or is_skipped(poll, "decommission_source"):
        return WindowPollResult(settled=True)
    due = (machine.row.mark(Mark.UP) or poll.since) + wanted.grace
    if poll.now >= due:
        return WindowPollResult(settled=True, opens_at=due)
    machines.change(poll, waiting_for=f"the end of the source's grace period at {due:%Y-%m-%d %H:%M} UTC")
    return WindowPollResult(opens_at=due, patience=min(A_DAY, later_than(due, poll.now)), exact=True)


@serves(bp, KEEP_IMAGE)
def keep_image(poll: Poll) -> PollResult:
    """Settle when an image of the source is available, or when the plan wants none; of a VM in Azure its disks stay."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    kept = _removal(machine).keep(poll, machine)
    return PollResult(settled=True) if kept else PollResult(patience=A_MINUTE)


@serves(bp, TERMINATE_SOURCE)
def terminate_source(scope: Scope) -> Done:
    """Terminate the stopped source, where a person approved exactly that. Raises `Refused` when it is protected.

    A VM in Azure is deleted, which takes a while: raises `Busy` until it is gone.
    """
    machine = machine_context(scope)
    gate = get(scope.migration, machine.row.wave, "decommission", scope.machine)
    decision = gate.decided(scope.machine) if gate is not None else None
    approved = decision is not None and not decision.is_no
    left = _removal(machine).remove(scope, machine, approved=approved)
    machines.change(scope, state=MachineState.DECOMMISSIONED, waiting_for="")
    text = f"the source {machine.row.source_id} was terminated{left}"
    events.write(scope, "source-terminated", text, by=decision.by if decision else "")
    return Done()


def _removal(machine: MachineContext) -> SourceRemoval:
    """Return what terminates sources of the machine's kind. Raise `Refused` where only people can."""
    removal = road_of(machine.plan).source.removal
    if removal is None:
        raise Refused(
            f"the app cannot terminate the source of {machine.row.name}",
            id="source-not-terminated-here",
            title="The app cannot terminate this machine",
            advice="Remove it at its source by hand, and leave its decommissioning out (skip).",
        )
    return removal
