"""Protection containers and their mappings."""

from functools import partial

from ..arm import Call, Reply, Route
from ..errors import ArmError, bad_request
from . import ids, jobs
from .fabric_json import affected_container
from .job_state import Job
from .lookup import container_of, vault_of
from .refusals import refused
from .registry import provider_of
from .sides import container_by_id, side_of
from .state import Container, Fabric, Json, Mapping, Policy, SrVault, container_id
from .wire import listing, results_route, route

_MAPPINGS = f"{ids.CONTAINER}/replicationProtectionContainerMappings"
_MAPPING = f"{_MAPPINGS}/{{mapping}}"


def container_json(vault: SrVault, fabric: Fabric, container: Container) -> Json:
    """Return a container (recorded shape)."""
    own = container_id(vault, fabric, container)
    role = _role(vault, own, container)
    properties: Json = {
        "fabricFriendlyName": fabric.shown,
        "friendlyName": container.shown,
        "fabricType": fabric.kind,
        "protectedItemCount": len(container.items),
        "pairingStatus": "Paired" if role else "NotPaired",
        "role": role,
        "fabricSpecificDetails": None,
    }
    return {"id": own, "name": container.name, "type": ids.CONTAINER_TYPE, "properties": properties}


def _role(vault: SrVault, own: str, container: Container) -> str:
    """Return a container's role: empty until it is paired; Recovery where others lead to it alone (all recorded)."""
    if container.mappings:
        return "Primary"
    others = (each for fabric in vault.fabrics.values() for each in fabric.containers.values())
    led = any(mapping.target.lower() == own.lower() for each in others for mapping in each.mappings.values())
    return "Recovery" if led else ""


def mapping_json(vault: SrVault, fabric: Fabric, container: Container, mapping: Mapping) -> Json:
    """Return a container mapping (recorded shape)."""
    target = side_of(vault, mapping.target)
    properties: Json = {
        "targetProtectionContainerId": mapping.target,
        "targetProtectionContainerFriendlyName": target.container_shown,
        "providerSpecificDetails": mapping.details,
        "health": "Normal",
        "healthErrorDetails": [],
        "policyId": f"{vault.id}/replicationPolicies/{mapping.policy}",
        "state": "Paired",
        "sourceProtectionContainerFriendlyName": container.shown,
        "sourceFabricFriendlyName": fabric.shown,
        "targetFabricFriendlyName": target.fabric_shown,
        "policyFriendlyName": mapping.policy,
    }
    own = _mapping_id(vault, fabric, container, mapping.name)
    return {"id": own, "name": mapping.name, "type": ids.MAPPING_TYPE, "properties": properties}


def _mapping_id(vault: SrVault, fabric: Fabric, container: Container, name: str) -> str:
    return f"{container_id(vault, fabric, container)}/replicationProtectionContainerMappings/{name}"


def _get(call: Call) -> Reply:
    return Reply(200, container_json(*container_of(call)))


def _list_fabric(call: Call) -> Reply:
    vault = vault_of(call)
    fabric = vault.fabric(call.params["fabric"])
    return listing(call, [container_json(vault, fabric, each) for each in fabric.containers.values()])


def _list_vault(call: Call) -> Reply:
    vault = vault_of(call)
    found = [(fabric, each) for fabric in vault.fabrics.values() for each in fabric.containers.values()]
    return listing(call, [container_json(vault, fabric, each) for fabric, each in found])


def _mappings(call: Call) -> Reply:
    vault, fabric, container = container_of(call)
    return listing(call, [mapping_json(vault, fabric, container, each) for each in container.mappings.values()])


def _vault_mappings(call: Call) -> Reply:
    vault = vault_of(call)
    rows = [
        mapping_json(vault, fabric, container, mapping)
        for fabric in vault.fabrics.values()
        for container in fabric.containers.values()
        for mapping in container.mappings.values()
    ]
    return listing(call, rows)


def _mapping(call: Call) -> Reply:
    vault, fabric, container = container_of(call)
    return Reply(200, mapping_json(vault, fabric, container, _found(container, call.params["mapping"])))


def _found(container: Container, name: str) -> Mapping:
    found = container.mappings.get(name.lower())
    if found is None:
        path = f"replicationProtectionContainerMappings/{name}"
        raise ArmError(404, "ResourceNotFound", f"The resource '{path}' could not be found.")
    return found


def _pair(call: Call) -> Reply:
    vault, fabric, container = container_of(call)
    sent, name = call.properties(), call.params["mapping"]
    policy = vault.policy(str(sent.get("policyId") or ""))
    target = str(sent.get("targetProtectionContainerId") or "")
    _check_target(vault, fabric, policy, target)
    before = container.mappings.get(name.lower())
    if before is not None and (before.policy, before.target.lower()) != (policy.name, target.lower()):
        raise refused("MappingAlreadyExists", f"The container mapping '{name}' already exists.", status=409)
    details = provider_of(policy.provider).mapping_details(sent.get("providerSpecificInput") or {})
    mapping = Mapping(name, policy.name, target, details)

    def paired() -> Json | None:
        container.mappings[name.lower()] = mapping
        return None

    return _job(call, "AssociateProtectionProfile", mapping, paired)


def _check_target(vault: SrVault, fabric: Fabric, policy: Policy, target: str) -> None:
    """Raise ARM's 400: between Azure regions the target is a container of another fabric, else it is Azure itself."""
    if fabric.kind != "Azure" and target != ids.AZURE:
        raise bad_request(f"The target protection container must be '{ids.AZURE}' for the fabric '{fabric.name}'.")
    if fabric.kind == "Azure" and (policy.provider != "A2A" or container_by_id(vault, target) is None):
        raise bad_request(f"The target protection container '{target}' of an A2A policy was not found.")


def _update(call: Call) -> Reply:
    vault, _, container = container_of(call)
    mapping = _found(container, call.params["mapping"])
    provider = provider_of(vault.policy(mapping.policy).provider)
    sent = call.properties().get("providerSpecificInput") or {}

    def changed() -> Json | None:
        mapping.details = provider.mapping_details({**(mapping.details or {}), **sent})
        return None

    return _job(call, "AssociateProtectionProfile", mapping, changed)


def _unpair(call: Call) -> Reply:
    _, _, container = container_of(call)
    mapping = container.mappings.get(call.params["mapping"].lower())
    if mapping is None:
        return Reply(204)
    if call.method == "POST" and any(item.policy == mapping.policy for item in container.items.values()):
        raise refused(
            "ContainerHasProtectedItems", "The container still has protected items of this policy.", status=409
        )

    def unpaired() -> Json | None:
        container.mappings.pop(mapping.name.lower(), None)
        return None

    return _job(call, "DisassociateProtectionProfile", mapping, unpaired)


def _job(call: Call, scenario: str, mapping: Mapping, effect: jobs.Effect) -> Reply:
    vault, fabric, container = container_of(call)

    def details(_: Job) -> Json:
        return {"instanceType": "AsrJobDetails", "affectedObjectDetails": affected_container(fabric, container)}

    # recorded: the job is about the policy, not about the mapping
    order = jobs.Order(
        scenario,
        call.activity_id,
        ids.guid(vault.id, mapping.policy),
        mapping.policy,
        "ProtectionProfile",
        effects={"CloudPairingWfPairCloudsTask": effect, f"{scenario}Task": effect},
        known_as=(mapping.name,),
        details=details,
        result=partial(_result, vault, fabric, container, mapping),
    )
    job = jobs.start(vault, order)
    return jobs.reply(call, vault, job, _mapping_id(vault, fabric, container, mapping.name))


def _result(vault: SrVault, fabric: Fabric, container: Container, mapping: Mapping) -> Json | None:
    known = container.mappings.get(mapping.name.lower()) is mapping
    return mapping_json(vault, fabric, container, mapping) if known else None


def _create(call: Call) -> Reply:
    """Make a container; only the fabrics of Azure regions and of agentless migration let a client do so.

    Recorded: one that is there may be put again, also with another input; it stays as it is.
    """
    vault = vault_of(call)
    fabric, name = vault.fabric(call.params["fabric"]), call.params["container"]
    inputs = call.properties().get("providerSpecificInput") or []
    wanted = {"Azure": "A2A", "VMwareV2": "VMwareCbt"}.get(fabric.kind)
    kinds = {each.get("instanceType") for each in inputs}
    again = name.lower() in fabric.containers and f"{wanted}CrossClusterMigration" in kinds
    if wanted is None or not (wanted in kinds or again):
        raise bad_request(f"A protection container cannot be created in the fabric '{fabric.name}' by this input.")
    container = fabric.containers.get(name.lower()) or Container(name)

    def made() -> Json | None:
        fabric.containers[name.lower()] = container
        return None

    return _container_job(call, vault, fabric, container, "CreateCloud", made)


def _remove(call: Call) -> Reply:
    vault = vault_of(call)
    fabric = vault.fabric(call.params["fabric"])
    container = fabric.containers.get(call.params["container"].lower())
    if container is None:
        return Reply(204)
    if container.items or container.mappings:
        raise refused("ContainerInUse", "The container still has protected items or mappings.", status=409)

    def gone() -> Json | None:
        fabric.containers.pop(container.name.lower(), None)
        return None

    return _container_job(call, vault, fabric, container, "RemoveProtectionContainer", gone)


def _container_job(
    call: Call, vault: SrVault, fabric: Fabric, container: Container, scenario: str, effect: jobs.Effect
) -> Reply:
    def result() -> Json | None:
        return container_json(vault, fabric, container) if container.name.lower() in fabric.containers else None

    about = ids.guid(vault.id, fabric.name, container.name)
    effects = {f"{scenario}Task": effect}
    order = jobs.Order(
        scenario, call.activity_id, about, container.name, "ProtectionContainer", effects=effects, result=result
    )
    return jobs.reply(call, vault, jobs.start(vault, order), container_id(vault, fabric, container))


ROUTES: tuple[Route, ...] = (
    route("GET", f"{ids.VAULT}/replicationProtectionContainers", _list_vault),
    route("GET", f"{ids.FABRIC}/replicationProtectionContainers", _list_fabric),
    route("GET", ids.CONTAINER, _get),
    route("PUT", ids.CONTAINER, _create),
    route("POST", f"{ids.CONTAINER}/remove", _remove),
    route("GET", f"{ids.VAULT}/replicationProtectionContainerMappings", _vault_mappings),
    route("GET", _MAPPINGS, _mappings),
    route("GET", _MAPPING, _mapping),
    route("PUT", _MAPPING, _pair),
    route("PATCH", _MAPPING, _update),
    route("DELETE", _MAPPING, _unpair),
    route("POST", f"{_MAPPING}/remove", _unpair),
    results_route(_MAPPING),
    results_route(ids.CONTAINER),
)
