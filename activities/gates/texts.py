"""What a gate tells a person: what to do, in exact steps, and the command that releases it."""

from shared.ledger import machines, plans
from shared.ledger.expanded_plans import entry_of
from shared.models import Scope
from shared.plan.file_places import of_machine, without_secrets
from shared.plan.model import Plan
from shared.reporting import release_commands
from shared.roads.registry import road_of
from shared.site_recovery.vault import vault_of_plan

REMOVE_ON_LINUX = "cd /usr/local/ASR && ./uninstall.sh -Y"
REMOVE_ON_WINDOWS = "msiexec.exe /qn /x {275197FF-14FD-4560-A5EB-38217F80CBD1}"  # documented by Microsoft
SCRIPTS = {
    "stop-services": "a person to stop the services of {machine}, so that nothing is written any more, and confirm",
    "start-services": "a person to start the services of {machine} again, if they were stopped, and confirm",
}


# Where the agent scripts look for the configuration file when the plan names no place.
HERE = {"linux": "/var/lib/azferry/config.json", "windows": r"C:\Program Files\azferry\config.json"}


def text(scope: Scope, name: str) -> tuple[str, str]:
    """Give the text of a gate and its command; the text stands in the ledger, the page and the command line."""
    plan = plans.plan_at(scope)
    if name in SCRIPTS:
        return _script(scope, name), release(scope, name)
    if name == "configure-agent":
        return _configure(scope, plan), release(scope, name)
    vault = vault_of_plan(plan)
    words = {"server": plan.server, "vault": vault.name, "group": vault.resource_group, "machine": scope.machine}
    words |= {"migration": scope.migration + (f" --wave {scope.wave}" if scope.wave else "")}
    texts = {name: template.format(**words) for name, template in road_of(plan).gate_texts(plan).items()} | {
        "test": (
            f"a person to look at the test machines of wave {scope.wave} in {plan.target.network.test_vnet}; they cost money while "
            "they are up and are removed after your decision"
        ),
        "cutover": f"an approval of the cutover of wave {scope.wave}",
        "shut-down-source": (
            f"a person to shut down {scope.machine} at its source and confirm: source and target must never both run"
        ),
        "start-source": (
            f"a person to start {scope.machine} at its source again and see it healthy, then confirm: its VM in Azure "
            "is off or was never made"
        ),
        "accept": f"a person to look at {scope.machine} in Azure and accept it, or reject it to go back to the source",
        "remove-mobility-service": (
            f"a person to remove the Mobility service from {scope.machine}, restart the machine, see its VM agent ready, and "
            "confirm: Site Recovery does not protect an Azure VM while the service of its migration is on it. On Linux, as "
            f"root: {REMOVE_ON_LINUX}. On Windows, as administrator: {REMOVE_ON_WINDOWS} (or in Programs and Features)"
        ),
        "decommission": f"an approval to terminate the source of {scope.machine} for good; {_left(plan)}",
    }
    return texts[name], release(scope, name)


def _left(plan: Plan) -> str:
    """Say what is left of a terminated source."""
    removal = road_of(plan).source.removal
    return removal.left(plan) if removal else "people remove it"


def _script(scope: Scope, name: str) -> str:
    """Give the plan's script word for word: a person runs it, as nothing else can."""
    wave, entry = entry_of(scope.migration, scope.machine)
    own = wave.scripts_of(entry)
    template, script = SCRIPTS[name], own.stop_services if name == "stop-services" else own.start_services
    if not script.strip():  # stopped by a script of the plan, which has none for the way back
        return f"{template.format(machine=scope.machine)}; the plan has no startServices for it"
    return f"{template.format(machine=scope.machine)}:\n{script.strip()}"


def _configure(scope: Scope, plan: Plan) -> str:
    """Say what the agent registers with, where it goes, and the machine's text that it is made from."""
    agent, row = plan.replication.agent, machines.get(scope.migration, scope.machine)
    windows = row is not None and row.source.os_family == "windows"
    here = f"{HERE['windows' if windows else 'linux']} on {scope.machine} itself"
    where = without_secrets(of_machine(agent.config or agent.passphrase, scope.machine)) or here
    agent_text = row.evidence.agent_text if row is not None else ""
    return road_of(plan).configure_agent(plan, scope.machine, where, agent_text)


def release(scope: Scope, name: str) -> str:
    """Give the command that releases a gate."""
    if name in ("register-appliance", "check-appliance"):
        return release_commands.confirm(scope.migration, name, wave=scope.wave)
    by_hand = ("install-agent", "configure-agent", "shut-down-source", "start-source", "remove-mobility-service")
    if name in (*by_hand, *SCRIPTS):
        return release_commands.confirm(scope.migration, name, machine=scope.machine)
    if name in ("test", "cutover"):
        return release_commands.approve(scope.migration, name, wave=scope.wave)
    return release_commands.approve(scope.migration, name, machine=scope.machine)
