"""Looking into a VM: a script run through its agent, and the text of its console.

| operation | role action |
| --- | --- |
| run_script | Microsoft.Compute/virtualMachines/runCommand/action |
| read_script | Microsoft.Compute/locations/operations/read |
| boot_log | Microsoft.Compute/virtualMachines/retrieveBootDiagnosticsData/action |
"""

import re
from collections.abc import Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from pydantic import Field

from shared.azure import clients
from shared.azure.arm import operation_status, submit
from shared.azure.arm_id import parse
from shared.azure.compute import Vm
from shared.azure.refusals import found
from shared.intake.addresses import is_loopback
from shared.models import Model
from shared.problems import Busy, ProblemData

LONGEST_LOG = 64 * 1024
# Up to the last heading: a script may print one itself, and the end of its output is what must not be lost.
_LINUX = re.compile(r"\[stdout\]\n(?P<out>.*)\n\[stderr\]\n(?P<err>.*)", re.DOTALL)


class ScriptResult(Model):
    """What a script in a VM came to; Azure keeps the last 4 KB of each output (documented)."""

    ended: bool = False
    succeeded: bool = False
    stdout: str = ""
    stderr: str = ""
    after: int = Field(default=30, description="seconds until another look is worth it")
    problem: ProblemData | None = Field(default=None, description="why the script could not be run at all")


def run_script(vm: Vm, lines: Sequence[str], request: str) -> str:
    """Run a script once through the VM's agent; give the URL to read its result from.

    One command runs at a time: another is `Busy`. After a lost answer the script may run twice: it must only look.
    """
    at, windows = parse(vm.id), vm.os_type.lower() == "windows"
    body = {"commandId": "RunPowerShellScript" if windows else "RunShellScript", "script": list(lines)}
    send = clients.compute(at.subscription).virtual_machines.begin_run_command
    return submit(f"running a script in VM {at.name}", request, send, at.group, at.name, body).result


def read_script(vm: Vm, url: str) -> ScriptResult:
    """Look once at a script by the URL that `run_script` gave."""
    at = parse(vm.id)
    status = operation_status(f"reading the result of a script in VM {at.name}", at.subscription, url)
    if not status.ended or status.problem:
        return ScriptResult(ended=status.ended, after=status.after, problem=status.problem)
    return result_of(status.result)


def result_of(answer: dict[str, Any]) -> ScriptResult:
    """Read the outputs from what Azure says of a run command that ended."""
    shown = _values(answer)
    texts = {
        str(each.get("code") or "").split("/")[1]: str(each.get("message") or "")
        for each in shown
        if "/" in str(each.get("code"))
    }
    failed = any("/failed" in str(each.get("code")) or each.get("level") == "Error" for each in shown)
    if "StdOut" in texts or "StdErr" in texts:
        out, err = texts.get("StdOut", ""), texts.get("StdErr", "")
        return ScriptResult(ended=True, succeeded=not failed and not err.strip(), stdout=out, stderr=err)
    output = "\n".join(str(each.get("message") or "") for each in shown)
    parts = _LINUX.search(output)
    out, err = (parts["out"], parts["err"]) if parts else (output, "")
    return ScriptResult(ended=True, succeeded=not failed, stdout=out.strip("\n"), stderr=err.strip("\n"))


def _values(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Find the texts: at the result's URL they are the body, in an operation's status they lie deeper."""
    output = (result.get("properties") or {}).get("output") or result
    return list(output.get("value") or ())


def boot_log(vm: Vm) -> str | None:
    """Give the end of the VM's console text, or None when boot diagnostics are off or nothing was written yet."""
    at = parse(vm.id)
    machines = clients.compute(at.subscription).virtual_machines
    what = f"reading the console of VM {at.name}"
    uris = found(what, lambda: machines.retrieve_boot_diagnostics_data(at.group, at.name, retry_total=0))
    uri = uris.serial_console_log_blob_uri if uris else None
    return _fetch(what, uri) if uri else None


def _fetch(what: str, uri: str) -> str | None:
    """Read a blob by its signed URI; the URI never leaves this module, not even in an error."""
    parts = urlsplit(uri)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return None
    try:
        with urlopen(uri, timeout=30) as answer:  # noqa: S310 - the scheme was looked at
            text: bytes = answer.read()
    except (OSError, HTTPException) as error:
        if getattr(error, "code", 0) == 404:
            return None
        raise Busy(f"the console could not be read while {what}: {type(error).__name__}") from None
    return text[-LONGEST_LOG:].decode("utf-8", errors="replace")
