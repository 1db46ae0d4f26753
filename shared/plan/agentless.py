"""What replication without agents is told: the account that takes snapshots, and where copies wait."""

from pydantic import Field

from shared.plan.values import Flag, Part


class Agentless(Part):
    """Replication of VMware machines from their snapshots, by Azure Migrate's appliance."""

    account: str = Field(
        default="",
        max_length=256,
        description="name of the account, kept in the appliance, that reads the vCenter and takes snapshots; left out: its first",
    )
    key_vault_id: str = Field(
        default="",
        pattern=r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.KeyVault/vaults/[A-Za-z0-9-]{3,24}$",
        description="key vault that keeps the gateway's secrets; left out: none, as Azure Migrate does today",
    )
    auto_resync: Flag = Field(
        default=True, description="a copy that fell out of step is brought back into step by itself"
    )
