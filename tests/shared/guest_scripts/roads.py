"""The ways of a script into a machine, played on this one: rendered, run as the agent runs it, and read back by the product.

What the agents do stands in their sources (amazon-ssm-agent 3.3.1142, run-command-extension-linux) and in recorded answers.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from activities.source_scripts.command_results import described, settle
from shared.azure.guest import result_of
from shared.guest_scripts.wrapper import RUN_COMMAND, SYSTEMS_MANAGER, Channel, GuestScript, wrap
from shared.sources.aws.ssm import CommandResult
from tests import powershell

NONCE = "0123456789abcdef"
RESTARTS = (194, 3010)


@dataclass(frozen=True)
class Ended:
    """What came back from a machine; `left` is what lies in its folder for temporary files afterwards."""

    result: CommandResult
    left: tuple[str, ...]

    @property
    def shown(self) -> str:
        """What the product says of it."""
        return described(self.result)


@dataclass(frozen=True)
class Machine:
    """A folder for temporary files, and a shell that is the machine's `sh`; none = it runs Windows."""

    folder: Path
    shell: str = ""

    def run(self, road: str, script: GuestScript, **env: str) -> Ended:
        """Send a script on a road and read what it came to."""
        channel = SYSTEMS_MANAGER if road == "SSM" else RUN_COMMAND
        lines = wrap(script, channel, NONCE, windows=not self.shell)
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        process = self._started(lines, {"TMPDIR": str(temporary), **env})
        raw = (systems_manager if road == "SSM" else self._run_command)(process, channel)
        return Ended(settle(raw, NONCE), tuple(sorted(each.name for each in temporary.iterdir())))

    def _started(self, lines: tuple[str, ...], env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
        file = self.folder / ("script" if self.shell else "script.ps1")
        file.write_text("\n".join(lines), encoding="utf-8" if self.shell else "utf-8-sig")
        command = [self.shell, str(file)]
        if not self.shell:
            pwsh = powershell.needed()
            command = [pwsh, "-NonInteractive", "-NoProfile", "-ExecutionPolicy", "unrestricted", "-f", str(file)]
            env["PATH"] = f"{Path(pwsh).parent}:{os.environ['PATH']}"
        return subprocess.run(command, capture_output=True, env=os.environ | env, check=False, timeout=100)

    def _run_command(self, process: subprocess.CompletedProcess[bytes], _: Channel) -> CommandResult:
        """Azure: always a success, the last 4,096 bytes of each output."""
        out, err = (text[-4_096:].decode(errors="replace") for text in (process.stdout, process.stderr))
        statuses = [{"code": "ProvisioningState/succeeded", "level": "Info", "message": linux_text(out, err)}]
        if not self.shell:
            assert process.returncode == 0, "the operation would fail, and the output be lost"
            statuses = [
                {"code": "ComponentStatus/StdOut/succeeded", "message": out},
                {"code": "ComponentStatus/StdErr/succeeded", "message": err},
            ]
        return read({"value": statuses})


def read(answer: dict[str, Any]) -> CommandResult:
    """Read what Azure says of a run command, as `RunCommand` does."""
    seen = result_of(answer)
    return CommandResult(status="Success" if seen.succeeded else "Failed", stdout=seen.stdout, stderr=seen.stderr)


def linux_text(out: str, err: str) -> str:
    """Write what the extension writes on Linux."""
    return f"Enable succeeded: \n[stdout]\n{out}\n[stderr]\n{err}"


def systems_manager(process: subprocess.CompletedProcess[bytes], _: Channel) -> CommandResult:
    """Systems Manager: the first 24,000 characters of each output, and a line of the agent's own after a failure."""
    code = process.returncode
    assert code not in RESTARTS, "the agent would restart the machine and run the script again"
    out, err = (text.decode(errors="replace") for text in (process.stdout, process.stderr))
    if code:
        err += f"\nfailed to run commands: {f'exit status {code}' if code > 0 else 'signal: killed'}"
    status = "Failed" if code else "Success"
    return CommandResult(status=status, exit_code=code, stdout=out[:24_000], stderr=err[:24_000])
