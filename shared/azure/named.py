"""Resources that plans name and the app does not make: whether each is there, and where.

| operation | role action |
| --- | --- |
| look_up (availability sets, proximity groups) | Microsoft.Compute/availabilitySets/read, Microsoft.Compute/proximityPlacementGroups/read |
| look_up (capacity reservations, encryption sets) | Microsoft.Compute/capacityReservationGroups/read, Microsoft.Compute/diskEncryptionSets/read |
| look_up (security groups, networks) | Microsoft.Network/networkSecurityGroups/read, Microsoft.Network/virtualNetworks/read |
| look_up (storage accounts, vaults) | Microsoft.Storage/storageAccounts/read, Microsoft.RecoveryServices/Vaults/read |
"""

from collections.abc import Callable
from typing import Any, Final

from shared.azure import clients
from shared.azure.arm_id import ArmId, parse
from shared.azure.refusals import found
from shared.models import Model
from shared.plan import named

Json = dict[str, Any]


class AzureResource(Model):
    """A resource of any kind."""

    id: str
    name: str
    location: str = ""
    subnets: tuple[str, ...] = ()


def look_up(kind: str, arm_id: str) -> AzureResource | None:
    """Give the resource, or None when it does not exist. Raises `KeyError` for a kind that plans do not name."""
    at = parse(arm_id)
    return found(f"reading {named.WORDS[kind]} {at.name}", lambda: _resource(READERS[kind](at).as_dict()))


def _resource(raw: Json) -> AzureResource:
    subnets = (raw.get("properties") or {}).get("subnets") or ()
    return AzureResource(
        id=raw["id"],
        name=raw["name"],
        location=raw.get("location") or "",
        subnets=tuple(each["name"] for each in subnets),
    )


def _compute(collection: str) -> Callable[[ArmId], Any]:
    return lambda at: getattr(clients.compute(at.subscription), collection).get(at.group, at.name)


def _network(collection: str) -> Callable[[ArmId], Any]:
    return lambda at: getattr(clients.network(at.subscription), collection).get(at.group, at.name)


READERS: Final[dict[str, Callable[[ArmId], Any]]] = {
    named.AVAILABILITY_SET: _compute("availability_sets"),
    named.PROXIMITY_GROUP: _compute("proximity_placement_groups"),
    named.RESERVATION_GROUP: _compute("capacity_reservation_groups"),
    named.ENCRYPTION_SET: _compute("disk_encryption_sets"),
    named.SECURITY_GROUP: _network("network_security_groups"),
    named.NETWORK: _network("virtual_networks"),
    named.STORAGE_ACCOUNT: lambda at: clients.storage(at.subscription).storage_accounts.get_properties(
        at.group, at.name
    ),
    named.VAULT: lambda at: clients.recovery_services(at.subscription).vaults.get(at.group, at.name),
}
