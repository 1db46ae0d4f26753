"""Protected items: read, list, recovery points, target sizes."""

from ..arm import Call, Reply, Route
from ..errors import bad_request
from ..operations import stamp
from . import ids, replication
from .item_json import item_json
from .lookup import container_of, place_of, vault_of
from .odata import parse_filter
from .providers.rcm_target import SIZES
from .state import Json, Place
from .wire import listing, route


def _get(call: Call) -> Reply:
    return Reply(200, item_json(place_of(call)))


def _list_container(call: Call) -> Reply:
    vault, fabric, container = container_of(call)
    places = [Place(vault, fabric, container, item) for item in container.items.values()]
    return listing(call, [item_json(place, full=False) for place in places])


def _list_vault(call: Call) -> Reply:
    vault = vault_of(call)
    wanted = parse_filter(call.query.get("$filter", ""))
    places = [place for place in vault.places() if _matches(place, wanted)]
    size = call.world.settings.page_size
    start = int(call.query.get("skiptoken") or 0)
    page = [item_json(place, full=False) for place in places[start : start + size]]
    more = {"skipToken": str(start + size)} if start + size < len(places) else {}
    return listing(call, page, more)


def _matches(place: Place, wanted: dict[str, str]) -> bool:
    """Return whether an item meets a filter; names that are not known are passed over (unknown: assumed)."""
    plan = wanted.get("recoveryplanname")
    if plan is not None:
        found = place.vault.plans.get(plan.lower())
        members = (
            [each["id"].lower() for group in found.groups for each in group["replicationProtectedItems"]]
            if found
            else []
        )
        if place.id.lower() not in members:
            return False
    fabric, kind = wanted.get("sourcefabricname"), wanted.get("instancetype")
    return (fabric is None or place.fabric.name.lower() == fabric.lower()) and (
        kind is None or place.item.provider.lower() == kind.lower()
    )


def _points(call: Call) -> Reply:
    place = place_of(call)
    newest_first = reversed(replication.catch_up(place))
    return listing(call, [_point_json(place, point.id) for point in newest_first])


def _point(call: Call) -> Reply:
    return Reply(200, _point_json(place_of(call), call.params["point"]))


def _point_json(place: Place, name: str) -> Json:
    point = next((each for each in replication.catch_up(place) if each.id == name.lower()), None)
    if point is None:
        raise bad_request(f"The recovery point '{name}' was not found.", "RecoveryPointNotFound")
    return {
        "id": f"{place.id}/recoveryPoints/{point.id}",
        "name": point.id,
        "type": ids.POINT_TYPE,
        "properties": {
            "recoveryPointTime": stamp(point.at),
            "recoveryPointType": point.kind,
            "providerSpecificDetails": _point_details(place),
        },
    }


def _point_details(place: Place) -> Json:
    """Return what a provider says of a point: between Azure regions in words, else as a string."""
    if place.item.provider == "A2A":
        return {"instanceType": "A2A", "recoveryPointSyncType": "PerVmRecoveryPoint", "disks": []}
    return {"instanceType": place.item.provider, "isMultiVmSyncPoint": "false"}


def _sizes(call: Call) -> Reply:
    place = place_of(call)
    machine = place.item.machine
    rows = []
    for name, (cores, memory, disks, nics) in SIZES.items():
        fits = len(machine.disks) - 1 <= disks
        error = {"message": f"The size {name} supports only {disks} data disks.", "severity": "Error"}
        properties = {
            "name": name,
            "friendlyName": name,
            "cpuCoresCount": cores,
            "vCPUsAvailable": cores,
            "memoryInGB": memory,
            "maxDataDiskCount": disks,
            "maxNicsCount": nics,
            "errors": [] if fits else [error],
            "highIopsSupported": "Supported",
            "hyperVGenerations": ["V1", "V2"],
        }
        rows.append(
            {
                "id": f"{place.id}/targetComputeSizes/{name}",
                "name": name,
                "type": ids.SIZE_TYPE,
                "properties": properties,
            }
        )
    return listing(call, rows)


ROUTES: tuple[Route, ...] = (
    route("GET", f"{ids.VAULT}/replicationProtectedItems", _list_vault),
    route("GET", f"{ids.CONTAINER}/replicationProtectedItems", _list_container),
    route("GET", ids.ITEM, _get),
    route("GET", f"{ids.ITEM}/recoveryPoints", _points),
    route("GET", f"{ids.ITEM}/recoveryPoints/{{point}}", _point),
    route("GET", f"{ids.ITEM}/targetComputeSizes", _sizes),
)
