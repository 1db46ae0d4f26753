"""The checks of a plan: as one script that runs inside the machine, or from here where the network lets us."""

import socket
from collections.abc import Sequence
from http.client import HTTPException
from shlex import quote
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from shared.plan.machines import Probe

INSIDE = ("service", "command")  # kinds that are looked at inside the machine, through its agent
OK, BAD = "azferry-ok", "azferry-failed"


def script_of(probes: Sequence[Probe], *, windows: bool) -> tuple[str, ...]:
    """Give the lines that check services and commands inside the machine: one line of output per check."""
    inside = [(number, probe) for number, probe in enumerate(probes) if probe.kind in INSIDE]
    lines = [_windows(number, probe) if windows else _linux(number, probe) for number, probe in inside]
    return (*lines, f"echo {OK} boot")


def _linux(number: int, probe: Probe) -> str:
    if probe.service:
        return _linux_check(f"systemctl is-active --quiet {quote(probe.service)}", number)
    return f"check{number}() (\n{probe.command}\n)\n" + _linux_check(f"check{number} >&2", number)


def _linux_check(command: str, number: int) -> str:
    return f"if {command}; then echo {OK} {number}; else echo {BAD} {number}; fi"


def _windows(number: int, probe: Probe) -> str:
    """A program fails by its exit code, a cmdlet by an error."""
    if probe.service:
        named = probe.service.replace("'", "''")
        return _windows_check(
            f"(Get-Service -Name '{named}' -ErrorAction SilentlyContinue).Status -eq 'Running'", number
        )
    told = f"$check{number} = {{\n{probe.command}\n}}\n"
    act = f"$ErrorActionPreference = 'Stop'; $global:LASTEXITCODE = 0; & $check{number} | Out-Null"
    return told + _windows_check(f"$(try {{ {act}; $LASTEXITCODE -eq 0 }} catch {{ $false }})", number)


def _windows_check(condition: str, number: int) -> str:
    return f"if ({condition}) {{ '{OK} {number}' }} else {{ '{BAD} {number}' }}"


def failures(probes: Sequence[Probe], output: str) -> list[str]:
    """Name the checks that failed, or did not answer at all, by what the script printed."""
    inside = [number for number, probe in enumerate(probes) if probe.kind in INSIDE]
    passed = {line.split()[1] for line in output.splitlines() if line.startswith(OK) and len(line.split()) > 1}
    return [_named(probes[number]) for number in inside if str(number) not in passed]


def _named(probe: Probe) -> str:
    return f"{probe.kind} {getattr(probe, probe.kind)}"


def from_here(probes: Sequence[Probe], address: str) -> list[str]:
    """Try ports and pages of a machine from the app's own network; name those that do not answer."""
    outside = [probe for probe in probes if probe.kind in ("tcp", "http")]
    return [_named(probe) for probe in outside if not (_tcp if probe.kind == "tcp" else _http)(probe, address)]


def _tcp(probe: Probe, address: str) -> bool:
    try:
        with socket.create_connection((address, probe.tcp), timeout=5):
            return True
    except OSError:
        return False


def _http(probe: Probe, address: str) -> bool:
    url = probe.http.replace("{machine}", address)
    try:
        with urlopen(Request(url, headers={"User-Agent": "azferry"}), timeout=10) as answer:  # noqa: S310 - http(s) by schema
            return bool(answer.status == probe.expect)
    except HTTPError as answered:
        return answered.code == probe.expect
    except (URLError, HTTPException, OSError):
        return False
