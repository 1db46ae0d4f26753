"""Who runs a script on a source machine: what each cloud that runs machines can do."""

from typing import Protocol

from shared.guest_scripts.wrapper import Channel
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.sources.aws.ssm import CommandResult, SsmScript


class CommandRunner(Protocol):
    """Sends scripts and reads what they came to, as the agent sees it."""

    @property
    def channel(self) -> Channel:
        """What its scripts are wrapped for."""

    def send(self, scope: Scope, machine: MachineContext, script: SsmScript) -> str:
        """Run a script, once as far as the cloud lets it be found again; give the command's id."""

    def read(self, machine: MachineContext, command: str) -> CommandResult:
        """Look once at a command."""
