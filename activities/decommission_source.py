"""Decommission source: a grace period, an image, and only then, approved once more, the end of the source machine."""

from activities.flow import azure_source_removal
from activities.flow.interruption import raise_if_stopped
from activities.flow.machine_context import MachineContext, machine_context
from activities.flow.skipped_phases import is_skipped
from activities.flow.wait_rows import later_than
from shared.contracts.contracts import KEEP_IMAGE, READ_DECOMMISSION, TERMINATE_SOURCE
from shared.contracts.requests import Poll, PollResult, WindowPollResult
from shared.coordination.gates import Verdict, get
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.machine_row import Mark
from shared.models import Done, Scope
from shared.problems import Refused
from shared.sources.aws import power
from shared.sources.aws.source_adapter import place_of
from shared.states import MachineState

bp = Blueprint()

A_DAY, A_MINUTE = 86_400, 60
TAG = "azferry:migration"


@serves(bp, READ_DECOMMISSION)
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
    if machine.plan.scenario == "azure-to-azure":
        azure_source_removal.keep_parts(poll, machine)
        return PollResult(settled=True)
    if not machine.plan.finish.decommission.keep_image:
        return PollResult(settled=True)
    image = power.keep_image(
        place_of(machine.plan), machine.row.source_id, f"azferry-{poll.migration}-{poll.machine}", {TAG: poll.migration}
    )
    if image.state == "failed":
        raise Refused(
            f"the image {image.name} ({image.id}) of {poll.machine} failed: {image.reason or 'AWS does not say why'}",
            id="image-failed",
            title="No image",
            advice="Deregister the failed image in AWS, so that its name is free, then retry.",
        )
    if image.state != "available":
        machines.change(poll, waiting_for=f"the image {image.name}")
        return PollResult(patience=A_MINUTE)
    machines.change(poll, evidence={"image": image.id}, waiting_for="")
    return PollResult(settled=True)


@serves(bp, TERMINATE_SOURCE)
def terminate_source(scope: Scope) -> Done:
    """Terminate the stopped source, where a person approved exactly that. Raises `Refused` when it is protected.

    A VM in Azure is deleted, which takes a while: raises `Busy` until it is gone.
    """
    machine = machine_context(scope)
    gate = get(scope.migration, machine.row.wave, "decommission", scope.machine)
    decision = gate.decided(scope.machine) if gate is not None else None
    approved = decision is not None and decision.decision != Verdict.REJECT
    left, source = "", machine.row.source_id
    if machine.plan.scenario == "azure-to-azure":
        left = azure_source_removal.delete(scope, machine, approved=approved)
    else:
        _terminate_instance(machine, approved=approved)
    machines.change(scope, state=MachineState.DECOMMISSIONED, waiting_for="")
    events.write(
        scope, "source-terminated", f"the source {source} was terminated{left}", by=decision.by if decision else ""
    )
    return Done()


def _terminate_instance(machine: MachineContext, *, approved: bool) -> None:
    """Terminate an EC2 instance."""
    where, source = place_of(machine.plan), machine.row.source_id
    if power.states(where, [source]).get(source) == "stopped" and power.protected_from_termination(where, source):
        raise Refused(
            f"{source} is protected from termination",
            id="termination-protected",
            title="The source is protected from termination",
            advice="Take the protection off in AWS if the machine shall really go, then retry.",
        )
    power.terminate(where, source, approved=approved)
