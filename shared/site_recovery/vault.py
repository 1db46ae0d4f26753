"""The Recovery Services vault: its name, its facts, its making.

| operation | role action |
| --- | --- |
| get_vault | Microsoft.RecoveryServices/Vaults/read |
| create_vault | Microsoft.RecoveryServices/Vaults/write |
"""

from collections.abc import Mapping

from pydantic import Field

from shared.azure import clients
from shared.azure.arm import AcceptedWrite, submit
from shared.azure.refusals import found
from shared.models import Model
from shared.plan.model import Plan
from shared.site_recovery.wire import FromWire, segment


class VaultRef(Model):
    """Which vault."""

    subscription: str
    resource_group: str
    name: str

    @property
    def id(self) -> str:
        """The vault's ARM id."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.RecoveryServices/vaults/{self.name}"
        )

    @property
    def key(self) -> str:
        """A short name of the vault for table rows and instance ids, without case."""
        return f"{self.subscription}.{self.resource_group}.{self.name}".lower()

    @property
    def place(self) -> tuple[str, str]:
        """The first two arguments of every Site Recovery call."""
        return self.resource_group, self.name


def vault_of(arm_id: str) -> VaultRef:
    """Read a vault's reference from its ARM id or from the id of anything in it."""
    return VaultRef(
        subscription=segment(arm_id, "subscriptions"),
        resource_group=segment(arm_id, "resourceGroups"),
        name=segment(arm_id, "vaults"),
    )


def vault_of_plan(plan: Plan) -> VaultRef:
    """Give the vault that a plan replicates through; left-out parts are those of the target."""
    target = plan.target
    group = target.vault.resource_group or target.resource_group
    return VaultRef(subscription=target.subscription_id, resource_group=group, name=target.vault.name)


class VaultDetails(FromWire):
    """A vault as Azure knows it."""

    id: str
    name: str
    location: str = ""
    provisioning_state: str = ""
    principal: str = Field(default="", description="object id of the vault's own identity")


def get_vault(ref: VaultRef) -> VaultDetails | None:
    """Give the vault, or None when it does not exist."""
    client = clients.recovery_services(ref.subscription)
    vault = found(f"reading vault {ref.name}", lambda: client.vaults.get(*ref.place))
    if vault is None:
        return None
    principal = vault.identity.principal_id if vault.identity else None
    return VaultDetails.of(vault).replace(principal=principal or "")


def create_vault(ref: VaultRef, location: str, request: str, tags: Mapping[str, str] | None = None) -> AcceptedWrite:
    """Ask for a vault with an identity of its own; asking for one that is there changes nothing but its tags."""
    body = {
        "location": location,
        "sku": {"name": "RS0", "tier": "Standard"},
        "identity": {"type": "SystemAssigned"},
        "properties": {"publicNetworkAccess": "Enabled"},
        "tags": dict(tags or {}),
    }
    send = clients.recovery_services(ref.subscription).vaults.begin_create_or_update
    return submit(f"creating vault {ref.name}", request, send, *ref.place, body)
