"""Microsoft.Resources: subscriptions, resource groups and provider registration."""

from typing import Any

from ..arm import Call, Reply, Route
from ..errors import ArmError
from ..provider import Provider
from ..resources import Resource
from ..world import World
from . import lro
from .kinds import group_id, paged, require_group

LOCATIONS = (
    "westeurope",
    "northeurope",
    "eastus",
    "eastus2",
    "westus",
    "westus2",
    "centralus",
    "uksouth",
    "francecentral",
    "germanywestcentral",
)
NAMESPACES = {
    "Microsoft.RecoveryServices": ("vaults",),
    "Microsoft.Compute": (
        "virtualMachines",
        "disks",
        "availabilitySets",
        "proximityPlacementGroups",
        "capacityReservationGroups",
        "diskEncryptionSets",
    ),
    "Microsoft.Network": ("virtualNetworks", "networkInterfaces", "publicIPAddresses", "networkSecurityGroups"),
    "Microsoft.Storage": ("storageAccounts",),
    "Microsoft.OffAzure": ("ServerSites", "VMwareSites"),
    "Microsoft.Resources": ("resourceGroups",),
}
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUPS = f"{_SUBSCRIPTION}/resourceGroups"
_GROUP = f"{_GROUPS}/{{group}}"
_TYPE = "Microsoft.Resources/resourceGroups"


def _setup(world: World) -> None:
    world.services["registrations"] = {}
    world.durations.seconds.setdefault("group.delete", 60)


def _subscription(call: Call) -> Reply:
    subscription = call.params["subscription"]
    named = {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "tenantId": call.world.settings.tenant,
    }
    return Reply(200, {**named, "displayName": "Local stack", "state": "Enabled"})


def _locations(call: Call) -> Reply:
    root = f"/subscriptions/{call.params['subscription']}/locations"
    found = [{"id": f"{root}/{name}", "name": name, "displayName": name, "type": "Region"} for name in LOCATIONS]
    return Reply(200, {"value": found})


def _put_group(call: Call) -> Reply:
    body = call.json_object()
    known = call.world.resources.get(group_id(call.params))
    location = str(body.get("location", "")).lower().replace(" ", "")
    if not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if known and known["location"] != location:
        message = f"Invalid resource group location '{location}'. The Resource group already exists in location '{known['location']}'."
        raise ArmError(409, "InvalidResourceGroupLocation", message)
    document: Resource = {
        "id": group_id(call.params),
        "name": call.params["group"],
        "type": _TYPE,
        "location": location,
    }
    document |= {"tags": body.get("tags", {}), "properties": {"provisioningState": "Succeeded"}}
    return Reply(
        200 if known else 201, call.world.resources.put(document), effect=f"{'kept' if known else 'made'} {_TYPE}"
    )


def _patch_group(call: Call) -> Reply:
    document = require_group(call)
    document["tags"] = call.json_object().get("tags", document.get("tags", {}))
    return Reply(200, document, effect=f"changed {_TYPE}")


def _delete_group(call: Call) -> Reply:
    document = require_group(call)
    document["properties"]["provisioningState"] = "Deleting"
    seconds = call.world.durations.of("group.delete")
    return lro.started(
        call, "Microsoft.Resources", document["location"], seconds, lambda _: _gone(call.world, document["id"])
    )


def _gone(world: World, group: str) -> None:
    world.delete_resource(group)


def _list_groups(call: Call) -> Reply:
    scope = f"/subscriptions/{call.params['subscription']}"
    found = [each for each in call.world.resources.under(scope, _TYPE) if each["type"] == _TYPE]
    return paged(call, found)


def _list_resources(call: Call) -> Reply:
    require_group(call)
    shown = ("id", "name", "type", "location", "tags")
    found = call.world.resources.under(group_id(call.params))
    return paged(
        call, [{key: each[key] for key in shown if key in each} for each in found if each["type"].count("/") == 1]
    )


def _head_group(call: Call) -> Reply:
    return Reply(204 if call.world.resources.get(group_id(call.params)) else 404)


def _provider(call: Call) -> Reply:
    return Reply(200, _namespace(call))


def _register(call: Call) -> Reply:
    found = _namespace(call)
    call.world.services["registrations"][found["namespace"].lower()] = "Registered"
    return Reply(200, _namespace(call), effect=f"registered {found['namespace']}")


def _namespace(call: Call) -> dict[str, Any]:
    namespace = call.params["namespace"]
    name = next((each for each in NAMESPACES if each.lower() == namespace.lower()), None)
    if name is None:
        raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")
    state = call.world.services["registrations"].get(name.lower(), "Registered")
    types = [{"resourceType": each, "locations": list(LOCATIONS), "apiVersions": []} for each in NAMESPACES[name]]
    resource_id = f"/subscriptions/{call.params['subscription']}/providers/{name}"
    return {"id": resource_id, "namespace": name, "registrationState": state, "resourceTypes": types}


RESOURCES = Provider(
    "Microsoft.Resources",
    routes=(
        Route("GET", _SUBSCRIPTION, _subscription),
        Route("GET", f"{_SUBSCRIPTION}/locations", _locations),
        Route("GET", _GROUPS, _list_groups),
        Route("PUT", _GROUP, _put_group),
        Route("GET", _GROUP, lambda call: Reply(200, require_group(call))),
        Route("HEAD", _GROUP, _head_group),
        Route("PATCH", _GROUP, _patch_group),
        Route("DELETE", _GROUP, _delete_group),
        Route("GET", f"{_GROUP}/resources", _list_resources),
        Route("GET", f"{_SUBSCRIPTION}/providers/{{namespace}}", _provider),
        Route("POST", f"{_SUBSCRIPTION}/providers/{{namespace}}/register", _register),
        *lro.routes("Microsoft.Resources"),
    ),
    setup=_setup,
)
