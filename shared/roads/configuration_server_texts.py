"""What the gates of a configuration server tell a person."""

CONFIGURATION_SERVER = {
    "register-appliance": (
        "register the configuration server {server}: make the registration key with "
        "`azferry registration-key {migration}`, or download it in the Azure portal, vault {vault} "
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
}

# What stands behind these texts where the server reads a vCenter.
BEHIND_VCENTER = {
    "register-appliance": (
        ". In cspsconfigtool also add the account {account} that reads the vCenter server {vcenter} and may switch its "
        "machines off; the app adds the vCenter server itself"
    ),
}
