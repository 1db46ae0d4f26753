"""Decommission source: a grace period, an image, and only then, approved once more, the end of the source machine."""

from activities import source_in_azure
from activities.interrupting import strike
from activities.planned import Planned, planned
from activities.test_failover import is_skipped
from activities.waking import later_than
from shared.contracts import KEEP_IMAGE, READ_DECOMMISSION, TERMINATE_SOURCE
from shared.durable import Blueprint, serves
from shared.gates import Verdict, get
from shared.ledger import events, machines
from shared.models import Done, Place
from shared.problems import Refused
from shared.requests import Look, Opening, Seen
from shared.sources.aws import power
from shared.sources.aws.side import place_of
from shared.states import MachineState

bp = Blueprint()

A_DAY, A_MINUTE = 86_400, 60
TAG = "azferry:migration"


@serves(bp, READ_DECOMMISSION)
def read_decommission(look: Look) -> Opening:
    """Settle after the grace period (with its end), or at once without one where the plan keeps the source."""
    strike(look)
    machine = planned(look)
    wanted = machine.plan.finish.decommission
    if wanted.mode != "terminate" or is_skipped(look, "decommission_source"):
        return Opening(settled=True)
    due = (machine.row.mark("up") or look.since) + wanted.grace
    if look.now >= due:
        return Opening(settled=True, opens_at=due)
    machines.change(look, waiting_for=f"the end of the source's grace period at {due:%Y-%m-%d %H:%M} UTC")
    return Opening(opens_at=due, patience=min(A_DAY, later_than(due, look.now)), exact=True)


@serves(bp, KEEP_IMAGE)
def keep_image(look: Look) -> Seen:
    """Settle when an image of the source is available, or when the plan wants none; of a VM in Azure its disks stay."""
    strike(look)
    machine = planned(look)
    if machine.plan.scenario == "azure-to-azure":
        source_in_azure.keep_parts(look, machine)
        return Seen(settled=True)
    if not machine.plan.finish.decommission.keep_image:
        return Seen(settled=True)
    image = power.keep_image(
        place_of(machine.plan), machine.row.source_id, f"azferry-{look.migration}-{look.machine}", {TAG: look.migration}
    )
    if image.state == "failed":
        raise Refused(
            f"the image {image.name} ({image.id}) of {look.machine} failed: {image.reason or 'AWS does not say why'}",
            id="image-failed",
            title="No image",
            advice="Deregister the failed image in AWS, so that its name is free, then retry.",
        )
    if image.state != "available":
        machines.change(look, waiting_for=f"the image {image.name}")
        return Seen(patience=A_MINUTE)
    machines.change(look, evidence={"image": image.id}, waiting_for="")
    return Seen(settled=True)


@serves(bp, TERMINATE_SOURCE)
def terminate_source(place: Place) -> Done:
    """Terminate the stopped source, where a person approved exactly that. Raises `Refused` when it is protected.

    A VM in Azure is deleted, which takes a while: raises `Later` until it is gone.
    """
    machine = planned(place)
    gate = get(place.migration, machine.row.wave, "decommission", place.machine)
    decision = gate.decided(place.machine) if gate is not None else None
    approved = decision is not None and decision.decision != Verdict.REJECT
    left, source = "", machine.row.source_id
    if machine.plan.scenario == "azure-to-azure":
        left = source_in_azure.delete(place, machine, approved=approved)
    else:
        _terminate_instance(machine, approved=approved)
    machines.change(place, state=MachineState.DECOMMISSIONED, waiting_for="")
    events.write(
        place, "source-terminated", f"the source {source} was terminated{left}", by=decision.by if decision else ""
    )
    return Done()


def _terminate_instance(machine: Planned, *, approved: bool) -> None:
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
