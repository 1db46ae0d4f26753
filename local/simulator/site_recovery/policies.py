"""Replication policies: create, read, list, update, delete."""

from functools import partial

from ..arm import Call, Reply, Route
from ..errors import bad_request
from ..operations import stamp
from . import ids, jobs
from .catalogue import job_error
from .lookup import vault_of
from .refusals import refused
from .registry import provider_of
from .state import Item, Json, Policy, SrVault
from .wire import listing, results_route, route

FAILBACK = "InMageRcmFailback"
_COUNTED = ("InMageRcm", FAILBACK)  # recorded of these: three more keys stand beside the details
_PATH = f"{ids.VAULT}/replicationPolicies/{{policy}}"


def policy_json(vault: SrVault, policy: Policy) -> Json:
    """Return a policy (recorded: a listing shows the same)."""
    properties: Json = {"friendlyName": policy.name, "providerSpecificDetails": _details(policy)}
    if policy.provider in _COUNTED:
        used = sum(item.policy == policy.name for item in _items(vault))
        properties |= {"status": False, "associatedItemsCount": used, "dataSourceType": "VM"}
    return {
        "id": f"{vault.id}/replicationPolicies/{policy.name}",
        "name": policy.name,
        "type": ids.POLICY_TYPE,
        "properties": properties,
    }


def _details(policy: Policy) -> Json:
    if policy.provider == FAILBACK:
        return {"instanceType": FAILBACK, **policy.settings}
    return provider_of(policy.provider).policy_details(policy)


def _items(vault: SrVault) -> list[Item]:
    containers = (each for fabric in vault.fabrics.values() for each in fabric.containers.values())
    return [item for each in containers for item in each.items.values()]


def _get(call: Call) -> Reply:
    vault = vault_of(call)
    return Reply(200, policy_json(vault, vault.policy(call.params["policy"])))


def _list(call: Call) -> Reply:
    vault = vault_of(call)
    return listing(call, [policy_json(vault, policy) for policy in vault.policies.values()])


def _create(call: Call) -> Reply:
    vault, name = vault_of(call), call.params["policy"]
    sent = call.properties().get("providerSpecificInput") or {}
    kind = str(sent.get("instanceType") or "")
    if name.lower() in vault.policies:
        raise refused("PolicyAlreadyExists", f"The replication policy '{name}' already exists.", status=409)
    known = FAILBACK if kind.lower() == FAILBACK.lower() else provider_of(kind).instance_type
    policy = Policy(name, known, _settings(known, sent, None))

    def kept() -> Json | None:
        error = _problem(call, policy)
        if error is None:
            vault.policies[name.lower()] = policy
        return error

    return _job(call, vault, policy, "AddProtectionProfile", kept)


def _settings(provider: str, sent: Json, before: Json | None) -> Json:
    """Return what a policy keeps of what was sent; the way back of an appliance has two numbers (recorded)."""
    if provider != FAILBACK:
        return provider_of(provider).policy_settings(sent, before)
    defaults = before or {"appConsistentFrequencyInMinutes": 0, "crashConsistentFrequencyInMinutes": 5}
    return {name: int(sent.get(name) or 0 if name in sent else known) for name, known in defaults.items()}


def _problem(call: Call, policy: Policy) -> Json | None:
    code = None if policy.provider == FAILBACK else provider_of(policy.provider).policy_problem(policy.settings)
    return job_error(code, "", call.activity_id, stamp(call.world.now)) if code else None


def _update(call: Call) -> Reply:
    vault = vault_of(call)
    policy = vault.policy(call.params["policy"])
    # recorded: an update says replicationProviderSettings where a creation says providerSpecificInput
    sent = call.properties().get("replicationProviderSettings")
    if not isinstance(sent, dict):
        raise bad_request("The property replicationProviderSettings is missing.")
    settings = _settings(policy.provider, sent, policy.settings)

    def kept() -> Json | None:
        error = _problem(call, Policy(policy.name, policy.provider, settings))
        if error is None:
            policy.settings = settings
        return error

    return _job(call, vault, policy, "ModifyProtectionProfile", kept)


def _delete(call: Call) -> Reply:
    vault = vault_of(call)
    policy = vault.policies.get(call.params["policy"].lower())
    if policy is None:
        return Reply(204)
    containers = [each for fabric in vault.fabrics.values() for each in fabric.containers.values()]
    if any(mapping.policy == policy.name for each in containers for mapping in each.mappings.values()):
        raise refused(
            "PolicyInUse", f"The replication policy '{policy.name}' is associated with a container.", status=409
        )

    def gone() -> Json | None:
        vault.policies.pop(policy.name.lower(), None)
        return None

    return _job(call, vault, policy, "RemoveProtectionProfile", gone)


def _job(call: Call, vault: SrVault, policy: Policy, scenario: str, effect: jobs.Effect) -> Reply:
    task = f"{scenario}Task"
    order = jobs.Order(
        scenario,
        call.activity_id,
        ids.guid(vault.id, policy.name),
        policy.name,
        "ProtectionProfile",
        effects={task: effect},
        result=partial(_result, vault, policy),
    )
    job = jobs.start(vault, order)
    named = call.method == "DELETE"  # recorded: those that make or change a policy do not name their job
    return jobs.reply(call, vault, job, f"{vault.id}/replicationPolicies/{policy.name}", names_job=named)


def _result(vault: SrVault, policy: Policy) -> Json | None:
    return policy_json(vault, policy) if policy.name.lower() in vault.policies else None


ROUTES: tuple[Route, ...] = (
    route("GET", f"{ids.VAULT}/replicationPolicies", _list),
    route("GET", _PATH, _get),
    route("PUT", _PATH, _create),
    route("PATCH", _PATH, _update),
    route("DELETE", _PATH, _delete),
    results_route(_PATH),
)
