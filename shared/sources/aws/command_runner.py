"""Scripts on EC2, run by Systems Manager."""

from shared.guest_scripts.wrapper import SYSTEMS_MANAGER
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.sources.aws import ssm
from shared.sources.aws.place import place_of
from shared.sources.aws.ssm import CommandResult, SsmScript
from shared.sources.command_runner import CommandRunner


class SystemsManager(CommandRunner):
    """EC2: a command is found again by its comment."""

    channel = SYSTEMS_MANAGER

    def send(self, scope: Scope, machine: MachineContext, script: SsmScript) -> str:  # noqa: ARG002 - the seam's
        """Run it through the management agent."""
        return ssm.send_command(place_of(machine.plan), script)

    def read(self, machine: MachineContext, command: str) -> CommandResult:
        """Ask Systems Manager."""
        return ssm.read_command(place_of(machine.plan), command, machine.row.source_id)
