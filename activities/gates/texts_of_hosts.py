"""What the gates of a Hyper-V road tell a person: how hosts, or their VMM server, register with the vault."""

from shared.plan.model import Plan

KEY = (
    "make the registration key with `python -m cli registration-key {migration}`, or download it in the Azure portal, "
    "vault {vault} (resource group {group}), Site Recovery, Prepare infrastructure{where}; it is a secret and valid for "
    "5 days. "
)
SITE = {
    "register-appliance": (
        "register the Hyper-V hosts of the site {server}{named}: " + KEY + "On each host, and on each node of a "
        "cluster, run the set-up of the Azure Site Recovery Provider (it brings the Recovery Services agent), name the "
        "vault by the key's file, choose the site {server} and finish; 443 to Azure has to be open. Then confirm here. "
        "It may take 15 minutes to show"
    ),
    "check-appliance": (
        "hosts of the Hyper-V site {server} are registered but not connected, or have not shown yet: on each see that "
        "the services Azure Site Recovery Provider and Microsoft Azure Recovery Services Agent run, that 443 to Azure is "
        "open without TLS inspection, that its clock is right; then confirm to wait once more"
    ),
}
VMM = {
    "register-appliance": (
        "register the VMM server {server}: " + KEY + "On the VMM server run the set-up of the Azure Site Recovery "
        "Provider, name the vault by the key's file, call the server {server} and let it send its clouds' metadata "
        "({clouds}); on each Hyper-V host of these clouds install the Microsoft Azure Recovery Services agent. Then "
        "confirm here. It may take 15 minutes to show"
    ),
    "check-appliance": (
        "the VMM server {server} is registered but not connected: on it see that the services System Center Virtual "
        "Machine Manager and Azure Site Recovery Provider run, that 443 to Azure is open without TLS inspection, that "
        "its clock is right; then confirm to wait once more"
    ),
}


def texts(plan: Plan) -> dict[str, str]:
    """Give the texts by gate; words in braces of {server}, {vault}, {group}, {migration} are left to be filled in."""
    source = plan.source.hyperv
    if source is not None and source.vmm is not None:
        told, words = VMM, {"where": "", "clouds": ", ".join(source.clouds)}
    else:
        hosts = ", ".join(source.hosts) if source else ""
        told, words = SITE, {"where": ", for the Hyper-V site {server}", "named": f" ({hosts})" if hosts else ""}
    return {gate: _put(said, words) for gate, said in told.items()}


def _put(text: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text
