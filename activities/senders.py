"""Who runs a script on a source machine: AWS Systems Manager on EC2, Azure's run command on a VM."""

import re
from collections.abc import Mapping
from typing import Protocol

from activities.planned import Planned
from shared import ids
from shared.azure import compute, guest
from shared.ledger import machines
from shared.models import Place
from shared.problems import Refused
from shared.sources.aws import ssm
from shared.sources.aws.side import place_of
from shared.sources.aws.ssm import CommandResult, Script

EXIT = "azferry-exit:"  # Azure does not tell a script's exit code: the script's last line does
_EXIT = re.compile(rf"^{EXIT}(-?[0-9]+)\s*$", re.MULTILINE)


class Sender(Protocol):
    """Sends scripts and reads what they came to."""

    def send(self, place: Place, machine: Planned, script: Script) -> str:
        """Run a script, once as far as the cloud lets it be found again; give the command's id."""

    def read(self, machine: Planned, command: str) -> CommandResult:
        """Look once at a command."""


class SystemsManager:
    """EC2: a command is found again by its comment."""

    def send(self, place: Place, machine: Planned, script: Script) -> str:  # noqa: ARG002 - the seam's
        """Run it through the management agent."""
        return ssm.send_command(place_of(machine.plan), script)

    def read(self, machine: Planned, command: str) -> CommandResult:
        """Ask Systems Manager."""
        return ssm.read_command(place_of(machine.plan), command, machine.row.source_id)


class RunCommand:
    """Azure: a VM runs one command at a time, and none is found again: after a lost answer a script runs twice."""

    def send(self, place: Place, machine: Planned, script: Script) -> str:  # noqa: ARG002 - the seam's
        """Run it through the VM agent; where its result is read is kept in the ledger: too long for a history."""
        vm = compute.get_vm(script.instance)
        if vm is None:
            raise Refused(f"VM {script.instance} is gone", id="source-gone", title="The source machine is gone")
        lines = _windows(script.lines) if script.windows else _linux(script.lines)
        command = ids.short_hash(script.token)
        url = guest.run_script(vm, lines, ids.request_id(place.key, script.token))
        machines.change(place, evidence={_key(command): url})
        return command

    def read(self, machine: Planned, command: str) -> CommandResult:
        """Look at the operation by its URL."""
        vm, url = compute.get_vm(machine.row.source_id), str(machine.row.evidence.get(_key(command)) or "")
        if vm is None or not url:
            raise Refused(f"the command on {machine.row.name} is gone", id="command-lost", title="A script never ended")
        seen = guest.read_script(vm, url)
        if not seen.ended:
            return CommandResult(status="InProgress")
        if seen.problem is not None:
            return CommandResult(status="Failed", stderr=seen.problem.detail)
        told = _EXIT.search(seen.stdout)
        code = int(told[1]) if told else int(not seen.succeeded)
        status = "Success" if code == 0 else "Failed"
        return CommandResult(status=status, exit_code=code, stdout=seen.stdout, stderr=seen.stderr)


def _key(command: str) -> str:
    return f"command.{command}"


def _linux(lines: tuple[str, ...]) -> tuple[str, ...]:
    return ("(", *lines, ")", f'echo "{EXIT}$?"')


def _windows(lines: tuple[str, ...]) -> tuple[str, ...]:
    """A program fails by its exit code, a cmdlet by an error; a script that calls `exit` tells nothing: its errors count."""
    begin = ("$ErrorActionPreference = 'Stop'", "$global:LASTEXITCODE = 0", "try { & {")
    end = ("}", "$code = $LASTEXITCODE } catch { [Console]::Error.WriteLine($_); $code = 1 }", f'"{EXIT}$code"')
    return (*begin, *lines, *end)


SENDERS: Mapping[str, Sender] = {"azure-to-azure": RunCommand()}


def sender(machine: Planned) -> Sender:
    """Give who runs scripts on a machine of a plan's road."""
    return SENDERS.get(machine.plan.scenario, SystemsManager())
