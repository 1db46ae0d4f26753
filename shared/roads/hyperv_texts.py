"""What the gates of a Hyper-V road tell a person: how hosts, or their VMM server, register with the vault."""

from shared.plan.hyperv import HyperVSource
from shared.roads.gate_words import put_in

KEY = (
    "make the registration key with `azferry registration-key {migration}`, or download it in the Azure portal, "
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


def texts(hosts: HyperVSource) -> dict[str, str]:
    """Return the texts by gate; words in braces of {server}, {vault}, {group}, {migration} are left to be filled in."""
    if hosts.vmm is not None:
        return {
            gate: put_in(template.replace("{where}", ""), {"clouds": ", ".join(hosts.clouds)})
            for gate, template in VMM.items()
        }
    named = f" ({', '.join(hosts.hosts)})" if hosts.hosts else ""
    where = ", for the Hyper-V site {server}"
    return {gate: put_in(template.replace("{where}", where), {"named": named}) for gate, template in SITE.items()}
