"""The end of a source on EC2: an image is kept where the plan wants one, then the instance is terminated."""

from shared.ledger import machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.plan.model import Plan
from shared.problems import Refused
from shared.sources.aws import power
from shared.sources.aws.place import place_of
from shared.sources.source_removal import SourceRemoval

TAG = "azferry:migration"


class InstanceRemoval(SourceRemoval):
    """Terminates instances; nothing of them stays but the image."""

    def left(self, plan: Plan) -> str:
        """Say whether an image is kept."""
        return "an image is kept first" if plan.finish.decommission.keep_image else "no image of it is kept"

    def keep(self, scope: Scope, machine: MachineContext) -> bool:
        """Whether the image is available, or none is wanted. Raise `Refused` for an image that failed."""
        if not machine.plan.finish.decommission.keep_image:
            return True
        name = f"azferry-{scope.migration}-{scope.machine}"
        image = power.keep_image(place_of(machine.plan), machine.row.source_id, name, {TAG: scope.migration})
        if image.state == "failed":
            raise Refused(
                f"the image {image.name} ({image.id}) of {scope.machine} failed: {image.reason or 'AWS does not say why'}",
                id="image-failed",
                title="The image of the source failed",
                advice="Deregister the failed image in AWS, so that its name is free, then retry.",
            )
        if image.state != "available":
            machines.change(scope, waiting_for=f"the image {image.name}")
            return False
        machines.change(scope, evidence=Evidence(image=image.id), waiting_for="")
        return True

    def remove(self, scope: Scope, machine: MachineContext, *, approved: bool) -> str:  # noqa: ARG002 - the protocol's
        """Terminate the instance. Raise `Refused` when it is protected, runs, or nobody approved it."""
        where, source = place_of(machine.plan), machine.row.source_id
        if power.states(where, [source]).get(source) == "stopped" and power.protected_from_termination(where, source):
            raise Refused(
                f"{source} is protected from termination",
                id="termination-protected",
                title="The source is protected from termination",
                advice="Take the protection off in AWS if the machine shall really go, then retry.",
            )
        power.terminate(where, source, approved=approved)
        return ""
