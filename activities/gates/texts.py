"""What a gate tells a person: what to do, in exact steps, and the command that releases it."""

from activities.gates import texts_of_hosts
from activities.roads import from_hosts
from shared.ledger import machines, plans
from shared.models import Scope
from shared.plan.file_places import of_machine, without_secrets
from shared.plan.model import Plan
from shared.reporting import release_commands
from shared.site_recovery.vault import vault_of_plan

# What concerns the server, by the plan's mode.
SERVER = {
    "appliance": {
        "register-appliance": (
            "register the replication appliance {server}: in the Azure portal open the vault {vault} "
            "(resource group {group}), Site Recovery, Prepare infrastructure, and generate a "
            "registration key (it is valid for 5 days); on the appliance run the configuration manager, give it the "
            "name {server}, paste the key and sign in; then confirm here. It may take 15 minutes to show"
        ),
        "check-appliance": (
            "on it check that every service of the configuration manager runs, that it was given this name and a "
            "registration key of this vault, that ports 443 and 9443 are reachable from the machines, that 443 to "
            "Azure is open without TLS inspection, and that its clock is right; it goes on by itself once all of it "
            "is healthy, or confirm to wait once more"
        ),
        "install-agent": (
            "install the Mobility service on {machine} by hand: copy the installer from the appliance "
            "{server}, install it, register it with the appliance's configuration, and confirm"
        ),
    },
    "configurationServer": {
        "register-appliance": (
            "register the configuration server {server}: make the registration key with "
            "`python -m cli registration-key {migration}`, or download it in the Azure portal, vault {vault} "
            "(resource group {group}), Site Recovery, Prepare infrastructure; it is a secret and valid for 5 days. On "
            "{server} (Windows Server 2012 R2 or 2016 in English, at least 8 vCPU, 16 GB of memory, 80 GB for the system and "
            "600 GB for the cache, a fixed address, let in by the machines at 443 and 9443, let out to Azure at 443) run the "
            "unified setup, choose configuration server and "
            "process server (the master target server comes with them), name the key's file, and keep the passphrase; "
            "if agents are to be pushed, add the account in cspsconfigtool; then confirm here. It may take 15 minutes "
            "to show"
        ),
        "check-appliance": (
            "in the portal look under Site Recovery infrastructure for the configuration server, the process server "
            "and the master target server; on it check that the unified setup ended well with a registration key of "
            "this vault, that its services run, that ports 443 and 9443 are reachable from the machines, that 443 to "
            "Azure is open without TLS inspection, and that its clock is right; it goes on by itself once all of it is "
            "healthy, or confirm to wait once more"
        ),
        "install-agent": (
            "install the Mobility service on {machine} by hand: take the installer from the folder pushinstallsvc of "
            "{server}, install it, register it with the private address and the passphrase of {server}, and confirm"
        ),
    },
}
SERVER["agentless"] = {
    **SERVER["appliance"],
    "register-appliance": (
        "register Azure Migrate's appliance {server}: in the Azure portal open the Azure Migrate project whose vault is "
        "{vault} (resource group {group}), Discover, choose VMware vSphere, and generate the project key for the name "
        "{server}; deploy the appliance in the vCenter, run its configuration manager, paste the key and sign in, add the "
        "vCenter server with an account that may read machines, take snapshots and switch machines off, and start "
        "discovery; then confirm here. It may take 15 minutes to show, machines within half an hour"
    ),
    "check-appliance": (
        "Azure Migrate's appliance {server} is registered but not connected: on it check that the gateway service and the "
        "discovery services of the configuration manager run, that 443 to the vCenter, 902 to its ESXi hosts and 443 to "
        "Azure are open without TLS inspection, and that its clock is right; then confirm to wait once more"
    ),
}

# What a road adds to the text of its server.
ON_ROAD = {
    ("vmware-to-azure", "appliance"): {
        "register-appliance": (
            ". In the configuration manager add the vCenter server with an account that may read machines and switch "
            "them off, and, where the agent is pushed, the accounts of the machines; machines show within half an hour"
        ),
        "install-agent": ". Nobody but you can tell that it runs: vCenter does not show agents",
    },
    ("vmware-to-azure", "configurationServer"): {
        "register-appliance": (
            ". In cspsconfigtool also add the account {account} that reads the vCenter server {vcenter} and may switch its "
            "machines off; the app adds the vCenter server itself"
        ),
    },
    ("physical-to-azure", "appliance"): {
        "register-appliance": (
            ". Where the agent is pushed, add each server with its account in the configuration manager (Provide "
            "physical server details)"
        ),
    },
}

REMOVE_ON_LINUX = "cd /usr/local/ASR && ./uninstall.sh -Y"
REMOVE_ON_WINDOWS = "msiexec.exe /qn /x {275197FF-14FD-4560-A5EB-38217F80CBD1}"  # documented by Microsoft
SCRIPTS = {
    "stop-services": "a person to stop the services of {machine}, so that nothing is written any more, and confirm",
    "start-services": "a person to start the services of {machine} again, if they were stopped, and confirm",
}


# Where the agent scripts look for the configuration file when the plan names no place.
HERE = {"linux": "/var/lib/azferry/config.json", "windows": r"C:\Program Files\azferry\config.json"}


def _server_texts(plan: Plan) -> dict[str, str]:
    """Give what is said of the plan's kind of server."""
    if from_hosts.applies_to(plan):
        return texts_of_hosts.texts(plan)
    told = ON_ROAD.get((plan.scenario, plan.replication.mode), {})
    return {name: said + told.get(name, "") for name, said in SERVER[plan.replication.mode].items()}


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
    if plan.source.vmware is not None:
        words |= {"vcenter": plan.source.vmware.vcenter, "account": plan.source.vmware.account}
    texts = {name: said.format(**words) for name, said in _server_texts(plan).items()} | {
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
        "decommission": f"an approval to terminate the source of {scope.machine} for good; {_kept(plan)}",
    }
    return texts[name], release(scope, name)


def _kept(plan: Plan) -> str:
    """Say what is left of a terminated source."""
    if plan.scenario == "azure-to-azure":
        return "its disks and network cards stay"
    return "an image is kept first" if plan.finish.decommission.keep_image else "no image of it is kept"


def _script(scope: Scope, name: str) -> str:
    """Give the plan's script word for word: a person runs it, as nothing else can."""
    wave, entry = plans.entry_of(scope.migration, scope.machine)
    own = wave.scripts_of(entry)
    said, script = SCRIPTS[name], own.stop_services if name == "stop-services" else own.start_services
    if not script.strip():  # stopped by a script of the plan, which has none for the way back
        return f"{said.format(machine=scope.machine)}; the plan has no startServices for it"
    return f"{said.format(machine=scope.machine)}:\n{script.strip()}"


def _configure(scope: Scope, plan: Plan) -> str:
    """Say what the agent registers with, where it goes, and the machine's text that it is made from."""
    agent, row = plan.replication.agent, machines.get(scope.migration, scope.machine)
    windows = row is not None and row.source.get("osFamily") == "windows"
    here = f"{HERE['windows' if windows else 'linux']} on {scope.machine} itself"
    where = without_secrets(of_machine(agent.config or agent.passphrase, scope.machine)) or here
    if plan.replication.mode == "configurationServer":
        return f"a person to put the passphrase of {plan.server} (there `genpassphrase.exe -v` shows it) into {where}, and confirm"
    told = row.evidence.get("agentText") if row is not None else ""
    return (
        f"a person to make the configuration file of {scope.machine}: in the configuration manager of {plan.server} open Mobility service "
        f"configuration details, paste the text below, download the file, put it into {where}, and confirm. "
        f"The text:\n{told or 'what AzureRcmCli --getagentconfiginput prints on the machine'}"
    )


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
