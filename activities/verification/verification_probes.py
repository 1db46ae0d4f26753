"""The checks of a plan: as one script that runs inside the machine, or from here where the network lets us."""

from collections.abc import Sequence
from shlex import quote

from activities.verification.outside_probes import answers_http, answers_tcp
from shared.guest_scripts.powershell import as_literal
from shared.guest_scripts.wrapper import GuestScript, cleaned, end_of, interpreter
from shared.plan.machines import Probe
from shared.plan.probe_address import MACHINE

INSIDE = ("service", "command")  # kinds that are looked at inside the machine, through its agent
NO_END = "their script did not come to its end"
OK, BAD = "azferry-ok", "azferry-failed"
# A check of the plan is a file of its own: what one of them prints, breaks or ends is no other's affair.
_WINDOWS = """function Test-Check([string]$Name) {
    $global:LASTEXITCODE = 0
    try { & (Join-Path $env:AZFERRY_FILES $Name) | Out-Null; return $LASTEXITCODE -eq 0 }
    catch { [Console]::Error.WriteLine("${Name}: $_"); return $false }
}
"""


def script_of(probes: Sequence[Probe], nonce: str, *, windows: bool) -> GuestScript:
    """Give the script that checks services and commands inside the machine: one line of output per check.

    The lines carry the nonce, so that no check passes by what another one prints.
    """
    inside = [(number, probe) for number, probe in enumerate(probes) if probe.kind in INSIDE]
    checks = [(_windows if windows else _linux)(number, probe, nonce) for number, probe in inside]
    text = (_WINDOWS if windows else "") + "\n".join(checks)
    files = {_file(number, windows=windows): cleaned(probe.command) for number, probe in inside if probe.command}
    return GuestScript(name="verify", text=text, files=files)


def _file(number: int, *, windows: bool) -> str:
    return f"check-{number}{'.ps1' if windows else ''}"


def _linux(number: int, probe: Probe, nonce: str) -> str:
    file = f'"$AZFERRY_FILES/{_file(number, windows=False)}"'
    command = " ".join([*interpreter(cleaned(probe.command)), file]) + " >&2"
    check = f"systemctl is-active --quiet {quote(probe.service)}" if probe.service else command
    return f"if {check}; then echo {OK} {nonce} {number}; else echo {BAD} {nonce} {number}; fi"


def _windows(number: int, probe: Probe, nonce: str) -> str:
    """A program fails by its exit code, a cmdlet by an error."""
    check = f"Test-Check {as_literal(_file(number, windows=True))}"
    if probe.service:
        check = f"(Get-Service -Name {as_literal(probe.service)} -ErrorAction SilentlyContinue).Status -eq 'Running'"
    return f"if ({check}) {{ '{OK} {nonce} {number}' }} else {{ '{BAD} {nonce} {number}' }}"


def failures(probes: Sequence[Probe], output: str, nonce: str) -> list[str]:
    """Name the checks that failed, or did not answer at all, by what the script printed; and a script without an end."""
    inside = [number for number, probe in enumerate(probes) if probe.kind in INSIDE]
    passed = {line.rpartition(" ")[2] for line in output.splitlines() if line.startswith(f"{OK} {nonce} ")}
    bad = [probes[number].label for number in inside if str(number) not in passed]
    return bad + ([NO_END] if end_of(output, nonce).code is None else [])


def from_here(probes: Sequence[Probe], address: str) -> list[str]:
    """Try ports and pages of a machine from the app's own network; name those that do not answer."""
    outside = [probe for probe in probes if probe.kind in ("tcp", "http")]
    return [probe.label for probe in outside if not _answers(probe, address)]


def _answers(probe: Probe, address: str) -> bool:
    if probe.kind == "tcp":
        return answers_tcp(address, probe.tcp)
    return answers_http(probe.http.replace(MACHINE, address), probe.expect)
