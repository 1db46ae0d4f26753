"""Whether a machine comes to Azure with the Azure VM agent, through which commands are run inside it.

Documented: the Mobility service's installer brings it along on Windows (since 9.7) and not on Linux; Azure Migrate's
hydration installs it on both; Hyper-V replication installs nothing; a VM of another Azure region has its own.
"""

BROUGHT = {
    "InMageRcm": ("windows",),
    "InMageAzureV2": ("windows",),
    "VMwareCbt": ("windows", "linux"),
    "HyperVReplicaAzure": (),
    "A2A": ("windows", "linux"),
}


def comes_along(provider: str, family: str | None) -> bool:
    """Tell whether the agent can be counted on; a system that nobody knows is taken for Linux."""
    return (family or "linux") in BROUGHT.get(provider, ())
