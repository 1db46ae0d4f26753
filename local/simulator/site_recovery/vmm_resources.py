"""What lies in a VMM server besides clouds and networks: logical networks, storage classifications and their mappings."""

from functools import partial

from ..arm import Call, Reply, Route
from ..errors import bad_request
from . import ids, jobs
from .lookup import vault_of
from .refusals import found, refused
from .state import Fabric, Json, SrVault, fabric_id
from .wire import listing, results_route, route

_LOGICAL = f"{ids.FABRIC}/replicationLogicalNetworks"
_CLASSES = f"{ids.FABRIC}/replicationStorageClassifications"
_MAPPINGS = f"{_CLASSES}/{{storage}}/replicationStorageClassificationMappings"
_MAPPING = f"{_MAPPINGS}/{{mapping}}"
_CLASS_TYPE = f"{ids.FABRIC_TYPE}/replicationStorageClassifications"


def vmm_details(inner: str, logical: list[str], classes: list[str]) -> Json:
    """Return what a VMM fabric keeps of these: friendly names by name."""
    return {
        "logicalNetworks": {ids.guid(inner, each, "logical"): each for each in logical},
        "storageClassifications": {ids.guid(inner, each, "storage"): each for each in classes},
        "storageMappings": {},
    }


def _fabrics(call: Call) -> tuple[SrVault, list[Fabric]]:
    vault = vault_of(call)
    return vault, [vault.fabric(call.params["fabric"])] if "fabric" in call.params else list(vault.fabrics.values())


def _kept(fabric: Fabric, kind: str) -> Json:
    known: Json = fabric.details.get(kind) or {}
    return known


def _logical(vault: SrVault, fabric: Fabric, name: str, friendly: str) -> Json:
    properties = {
        "friendlyName": friendly,
        "logicalNetworkDefinitionsStatus": "LogicalNetworkDefinitionsNotIsolated",
        "logicalNetworkUsage": "NotUsedAsPrivateNetworkForTestFailover",
        "networkVirtualizationStatus": "NetworkVirtualizationNotEnabled",
    }
    own = f"{fabric_id(vault, fabric)}/replicationLogicalNetworks/{name}"
    return {"id": own, "name": name, "type": f"{ids.FABRIC_TYPE}/replicationLogicalNetworks", "properties": properties}


def _list_logical(call: Call) -> Reply:
    vault, (fabric, *_) = _fabrics(call)
    return listing(call, [_logical(vault, fabric, *each) for each in _kept(fabric, "logicalNetworks").items()])


def _get_logical(call: Call) -> Reply:
    vault, (fabric, *_) = _fabrics(call)
    name = call.params["logical"].lower()
    friendly = found(_kept(fabric, "logicalNetworks"), name)
    return Reply(200, _logical(vault, fabric, name, friendly))


def _class(vault: SrVault, fabric: Fabric, name: str, friendly: str) -> Json:
    own = f"{fabric_id(vault, fabric)}/replicationStorageClassifications/{name}"
    return {"id": own, "name": name, "type": _CLASS_TYPE, "properties": {"friendlyName": friendly}}


def _list_classes(call: Call) -> Reply:
    vault, fabrics = _fabrics(call)
    rows = [
        _class(vault, fabric, *each) for fabric in fabrics for each in _kept(fabric, "storageClassifications").items()
    ]
    return listing(call, rows)


def _get_class(call: Call) -> Reply:
    vault, (fabric, *_) = _fabrics(call)
    name = call.params["storage"].lower()
    friendly = found(_kept(fabric, "storageClassifications"), name)
    return Reply(200, _class(vault, fabric, name, friendly))


def _key(call: Call) -> str:
    return f"{call.params['storage']}/{call.params['mapping']}".lower()


def _list_mappings(call: Call) -> Reply:
    _, fabrics = _fabrics(call)
    wanted = f"{call.params['storage']}/".lower() if "storage" in call.params else ""
    kept = [each for fabric in fabrics for each in _kept(fabric, "storageMappings").items()]
    return listing(call, [document for key, document in kept if key.startswith(wanted)])


def _get_mapping(call: Call) -> Reply:
    _, (fabric, *_) = _fabrics(call)
    return Reply(200, found(_kept(fabric, "storageMappings"), _key(call)))


def _pair(call: Call) -> Reply:
    vault, (fabric, *_) = _fabrics(call)
    found(_kept(fabric, "storageClassifications"), call.params["storage"])
    target = str(call.properties().get("targetStorageClassificationId") or "")
    if not target:
        raise bad_request("The property targetStorageClassificationId is missing.")
    if _key(call) in fabric.details["storageMappings"]:
        name = call.params["mapping"]
        raise refused("StorageMappingAlreadyExists", f"The storage mapping '{name}' already exists.", status=409)
    document = {
        "id": _own(call, vault, fabric),
        "name": call.params["mapping"],
        "type": f"{_CLASS_TYPE}/replicationStorageClassificationMappings",
        "properties": {"targetStorageClassificationId": target},
    }
    return _job(call, "PairStorageClassifications", partial(_keep, fabric, _key(call), document))


def _keep(fabric: Fabric, key: str, document: Json) -> Json | None:
    fabric.details["storageMappings"][key] = document
    return None


def _drop(fabric: Fabric, key: str) -> Json | None:
    fabric.details["storageMappings"].pop(key, None)
    return None


def _unpair(call: Call) -> Reply:
    _, (fabric, *_) = _fabrics(call)
    if _key(call) not in _kept(fabric, "storageMappings"):
        return Reply(204)
    return _job(call, "UnpairStorageClassifications", partial(_drop, fabric, _key(call)))


def _own(call: Call, vault: SrVault, fabric: Fabric) -> str:
    home = f"{fabric_id(vault, fabric)}/replicationStorageClassifications/{call.params['storage']}"
    return f"{home}/replicationStorageClassificationMappings/{call.params['mapping']}"


def _job(call: Call, scenario: str, effect: jobs.Effect) -> Reply:
    vault, (fabric, *_) = _fabrics(call)
    order = jobs.Order(
        scenario,
        call.activity_id,
        ids.guid(fabric.internal_id, _key(call)),
        call.params["mapping"],
        "Server",
        effects={f"{scenario}Task": effect},
        result=lambda: _kept(fabric, "storageMappings").get(_key(call)),
    )
    return jobs.reply(call, vault, jobs.start(vault, order), _own(call, vault, fabric))


ROUTES: tuple[Route, ...] = (
    route("GET", _LOGICAL, _list_logical),
    route("GET", f"{_LOGICAL}/{{logical}}", _get_logical),
    route("GET", f"{ids.VAULT}/replicationStorageClassifications", _list_classes),
    route("GET", _CLASSES, _list_classes),
    route("GET", f"{_CLASSES}/{{storage}}", _get_class),
    route("GET", f"{ids.VAULT}/replicationStorageClassificationMappings", _list_mappings),
    route("GET", _MAPPINGS, _list_mappings),
    route("GET", _MAPPING, _get_mapping),
    route("PUT", _MAPPING, _pair),
    route("DELETE", _MAPPING, _unpair),
    results_route(_MAPPING),
)
