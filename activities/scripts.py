"""The scripts that run on a source machine: files of the product, or what the plan says."""

from pathlib import Path

from activities import trying
from shared.guest_scripts.wrapper import GuestScript
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave

FOLDER = Path(__file__).resolve().parent.parent / "shared" / "sources" / "agent"
PORTS = (443, 9443)


def script_of(
    name: str, plan: Plan, wave: Wave, entry: Machine, *, windows: bool, appliance_ip: str
) -> GuestScript | None:
    """Give a script for a machine; None = the plan has no such script."""
    own = wave.scripts_of(entry)
    if name in ("stop-services", "start-services"):
        text = own.stop_services if name == "stop-services" else own.start_services
        return GuestScript(name=name, text=text) if text.strip() else None
    if name == "check-connectivity":
        return trying.script([(appliance_ip, port) for port in PORTS], windows=windows)
    return _install(plan, windows=windows, appliance_ip=appliance_ip)


def _install(plan: Plan, *, windows: bool, appliance_ip: str) -> GuestScript:
    """Run our installer with what the plan says."""
    installer = plan.replication.agent.installer_url or f"https://{appliance_ip}/MobilityService/installer"
    file = FOLDER / ("install.ps1" if windows else "install.sh")
    arguments = {"appliance": appliance_ip, "installer": installer}
    return GuestScript(name="install-agent", text=file.read_text(encoding="utf-8"), arguments=arguments)
