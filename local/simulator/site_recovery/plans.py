"""Recovery plans: create, read, list, update, delete, and the actions on them."""

from functools import partial

from ..arm import Call, Handler, Reply, Route
from ..errors import bad_request
from ..operations import stamp
from . import ids, jobs
from .fabric_json import affected_fabric
from .item_json import scenario_json
from .job_state import Job
from .lookup import vault_of
from .plan_actions import PLAN_ACTIONS, checked_actions, members
from .plan_run import PlanRun
from .refusals import busy, not_allowed, refused
from .state import Json, Plan, SrVault
from .states import allowed_operations
from .wire import listing, results_route, route

_PATH = f"{ids.VAULT}/replicationRecoveryPlans/{{plan}}"
_MOST = 100  # documented: servers in a recovery plan
_MOST_GROUPS = 7  # unknown: boot groups; assumed
_ORDER = (
    "PlannedFailover",
    "UnplannedFailover",
    "TestFailover",
    "TestFailoverCleanup",
    "Commit",
    "CancelFailover",
    "ReverseReplicate",
)


def plan_json(vault: SrVault, plan: Plan, *, full: bool = True) -> Json:
    """Return a plan; a listing has no groups (recorded)."""
    last = {f"last{kind}Time": stamp(at) for kind, at in plan.last.items()}
    properties: Json = {
        "friendlyName": plan.name,
        "primaryFabricId": plan.primary,
        "primaryFabricFriendlyName": _fabric_name(vault, plan.primary),
        "recoveryFabricId": plan.recovery,
        "recoveryFabricFriendlyName": _fabric_name(vault, plan.recovery),
        "failoverDeploymentModel": plan.model,
        "replicationProviders": sorted({place.item.provider for place in members(vault, plan)}),
        "allowedOperations": plan_allowed(vault, plan),
        **last,
        "currentScenario": None,
        "currentScenarioStatus": None,
        "currentScenarioStatusDescription": None,
        "groups": plan.groups if full else [],
        # unknown: what plans between regions show; assumed what was sent (zones)
        "providerSpecificDetails": [each for each in plan.provider_inputs if each.get("instanceType") == "A2A"],
    }
    if plan.scenario is not None:
        shown = str(plan.scenario.extra.get("shown", ""))
        properties["currentScenario"] = scenario_json(vault, plan.scenario, shown)
        properties["currentScenarioStatus"] = plan.scenario.state
        properties["currentScenarioStatusDescription"] = plan.scenario.description
    own = f"{vault.id}/replicationRecoveryPlans/{plan.name}"
    return {"id": own, "name": plan.name, "type": ids.PLAN_TYPE, "properties": properties}


def _fabric_name(vault: SrVault, wanted: str) -> str:
    name = wanted.rpartition("/")[2]
    fabric = vault.fabrics.get(name.lower())
    return fabric.shown if fabric else name


def plan_allowed(vault: SrVault, plan: Plan) -> list[str]:
    """Return what may be asked of a plan: what any of its items allows (none while a job of the plan runs)."""
    if plan.scenario is not None:
        return []
    any_of = {operation for place in members(vault, plan) for operation in allowed_operations(place.item)}
    return [operation for operation in _ORDER if operation in any_of]


def _get(call: Call) -> Reply:
    vault = vault_of(call)
    return Reply(200, plan_json(vault, vault.plan(call.params["plan"])))


def _list(call: Call) -> Reply:
    vault = vault_of(call)
    return listing(call, [plan_json(vault, plan, full=False) for plan in vault.plans.values()])


def _create(call: Call) -> Reply:
    vault, name, sent = vault_of(call), call.params["plan"], call.properties()
    if name.lower() in vault.plans:
        raise refused("RecoveryPlanAlreadyExists", f"The recovery plan '{name}' already exists.", status=409)
    primary, recovery = str(sent.get("primaryFabricId") or ""), str(sent.get("recoveryFabricId") or "")
    _check_ends(vault, primary, recovery)
    groups = _groups(vault, sent.get("groups") or [])
    model = str(sent.get("failoverDeploymentModel") or "NotApplicable")
    plan = Plan(name, primary, recovery, model, groups, sent.get("providerSpecificInput") or [])

    def kept() -> Json | None:
        vault.plans[name.lower()] = plan
        return None

    return _job(call, vault, plan, "SaveRecoveryPlan", kept)


def _check_ends(vault: SrVault, primary: str, recovery: str) -> None:
    """Raise ARM's 400 or 404: between Azure regions both fabrics are the vault's own, else the recovery side is Azure."""
    between_regions = vault.fabric(primary.rpartition("/")[2]).kind == "Azure"
    if between_regions and recovery != ids.AZURE:
        vault.fabric(recovery.rpartition("/")[2])
    elif between_regions or recovery != ids.AZURE:
        raise bad_request("The recovery fabric must be 'Microsoft Azure' or, between Azure regions, one of this vault.")


def _groups(vault: SrVault, sent: list[Json]) -> list[Json]:
    """Return the groups as the service keeps them.

    Recorded: empty Shutdown and Failover groups are put in front, and `virtualMachineId` becomes an internal id.
    """
    boot = [_group(vault, group) for group in sent if group.get("groupType", "Boot") == "Boot"]
    names = [each["id"].lower() for group in boot for each in group["replicationProtectedItems"]]
    count = len(names)
    if len(set(names)) != count:
        raise bad_request("A machine can be in one group of a recovery plan only.")
    if not 1 <= count <= _MOST or len(boot) > _MOST_GROUPS:
        raise bad_request(f"A recovery plan takes 1 to {_MOST} machines in at most {_MOST_GROUPS} boot groups.")
    own = {str(group.get("groupType")): _group(vault, group) for group in sent if group.get("groupType") != "Boot"}
    front = [own.get(kind) or _group(vault, {"groupType": kind}) for kind in ("Shutdown", "Failover")]
    return [*front, *boot]


def _group(vault: SrVault, sent: Json) -> Json:
    known = {place.id.lower(): place for place in vault.places()}
    rows = []
    for each in sent.get("replicationProtectedItems") or []:
        place = known.get(str(each.get("id") or "").lower())
        if place is None:
            raise bad_request(f"The replication protected item '{each.get('id')}' was not found.")
        rows.append({"id": place.id, "virtualMachineId": place.item.internal_id})
    return {
        "groupType": sent.get("groupType", "Boot"),
        "replicationProtectedItems": rows,
        "startGroupActions": checked_actions(sent.get("startGroupActions") or []),
        "endGroupActions": checked_actions(sent.get("endGroupActions") or []),
    }


def _update(call: Call) -> Reply:
    vault = vault_of(call)
    plan = vault.plan(call.params["plan"])
    _idle(plan)
    groups = _groups(vault, call.properties().get("groups") or [])

    def changed() -> Json | None:
        plan.groups = groups
        return None

    return _job(call, vault, plan, "SaveRecoveryPlan", changed)


def _delete(call: Call) -> Reply:
    vault = vault_of(call)
    plan = vault.plans.get(call.params["plan"].lower())
    if plan is None:
        return Reply(204)
    _idle(plan)

    def gone() -> Json | None:
        vault.plans.pop(plan.name.lower(), None)
        return None

    return _job(call, vault, plan, "DeleteRecoveryPlan", gone)


def _idle(plan: Plan) -> None:
    if plan.scenario is not None:
        raise busy(plan.name, plan.scenario.scenario, plan.scenario.id)


def _job(call: Call, vault: SrVault, plan: Plan, scenario: str, effect: jobs.Effect) -> Reply:
    def details(_: Job) -> Json:
        fabric = vault.fabrics.get(plan.primary.rpartition("/")[2].lower())
        about = affected_fabric(fabric) if fabric else {}
        return {"instanceType": "AsrJobDetails", "affectedObjectDetails": about}

    order = jobs.Order(
        scenario,
        call.activity_id,
        ids.guid(vault.id, plan.name),
        plan.name,
        "RecoveryPlan",
        effects={"write": effect},
        details=details,
        result=partial(_result, vault, plan),
    )
    return jobs.reply(call, vault, jobs.start(vault, order), f"{vault.id}/replicationRecoveryPlans/{plan.name}")


def _result(vault: SrVault, plan: Plan) -> Json | None:
    return plan_json(vault, plan) if plan.name.lower() in vault.plans else None


def _act(name: str) -> Handler:
    def handler(call: Call) -> Reply:
        vault = vault_of(call)
        plan = vault.plan(call.params["plan"])
        _idle(plan)
        action = PLAN_ACTIONS[name]
        running = [place for place in members(vault, plan) if place.item.scenario and place.item.scenario.running]
        if running and running[0].item.scenario is not None:
            raise busy(running[0].item.name, running[0].item.scenario.scenario, running[0].item.scenario.id)
        allowed = plan_allowed(vault, plan)
        if action.gate not in allowed:
            raise not_allowed(action.gate, plan.name, "recovery plan", allowed)
        sent = call.properties() if isinstance(call.body, dict) and call.body.get("properties") else {}
        render = partial(plan_json, vault, plan)
        job: Job = PlanRun(vault, plan, name, call.activity_id, sent, _specific(sent), render).start()
        return jobs.reply(call, vault, job, f"{vault.id}/replicationRecoveryPlans/{plan.name}")

    return handler


def _specific(sent: Json) -> dict[str, Json]:
    """Return each provider's own input, by its instanceType in lower case (a plan sends a list of them)."""
    given = sent.get("providerSpecificDetails")
    rows: list[Json] = given if isinstance(given, list) else []
    return {str(row.get("instanceType") or "").lower(): row for row in rows}


ROUTES: tuple[Route, ...] = (
    route("GET", f"{ids.VAULT}/replicationRecoveryPlans", _list),
    route("GET", _PATH, _get),
    route("PUT", _PATH, _create),
    route("PATCH", _PATH, _update),
    route("DELETE", _PATH, _delete),
    *(route("POST", f"{_PATH}/{name}", _act(name)) for name in PLAN_ACTIONS),
    results_route(_PATH),
)
