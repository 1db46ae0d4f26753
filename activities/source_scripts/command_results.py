"""What a script on a source machine came to, judged by its own mark and said in words."""

import signal

from shared.guest_scripts.wrapper import end_of
from shared.plan.file_places import without_secrets
from shared.sources.aws.ssm import CommandResult

SHOWN = 1_500  # characters of each output
NOT_STARTED = "it could not be put on the machine"
NO_END = "it did not come to its end: the machine restarted, or the script or its agent was ended"
_AGENTS_OWN = "failed to run commands: exit status "  # the line that Systems Manager's agent adds


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
    output, _, last = stderr.rstrip("\n").rpartition("\n")
    return output if last.startswith(_AGENTS_OWN) else stderr


def _signal(code: int) -> str:
    """Name the signal that ends a program with such a code on Linux."""
    try:
        return f"as after {signal.Signals(code - 128).name}" if code > 128 else ""
    except ValueError:
        return ""
