"""Fabrics and their recovery services providers: read, list, refresh, delete."""

from collections.abc import Callable

from ..arm import Call, Reply, Route
from . import ids, jobs
from .azure_fabric import new_azure_fabric
from .fabric_json import dra_json, dra_name, fabric_json
from .lookup import vault_of
from .refusals import refused
from .state import Container, Fabric, Json, SrVault, fabric_id
from .wire import listing, results_route, route

_DRAS = f"{ids.FABRIC}/replicationRecoveryServicesProviders"


def _get(call: Call) -> Reply:
    vault = vault_of(call)
    return Reply(200, fabric_json(vault, vault.fabric(call.params["fabric"])))


def _list(call: Call) -> Reply:
    vault = vault_of(call)
    return listing(call, [fabric_json(vault, fabric, full=False) for fabric in vault.fabrics.values()])


def _create(call: Call) -> Reply:
    vault = vault_of(call)
    details = call.properties().get("customDetails") or {}
    kind = str(details.get("instanceType") or "")
    making = _MADE.get(kind)
    if making is None:  # recorded as made otherwise: a VMM server and a configuration server bring their own
        raise refused("InvalidParameter", f"A fabric of instanceType '{kind}' cannot be created here.")
    name = call.params["fabric"]
    if name.lower() in vault.fabrics:
        return _job(call, vault, vault.fabrics[name.lower()], "CreateSite", None)
    fabric = making(vault, name, details)

    def made() -> Json | None:
        vault.fabrics[name.lower()] = fabric
        return None

    return _job(call, vault, fabric, "CreateSite", made)


def new_fabric(vault: SrVault, name: str, sites: Json) -> Fabric:
    """Return an InMageRcm fabric that is not yet part of the vault."""
    host = "hypervrecoverymanager.windowsazure.com"
    details = {
        "instanceType": "InMageRcm",
        **sites,
        "serviceEndpoint": f"https://pod01-srs1.{vault.location[:3] or 'weu'}.{host}",
        "serviceResourceId": "8238764630195140046",
        "serviceContainerId": "5269262064710",
        "dataPlaneUri": f"https://pod01-prot2.{vault.location[:3] or 'weu'}.backup.windowsazure.com",
        "controlPlaneUri": f"https://pod01-rcm1.{vault.location[:3] or 'weu'}.{host}",
    }
    return Fabric(name, "InMageRcm", details, ids.guid(vault.id, name))


def _appliance_fabric(vault: SrVault, name: str, details: Json) -> Fabric:
    fabric = new_fabric(vault, name, {key: details.get(key) or "" for key in ("vmwareSiteId", "physicalSiteId")})
    container = f"{name.lower()}replicationcontainer"
    fabric.containers[container] = Container(container)
    return fabric


def new_agentless_fabric(vault: SrVault, name: str, sent: Json) -> Fabric:
    """Return the fabric of agentless migration with its one container (recorded: it shows no process servers)."""
    details: Json = {
        "instanceType": "VMwareV2",
        "vmwareSiteId": sent.get("vmwareSiteId"),
        "physicalSiteId": sent.get("physicalSiteId"),
        "migrationSolutionId": sent.get("migrationSolutionId"),
        "serviceEndpoint": f"https://pod01-srs1.{vault.location[:3] or 'weu'}.hypervrecoverymanager.windowsazure.com",
        "serviceResourceId": "2966956768769697278",
        "serviceContainerId": "10186957526572",
        "processServers": [],
    }
    fabric = Fabric(name, "VMwareV2", details, ids.guid(vault.id, name))
    container = f"{name.removesuffix('replicationfabric')}replicationcontainer"
    fabric.containers[container.lower()] = Container(container)
    return fabric


def _hyperv_site(vault: SrVault, name: str, _: Json) -> Fabric:
    """Return a Hyper-V site: it has no container before its first host registers."""
    return Fabric(name, "HyperVSite", {}, ids.guid(vault.id, name))


# What a PUT makes, by the instanceType of customDetails.
_MADE: dict[str, Callable[[SrVault, str, Json], Fabric]] = {
    "InMageRcm": _appliance_fabric,
    "HyperVSite": _hyperv_site,
    "VMwareV2": new_agentless_fabric,
    "Azure": new_azure_fabric,
}


def _check(call: Call) -> Reply:
    vault = vault_of(call)
    return _job(call, vault, vault.fabric(call.params["fabric"]), "CheckConsistency", None)


def _delete(call: Call) -> Reply:
    vault = vault_of(call)
    fabric = vault.fabrics.get(call.params["fabric"].lower())
    if fabric is None:
        return Reply(204)
    protected = sum(len(container.items) for container in fabric.containers.values())
    if protected and call.method == "POST":
        raise refused("FabricHasProtectedItems", f"The fabric still has {protected} protected items.", status=409)

    def gone() -> Json | None:
        vault.fabrics.pop(fabric.name.lower(), None)
        return None

    return _job(call, vault, fabric, "DeleteFabric", gone)


def _job(call: Call, vault: SrVault, fabric: Fabric, scenario: str, effect: jobs.Effect | None) -> Reply:
    def result() -> Json | None:
        return fabric_json(vault, fabric) if fabric.name.lower() in vault.fabrics else None

    effects = {f"{scenario}Task": effect} if effect else {}
    order = jobs.Order(
        scenario,
        call.activity_id,
        fabric.internal_id,
        fabric.name,
        "Server",
        effects=effects,
        result=result,
        variant=fabric.kind,
    )
    named = scenario != "RefreshFabricLayout"  # recorded: that call does not name its job
    return jobs.reply(call, vault, jobs.start(vault, order), fabric_id(vault, fabric), names_job=named)


def _dras(call: Call) -> Reply:
    vault = vault_of(call)
    fabric = vault.fabric(call.params["fabric"])
    return listing(call, [dra_json(vault, fabric, each) for each in fabric.appliances])


def _all_dras(call: Call) -> Reply:
    vault = vault_of(call)
    rows = [dra_json(vault, fabric, each) for fabric in vault.fabrics.values() for each in fabric.appliances]
    return listing(call, rows)


def _dra(call: Call) -> Reply:
    vault = vault_of(call)
    fabric = vault.fabric(call.params["fabric"])
    known = {name: each for each in fabric.appliances for name in (dra_name(each), each.id)}
    found = known.get(call.params["dra"].lower())
    if found is None:
        raise refused("ResourceNotFound", f"The provider '{call.params['dra']}' was not found.")
    return Reply(200, dra_json(vault, fabric, found))


def _refresh(call: Call) -> Reply:
    vault = vault_of(call)
    return _job(call, vault, vault.fabric(call.params["fabric"]), "RefreshFabricLayout", None)


ROUTES: tuple[Route, ...] = (
    route("GET", f"{ids.VAULT}/replicationFabrics", _list),
    route("GET", ids.FABRIC, _get),
    route("PUT", ids.FABRIC, _create),
    route("DELETE", ids.FABRIC, _delete),
    route("POST", f"{ids.FABRIC}/remove", _delete),
    route("POST", f"{ids.FABRIC}/removeInfra", _delete),
    route("POST", f"{ids.FABRIC}/checkConsistency", _check),
    results_route(ids.FABRIC),
    route("GET", f"{ids.VAULT}/replicationRecoveryServicesProviders", _all_dras),
    route("GET", _DRAS, _dras),
    route("GET", f"{_DRAS}/{{dra}}", _dra),
    route("POST", f"{_DRAS}/{{dra}}/refreshProvider", _refresh),
)
