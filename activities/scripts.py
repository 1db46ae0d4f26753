"""The scripts that run on a source machine: files of the product, or what the plan says, made into lines for its agent."""

from pathlib import Path
from shlex import quote

from activities import trying
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
        return trying.script([(appliance_ip, port) for port in PORTS], windows=windows)
    return _install(plan, windows=windows, appliance_ip=appliance_ip)


def _install(plan: Plan, *, windows: bool, appliance_ip: str) -> tuple[str, ...]:
    """Write our installer into a file on the machine and run it."""
    installer = plan.replication.agent.installer_url or f"https://{appliance_ip}/MobilityService/installer"
    if windows:
        body = (FOLDER / "install.ps1").read_text(encoding="utf-8")
        path = "$env:TEMP\\azferry-agent.ps1"
        call = f"& {path} -Appliance '{appliance_ip}' -Installer '{installer}'; exit $LASTEXITCODE"
        return (f"@'\n{body}\n'@ | Set-Content -Encoding UTF8 {path}", call)
    body = (FOLDER / "install.sh").read_text(encoding="utf-8")
    call = f"bash /var/tmp/azferry-agent.sh --appliance {quote(appliance_ip)} --installer {quote(installer)}"
    return (f"cat > /var/tmp/azferry-agent.sh <<'AZFERRY'\n{body}\nAZFERRY", call)
