"""Who runs a script on a source machine: AWS Systems Manager on EC2, Azure's run command on a VM."""

import signal
from collections.abc import Mapping
from typing import Protocol

from activities.flow.machine_context import MachineContext
from shared import ids
from shared.azure import compute, guest
from shared.guest_scripts.wrapper import RUN_COMMAND, SYSTEMS_MANAGER, Channel, end_of
from shared.ledger import machines
from shared.models import Scope
from shared.plan.file_places import without_secrets
from shared.problems import Refused
from shared.sources.aws import ssm
from shared.sources.aws.source_adapter import place_of
from shared.sources.aws.ssm import CommandResult, SsmScript

SHOWN = 1_500  # characters of each output
NOT_STARTED = "it could not be put on the machine"
NO_END = "it did not come to its end: the machine restarted, or the script or its agent was ended"
_AGENTS_OWN = "failed to run commands: exit status "  # the line that Systems Manager's agent adds


class CommandRunner(Protocol):
    """Sends scripts and reads what they came to, as the agent sees it."""

    @property
    def channel(self) -> Channel:
        """What its scripts are wrapped for."""

    def send(self, scope: Scope, machine: MachineContext, script: SsmScript) -> str:
        """Run a script, once as far as the cloud lets it be found again; give the command's id."""

    def read(self, machine: MachineContext, command: str) -> CommandResult:
        """Look once at a command."""


class SystemsManager:
    """EC2: a command is found again by its comment."""

    channel = SYSTEMS_MANAGER

    def send(self, scope: Scope, machine: MachineContext, script: SsmScript) -> str:  # noqa: ARG002 - the seam's
        """Run it through the management agent."""
        return ssm.send_command(place_of(machine.plan), script)

    def read(self, machine: MachineContext, command: str) -> CommandResult:
        """Ask Systems Manager."""
        return ssm.read_command(place_of(machine.plan), command, machine.row.source_id)


class RunCommand:
    """Azure: a VM runs one command at a time, and none is found again: after a lost answer a script runs twice."""

    channel = RUN_COMMAND

    def send(self, scope: Scope, machine: MachineContext, script: SsmScript) -> str:  # noqa: ARG002 - the seam's
        """Run it through the VM agent; where its result is read is kept in the ledger: too long for a history."""
        vm = compute.get_vm(script.instance)
        if vm is None:
            raise Refused(f"VM {script.instance} is gone", id="source-gone", title="The source machine is gone")
        command = ids.short_hash(script.token)
        url = guest.run_script(vm, script.lines, ids.request_id(scope.key, script.token))
        machines.change(scope, evidence={_key(command): url})
        return command

    def read(self, machine: MachineContext, command: str) -> CommandResult:
        """Look at the operation by its URL."""
        vm, url = compute.get_vm(machine.row.source_id), str(machine.row.evidence.get(_key(command)) or "")
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


def settle(result: CommandResult, nonce: str) -> CommandResult:
    """Judge a command by the mark of its script alone: agents call a script that failed, or never ran, a success.

    Without a mark it failed; `details` then says in words what is known of it.
    """
    if result.running:
        return result
    end = end_of(result.stdout, nonce)
    outputs = {"stdout": end.stdout, "stderr": _without_agents_line(result.stderr)}
    if end.code is not None:
        status = "Success" if end.code == 0 else "Failed"
        return result.replace(status=status, exit_code=end.code, details=_signal(end.code), **outputs)
    status = "Failed" if result.succeeded else result.status
    return result.replace(status=status, exit_code=-1, details=NO_END if end.started else NOT_STARTED, **outputs)


def described(result: CommandResult) -> str:
    """Say how a command ended, and the ends of both its outputs: a script explains itself on either of them."""
    code = f"exit code {result.exit_code}" if result.exit_code >= 0 or not result.details else ""
    how = ", ".join(part for part in (code, result.details) if part)
    parts = [text.strip()[-SHOWN:] for text in (result.stderr, result.stdout) if text.strip()]
    return f"{result.status} ({how}): {without_secrets(' | '.join(parts)) or 'it printed nothing'}"


def _without_agents_line(stderr: str) -> str:
    rest, _, last = stderr.rstrip("\n").rpartition("\n")
    return rest if last.startswith(_AGENTS_OWN) else stderr


def _signal(code: int) -> str:
    """Name the signal that ends a program with such a code on Linux."""
    try:
        return f"as after {signal.Signals(code - 128).name}" if code > 128 else ""
    except ValueError:
        return ""


SENDERS: Mapping[str, CommandRunner] = {"azure-to-azure": RunCommand()}


def sender(machine: MachineContext) -> CommandRunner:
    """Give who runs scripts on a machine of a plan's road."""
    return SENDERS.get(machine.plan.scenario, SystemsManager())
