"""The scripts that run on a source machine: files of the product, or what the plan says, made into lines for its agent."""

from pathlib import Path
from shlex import quote

from shared.plan.file_places import of_machine
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave

FOLDER = Path(__file__).resolve().parent.parent / "shared" / "sources" / "agent"
PORTS = (443, 9443)


def lines_of(
    script: str, plan: Plan, wave: Wave, entry: Machine, *, windows: bool, appliance_ip: str
) -> tuple[str, ...]:
    """Give the lines of a script for a machine; none = the plan has no such script."""
    own = wave.scripts_of(entry)
    if script == "stop-services":
        return tuple(own.stop_services.splitlines())
    if script == "start-services":
        return tuple(own.start_services.splitlines())
    if script == "check-connectivity":
        return _check(windows=windows, appliance_ip=appliance_ip)
    return _install(plan, entry, windows=windows, appliance_ip=appliance_ip)


def _check(*, windows: bool, appliance_ip: str) -> tuple[str, ...]:
    """Try the appliance's ports from the machine itself."""
    if windows:
        return tuple(
            f"if (-not (Test-NetConnection {appliance_ip} -Port {port} -InformationLevel Quiet)) "
            f"{{ Write-Error 'port {port} of {appliance_ip} is not reachable'; exit 13 }}"
            for port in PORTS
        )
    return tuple(
        f"timeout 10 bash -c '</dev/tcp/{appliance_ip}/{port}' || "
        f"{{ echo 'port {port} of {appliance_ip} is not reachable' >&2; exit 13; }}"
        for port in PORTS
    )


def _install(plan: Plan, entry: Machine, *, windows: bool, appliance_ip: str) -> tuple[str, ...]:
    """Run our installer with what the plan says."""
    given = _given(plan, entry, windows=windows, appliance_ip=appliance_ip)
    body = (FOLDER / ("install.ps1" if windows else "install.sh")).read_text(encoding="utf-8")
    if windows:
        pairs = "; ".join(f"'{_pascal(name)}' = '{value}'" for name, value in given.items())
        return (f"$arguments = @{{ {pairs} }}", "& {", body, "} @arguments")
    # In the script itself: the arguments of a program stand in the list of processes, for everybody on the machine.
    words = " ".join(quote(word) for name, value in given.items() for word in (f"--{name}", value))
    first, _, rest = body.partition("\n")
    return (first, f"set -- {words}", rest)


def _given(plan: Plan, entry: Machine, *, windows: bool, appliance_ip: str) -> dict[str, str]:
    """Give the arguments of the agent script, by name."""
    agent = plan.replication.agent
    own = windows and agent.windows_installer_url
    installer = agent.windows_installer_url if own else agent.installer_url
    given = {
        "appliance": appliance_ip,
        "kind": "configurationServer" if plan.replication.mode == "configurationServer" else "appliance",
        "installer": installer or f"https://{appliance_ip}/MobilityService/installer",
        "sha256": agent.windows_installer_sha256 if own else agent.installer_sha256,
        "config": of_machine(agent.config, entry.name),
        "config-sha256": entry.agent_config_sha256,
        "passphrase": agent.passphrase,
    }
    return {name: value for name, value in given.items() if value}


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
