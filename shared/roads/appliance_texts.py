"""What the gates of a replication appliance tell a person."""

APPLIANCE = {
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
}

# What stands behind these texts where the appliance reads a vCenter, or sees single servers.
BEHIND_VCENTER = {
    "register-appliance": (
        ". In the configuration manager add the vCenter server with an account that may read machines and switch "
        "them off, and, where the agent is pushed, the accounts of the machines; machines show within half an hour"
    ),
    "install-agent": ". Nobody but you can tell that it runs: vCenter does not show agents",
}
FOR_SERVERS = {
    "register-appliance": (
        ". Where the agent is pushed, add each server with its account in the configuration manager (Provide "
        "physical server details)"
    ),
}
