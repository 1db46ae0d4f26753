"""What a gate tells a person: what to do, in exact steps, and the command that releases it."""

from activities.planned import vault_of_plan
from shared import plans
from shared.models import Place


def text(place: Place, name: str) -> tuple[str, str]:
    """Give the text of a gate and its command; the text stands in the ledger, the page and the command line."""
    plan = plans.plan_of(place.migration)
    vault = vault_of_plan(plan)
    appliance = plan.replication.appliance.name
    texts = {
        "register-appliance": (
            f"register the replication appliance {appliance}: in the Azure portal open the vault {vault.name} "
            f"(resource group {vault.resource_group}), Site Recovery, Prepare infrastructure, and generate a "
            f"registration key (it is valid for 5 days); on the appliance run the configuration manager, give it the "
            f"name {appliance}, paste the key and sign in; then confirm here. It may take 15 minutes to show"
        ),
        "check-appliance": (
            f"the appliance {appliance} is registered but not healthy: on it check that every service of the "
            "configuration manager runs, that ports 443 and 9443 are reachable from the machines, that 443 to Azure "
            "is open without TLS inspection, and that its clock is right; then confirm to wait once more"
        ),
        "install-agent": (
            f"install the Mobility service on {place.machine} by hand: copy the installer from the appliance "
            f"{appliance}, install it, register it with the appliance's configuration, and confirm"
        ),
        "test": (
            f"look at the test machines of wave {place.wave} in {plan.target.network.test_vnet}; they cost money while "
            "they are up and are removed after your decision"
        ),
        "cutover": f"an approval of the cutover of wave {place.wave}",
        "shut-down-source": f"shut down {place.machine} and confirm",
        "accept": f"look at {place.machine} in Azure and accept it, or reject it to go back to the source",
        "decommission": f"an approval to terminate the source of {place.machine} for good; an image is kept first",
    }
    return texts[name], release(place, name)


def release(place: Place, name: str) -> str:
    """Give the command that releases a gate."""
    if name in ("register-appliance", "check-appliance"):
        return f"python -m cli confirm {place.migration} --gate {name}"
    if name in ("install-agent", "shut-down-source"):
        return f"python -m cli confirm {place.migration} --gate {name} --machine {place.machine}"
    if name in ("test", "cutover"):
        return f"python -m cli approve {place.migration} --wave {place.wave} --gate {name}"
    return f"python -m cli approve {place.migration} --gate {name} --machine {place.machine}"
