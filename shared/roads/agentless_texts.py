"""What the gates of Azure Migrate's appliance tell a person."""

AGENTLESS = {
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
