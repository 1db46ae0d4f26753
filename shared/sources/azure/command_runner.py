"""Scripts on Azure VMs, run by run command."""

from shared import ids
from shared.azure import compute, guest
from shared.guest_scripts.wrapper import RUN_COMMAND
from shared.ledger import machines
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.problems import Refused
from shared.sources.aws.ssm import CommandResult, SsmScript
from shared.sources.command_runner import CommandRunner


class RunCommand(CommandRunner):
    """Azure: a VM runs one command at a time, and none is found again: after a lost answer a script runs twice."""

    channel = RUN_COMMAND

    def send(self, scope: Scope, machine: MachineContext, script: SsmScript) -> str:  # noqa: ARG002 - the seam's
        """Run it through the VM agent; where its result is read is kept in the ledger: too long for a history."""
        vm = compute.get_vm(script.instance)
        if vm is None:
            raise Refused(f"VM {script.instance} is gone", id="source-gone", title="The source machine is gone")
        command = ids.short_hash(script.token)
        url = guest.run_script(vm, script.lines, ids.request_id(scope.key, script.token))
        machines.change(scope, scripts={_key(command): url})
        return command

    def read(self, machine: MachineContext, command: str) -> CommandResult:
        """Look at the operation by its URL."""
        vm, url = compute.get_vm(machine.row.source_id), machine.row.scripts.get(_key(command), "")
        if vm is None or not url:
            raise Refused(f"the command on {machine.row.name} is gone", id="command-lost", title="A script never ended")
        seen = guest.read_script(vm, url)
        if not seen.ended:
            return CommandResult(status="InProgress")
        if seen.problem is not None:
            return CommandResult(status="Failed", stderr=seen.problem.detail)
        status = "Success" if seen.succeeded else "Failed"
        return CommandResult(status=status, stdout=seen.stdout, stderr=seen.stderr)


def _key(command: str) -> str:
    return f"command.{command}"
