"""What VMs are placed in, beside or encrypted with: availability sets, proximity groups, reservations, encryption sets.

Bodies as documented (Compute's REST reference); a 404 is that of Resource Manager, as for every kind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...arm import Call, Route
from ...resources import Resource
from ...world import World
from ..kinds import Kind, delete, get, listed, listed_everywhere, put, retag

SET = Kind("Microsoft.Compute", ("availabilitySets",))
PROXIMITY = Kind("Microsoft.Compute", ("proximityPlacementGroups",))
RESERVATION = Kind("Microsoft.Compute", ("capacityReservationGroups",))
ENCRYPTION = Kind("Microsoft.Compute", ("diskEncryptionSets",))
VM = "Microsoft.Compute/virtualMachines"
# What a VM's document names each by; all but encryption sets list the VMs in them, and tell no provisioning state.
JOINED_BY: Mapping[str, tuple[str, ...]] = {
    SET.name: ("availabilitySet",),
    PROXIMITY.name: ("proximityPlacementGroup",),
    RESERVATION.name: ("capacityReservation", "capacityReservationGroup"),
}
OWN: Mapping[str, Mapping[str, Any]] = {
    SET.name: {"platformUpdateDomainCount": 5, "platformFaultDomainCount": 2},
    PROXIMITY.name: {"proximityPlacementGroupType": "Standard"},
    RESERVATION.name: {"capacityReservations": []},
}
LISTED_AS = {RESERVATION.name: "virtualMachinesAssociated"}


def routes() -> Iterator[Route]:
    """Return the routes of all kinds."""
    for kind in (SET, PROXIMITY, RESERVATION):
        yield from (get(kind, _joined), listed(kind, _joined), retag(kind), delete(kind))
        yield _always_ok(put(kind, show=_joined)) if kind is SET else put(kind, show=_joined)
        yield listed_everywhere(kind, _joined)
    yield from (get(ENCRYPTION), listed(ENCRYPTION), put(ENCRYPTION, _encrypts), retag(ENCRYPTION), delete(ENCRYPTION))
    yield listed_everywhere(ENCRYPTION)


def _always_ok(route: Route) -> Route:
    """Answer 200 for a new one, too (documented for availability sets)."""
    return replace(route, handler=lambda call: replace(route.handler(call), status=200))


def _joined(call: Call, document: Resource) -> Resource:
    """Show a document with the VMs that joined it."""
    kind = document["type"]
    members = [{"id": vm["id"]} for vm in _inside(call.world, document)]
    kept = {key: value for key, value in document["properties"].items() if key != "provisioningState"}
    return {**document, "properties": {**OWN[kind], **kept, LISTED_AS.get(kind, "virtualMachines"): members}}


def _inside(world: World, document: Resource) -> Iterator[Resource]:
    path = JOINED_BY[document["type"]]
    for vm in world.resources.under("/subscriptions", VM):
        found: Any = vm["properties"]
        for step in path:
            found = found.get(step) or {}
        if str(found.get("id") or "").lower() == document["id"].lower():
            yield vm


def _encrypts(call: Call, document: Resource) -> None:
    """Complete an encryption set as the service does."""
    properties = document["properties"]
    properties.setdefault("encryptionType", "EncryptionAtRestWithCustomerKey")
    properties.setdefault("rotationToLatestKeyVersionEnabled", False)
    identity = {"type": "SystemAssigned", "principalId": call.world.new_guid(), "tenantId": call.world.settings.tenant}
    document["identity"] = {**identity, **document.get("identity", {})}
