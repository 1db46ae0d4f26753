"""vCenter servers of a configuration server: kept, listed, taken away; their machines become protectable items."""

from ..arm import Call, Reply, Route
from ..errors import bad_request
from ..operations import stamp
from . import ids, jobs
from .lookup import vault_of
from .refusals import found
from .state import Fabric, Json, SrVault, fabric_id
from .vcenter_machines import DISCOVERED
from .wire import listing, results_route, route

_VCENTERS = f"{ids.FABRIC}/replicationvCenters"
_VCENTER = f"{_VCENTERS}/{{vcenter}}"
_SENT = ("friendlyName", "ipAddress", "processServerId", "port", "runAsAccountId")
_TYPE = f"{ids.FABRIC_TYPE}/replicationvCenters"


def _get(call: Call) -> Reply:
    fabric = vault_of(call).fabric(call.params["fabric"])
    return Reply(200, found(fabric.vcenters, call.params["vcenter"]))


def _list(call: Call) -> Reply:
    return listing(call, list(vault_of(call).fabric(call.params["fabric"]).vcenters.values()))


def _list_vault(call: Call) -> Reply:
    return listing(call, [each for fabric in vault_of(call).fabrics.values() for each in fabric.vcenters.values()])


def _put(call: Call) -> Reply:
    vault = vault_of(call)
    fabric, name, sent = vault.fabric(call.params["fabric"]), call.params["vcenter"], call.properties()
    if fabric.kind != "VMware":
        raise bad_request(f"A fabric of the type '{fabric.kind}' has no vCenter servers.")
    missing = [key for key in ("friendlyName", "ipAddress", "processServerId", "runAsAccountId") if not sent.get(key)]
    if missing:
        raise bad_request(f"The required properties are missing: {', '.join(missing)}.")
    properties: Json = {
        **{key: sent.get(key) for key in _SENT},
        "internalId": ids.guid(fabric.internal_id, name),
        "lastHeartbeat": None,  # documented by example: so it is while the discovery is Pending
        "discoveryStatus": "Pending",
        "infrastructureId": "9",
        "fabricArmResourceName": fabric.name,
        "healthErrors": [],
    }
    own = f"{fabric_id(vault, fabric)}/replicationvCenters/{name}"
    document = {"id": own, "name": name, "type": _TYPE, "properties": properties}

    def discovered() -> None:
        properties.update(discoveryStatus=DISCOVERED, lastHeartbeat=stamp(call.world.now))

    def kept() -> Json | None:
        fabric.vcenters[name.lower()] = document
        call.world.timeline.after(call.world.durations.of("vcenter.discovery"), discovered)
        return None

    return _job(call, vault, fabric, "AddVCenter", kept)


def _update(call: Call) -> Reply:
    vault = vault_of(call)
    fabric, sent = vault.fabric(call.params["fabric"]), call.properties()
    document = found(fabric.vcenters, call.params["vcenter"])

    def changed() -> Json | None:
        document["properties"].update({key: sent[key] for key in _SENT if sent.get(key)})
        return None

    return _job(call, vault, fabric, "UpdateVCenter", changed)


def _delete(call: Call) -> Reply:
    vault = vault_of(call)
    fabric = vault.fabric(call.params["fabric"])
    if call.params["vcenter"].lower() not in fabric.vcenters:
        return Reply(204)

    def gone() -> Json | None:
        fabric.vcenters.pop(call.params["vcenter"].lower(), None)
        return None

    return _job(call, vault, fabric, "RemoveVCenter", gone)


def _job(call: Call, vault: SrVault, fabric: Fabric, scenario: str, effect: jobs.Effect) -> Reply:
    name = call.params["vcenter"]
    order = jobs.Order(
        scenario,
        call.activity_id,
        ids.guid(fabric.internal_id, name),
        name,
        "Server",
        effects={f"{scenario}Task": effect},
        result=lambda: fabric.vcenters.get(name.lower()),
    )
    return jobs.reply(call, vault, jobs.start(vault, order), f"{fabric_id(vault, fabric)}/replicationvCenters/{name}")


ROUTES: tuple[Route, ...] = (
    route("GET", f"{ids.VAULT}/replicationvCenters", _list_vault),
    route("GET", _VCENTERS, _list),
    route("GET", _VCENTER, _get),
    route("PUT", _VCENTER, _put),
    route("PATCH", _VCENTER, _update),
    route("DELETE", _VCENTER, _delete),
    results_route(_VCENTER),
)
