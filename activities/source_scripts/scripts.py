"""The scripts that run on a source machine: files of the product, or what the plan says."""

from pathlib import Path
from shlex import quote

from activities.verification import connection_attempts
from shared.guest_scripts.wrapper import GuestScript
from shared.plan.file_places import of_machine
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.roads.registry import road_of

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "sources" / "agent"
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
        return connection_attempts.script([(appliance_ip, port) for port in PORTS], windows=windows)
    return _install(plan, entry, windows=windows, appliance_ip=appliance_ip)


def _install(plan: Plan, entry: Machine, *, windows: bool, appliance_ip: str) -> GuestScript:
    """Run our installer with what the plan says."""
    given = _given(plan, entry, windows=windows, appliance_ip=appliance_ip)
    text = (FOLDER / ("install.ps1" if windows else "install.sh")).read_text(encoding="utf-8")
    if windows:
        return GuestScript(name="install-agent", text=text, arguments=given)
    # In the script itself: the arguments of a program stand in the list of processes, for everybody on the machine.
    words = " ".join(quote(word) for name, value in given.items() for word in (f"--{name}", value))
    first, _, body = text.partition("\n")
    return GuestScript(name="install-agent", text=f"{first}\nset -- {words}\n{body}")


def _given(plan: Plan, entry: Machine, *, windows: bool, appliance_ip: str) -> dict[str, str]:
    """Give the arguments of the agent script, by name."""
    agent = plan.replication.agent
    own = windows and agent.windows_installer_url
    installer = agent.windows_installer_url if own else agent.installer_url
    given = {
        "appliance": appliance_ip,
        "kind": road_of(plan).installer_kind,
        "installer": installer or f"https://{appliance_ip}/MobilityService/installer",
        "sha256": agent.windows_installer_sha256 if own else agent.installer_sha256,
        "config": of_machine(agent.config, entry.name),
        "config-sha256": entry.agent_config_sha256,
        "passphrase": agent.passphrase,
    }
    return {name: value for name, value in given.items() if value}
