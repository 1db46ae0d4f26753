"""Networks of a fabric and their mappings to networks of Azure."""

from functools import partial

from ..arm import Call, Reply, Route
from ..errors import bad_request
from . import ids, jobs
from .lookup import vault_of
from .refusals import found
from .sides import Side
from .state import Fabric, Json, NetworkMapping, SrVault, fabric_id
from .wire import listing, results_route, route

_NETWORKS = f"{ids.FABRIC}/replicationNetworks"
_NETWORK = f"{_NETWORKS}/{{network}}"
_MAPPINGS = f"{_NETWORK}/replicationNetworkMappings"
_MAPPING = f"{_MAPPINGS}/{{mapping}}"


def network_json(vault: SrVault, fabric: Fabric, network: Json) -> Json:
    """Return a network of a fabric."""
    own = f"{fabric_id(vault, fabric)}/replicationNetworks/{network['name']}"
    shown = {name: value for name, value in network.items() if name != "name"}
    return {"id": own, "name": network["name"], "type": ids.NETWORK_TYPE, "properties": shown}


def mapping_json(vault: SrVault, fabric: Fabric, mapping: NetworkMapping) -> Json:
    """Return a network mapping (recorded: between regions the ids of both networks come back in lower case as a whole)."""
    recovery = vault.fabrics.get(mapping.recovery_fabric.lower())
    settings: Json = {"instanceType": mapping.kind}
    if mapping.kind == "AzureToAzure" and recovery is not None:
        ends = fabric.details.get("location"), recovery.details.get("location")
        settings |= {"primaryFabricLocation": ends[0], "recoveryFabricLocation": ends[1]}
    properties = {
        "state": "Paired",
        "primaryNetworkFriendlyName": _friendly(fabric, mapping),
        "primaryNetworkId": mapping.primary.lower() if fabric.kind == "Azure" else mapping.primary,
        "primaryFabricFriendlyName": fabric.shown,
        "recoveryNetworkFriendlyName": mapping.recovery.rpartition("/")[2],
        "recoveryNetworkId": mapping.recovery.lower() if fabric.kind == "Azure" else mapping.recovery,
        "recoveryFabricArmId": fabric_id(vault, recovery)
        if recovery
        else f"{vault.id}/replicationFabrics/{ids.AZURE_FABRIC}",
        "recoveryFabricFriendlyName": recovery.shown if recovery else ids.AZURE,
        "fabricSpecificSettings": settings,
    }
    own = _id(vault, fabric, mapping)
    return {"id": own, "name": mapping.name, "type": ids.NETWORK_MAPPING_TYPE, "properties": properties}


def _friendly(fabric: Fabric, mapping: NetworkMapping) -> str:
    """Return a source network's name: the virtual network's own, or the friendly one of VMM."""
    network = fabric.networks.get(mapping.network.lower(), {})
    last = mapping.primary.rpartition("/")[2]
    return last if fabric.kind == "Azure" else str(network.get("friendlyName") or last)


def mapped_network(fabric: Fabric, recovery: Side, primary: str) -> str:
    """Return the network of the recovery fabric that a source network is mapped to; empty if it is not."""
    wanted = recovery.fabric.rpartition("/")[2].lower()
    for mapping in fabric.network_mappings.values():
        if mapping.primary.lower() == primary.lower() and mapping.recovery_fabric.lower() == wanted:
            return mapping.recovery
    return ""


def _id(vault: SrVault, fabric: Fabric, mapping: NetworkMapping) -> str:
    return f"{fabric_id(vault, fabric)}/replicationNetworks/{mapping.network}/replicationNetworkMappings/{mapping.name}"


def _key(call: Call) -> str:
    return f"{call.params['network']}/{call.params['mapping']}".lower()


def _fabrics(call: Call) -> tuple[SrVault, list[Fabric]]:
    vault = vault_of(call)
    return vault, [vault.fabric(call.params["fabric"])] if "fabric" in call.params else list(vault.fabrics.values())


def _list(call: Call) -> Reply:
    vault, fabrics = _fabrics(call)
    rows = [network_json(vault, fabric, each) for fabric in fabrics for each in fabric.networks.values()]
    return listing(call, rows)


def _get(call: Call) -> Reply:
    vault, (fabric, *_) = _fabrics(call)
    return Reply(200, network_json(vault, fabric, found(fabric.networks, call.params["network"])))


def _mappings(call: Call) -> Reply:
    vault, fabrics = _fabrics(call)
    wanted = call.params.get("network", "").lower()
    rows = [
        mapping_json(vault, fabric, each)
        for fabric in fabrics
        for each in fabric.network_mappings.values()
        if wanted in ("", each.network.lower())
    ]
    return listing(call, rows)


def _mapping(call: Call) -> Reply:
    vault, (fabric, *_) = _fabrics(call)
    return Reply(200, mapping_json(vault, fabric, found(fabric.network_mappings, _key(call))))


def _pair(call: Call) -> Reply:
    """Map a network; recorded: a mapping that is there may be put again."""
    vault, (fabric, *_) = _fabrics(call)
    sent = call.properties()
    found(fabric.networks, call.params["network"])
    mapping = _asked(call, fabric, sent)

    def paired() -> Json | None:
        fabric.network_mappings[_key(call)] = mapping
        return None

    return _job(call, vault, fabric, mapping, "NetworkPairing", paired)


def _asked(call: Call, fabric: Fabric, sent: Json) -> NetworkMapping:
    """Return the mapping that is asked for; a change (PATCH) keeps what it does not name."""
    before = fabric.network_mappings.get(_key(call)) if call.method == "PATCH" else None
    own = sent.get("fabricSpecificDetails") or {}
    kind = str(own.get("instanceType") or (before.kind if before else ""))
    own_network = f"{fabric_id(vault_of(call), fabric)}/replicationNetworks/{call.params['network']}"
    named = own.get("primaryNetworkId") if fabric.kind == "Azure" else own_network
    primary = str(named or (before.primary if before else ""))
    recovery = str(sent.get("recoveryNetworkId") or (before.recovery if before else ""))
    target = str(sent.get("recoveryFabricName") or (before.recovery_fabric if before else ""))
    if not recovery or not primary:
        raise bad_request("Give recoveryNetworkId and, between Azure regions, fabricSpecificDetails.primaryNetworkId.")
    if fabric.kind == "Azure":
        vault_of(call).fabric(target)
    for each in (recovery, *((primary,) if fabric.kind == "Azure" else ())):
        if call.world.resources.get(each) is None:
            raise bad_request(f"The virtual network '{each}' was not found.")
    return NetworkMapping(call.params["mapping"], call.params["network"], kind, primary, recovery, target)


def _unpair(call: Call) -> Reply:
    vault, (fabric, *_) = _fabrics(call)
    mapping = fabric.network_mappings.get(_key(call))
    if mapping is None:
        return Reply(204)

    def unpaired() -> Json | None:
        fabric.network_mappings.pop(_key(call), None)
        return None

    return _job(call, vault, fabric, mapping, "UnpairNetworks", unpaired)


def _job(
    call: Call, vault: SrVault, fabric: Fabric, mapping: NetworkMapping, scenario: str, effect: jobs.Effect
) -> Reply:
    # recorded: the job is about the network, which its name stands for
    order = jobs.Order(
        scenario,
        call.activity_id,
        mapping.network,
        mapping.network,
        "Network",
        effects={f"{scenario}Task": effect},
        known_as=(mapping.name,),
        result=partial(_result, vault, fabric, mapping),
    )
    return jobs.reply(call, vault, jobs.start(vault, order), _id(vault, fabric, mapping))


def _result(vault: SrVault, fabric: Fabric, mapping: NetworkMapping) -> Json | None:
    known = f"{mapping.network}/{mapping.name}".lower() in fabric.network_mappings
    return mapping_json(vault, fabric, mapping) if known else None


ROUTES: tuple[Route, ...] = (
    route("GET", f"{ids.VAULT}/replicationNetworks", _list),
    route("GET", _NETWORKS, _list),
    route("GET", _NETWORK, _get),
    route("GET", f"{ids.VAULT}/replicationNetworkMappings", _mappings),
    route("GET", _MAPPINGS, _mappings),
    route("GET", _MAPPING, _mapping),
    route("PUT", _MAPPING, _pair),
    route("PATCH", _MAPPING, _pair),
    route("DELETE", _MAPPING, _unpair),
    results_route(_MAPPING),
)
