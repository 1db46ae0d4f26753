"""Protected items: enable, read, list, act, remove."""

from functools import partial

from ..arm import Call, Handler, Reply, Route
from ..errors import bad_request
from ..operations import stamp
from . import ids, jobs, replica_disks, replication
from .catalogue import job_error
from .item_actions import choose_point, gate, start_action
from .item_json import item_json, job_details
from .lookup import container_of, place_of
from .refusals import refused
from .registry import provider_of
from .state import Json, Place
from .states import ACTIONS
from .wire import results_route, route

_LEGACY = ("InMageAzureV2", "InMage")


def _enable(call: Call) -> Reply:
    vault, fabric, container = container_of(call)
    details = call.properties().get("providerSpecificDetails") or {}
    kind = str(details.get("instanceType") or "")
    if kind in _LEGACY and not call.world.settings.legacy_providers:
        # unknown: the real refusal since the retirement in 2026 has not been recorded
        raise refused("ProviderRetired", f"Enabling replication with '{kind}' is no longer supported.")
    if call.params["item"].lower() in container.items:
        raise refused(
            "ProtectedItemAlreadyExists",
            f"The replication protected item '{call.params['item']}' already exists.",
            "Replication was enabled before.",
            "Remove the item before enabling replication again.",
            status=409,
        )
    item = provider_of(kind).new_item(call, vault, fabric, container)
    place = Place(vault, fabric, container, item)
    for other in vault.replicas():
        if other.item.machine.key == item.machine.key:
            raise refused(
                "MachineAlreadyProtected", f"The machine '{item.machine.name}' is already protected.", status=409
            )
    container.items[item.name.lower()] = item

    def finish(state: str) -> None:
        if state == "Succeeded":
            item.scenario = None
            replica_disks.make(place)
            replication.begin_copy(place)
            return
        # recorded: the item stays, shows the job as its current scenario, and must be removed before a retry
        item.state = "enabling-failed"
        item.enable_error = job.errors[0] if job.errors else {"code": "Cancelled"}

    order = jobs.Order(
        "EnableDr",
        item.activity,
        item.internal_id,
        item.machine.name,
        "ProtectionEntity",
        finish,
        {"CreateProtectionTargetTask": partial(_install, place)},
        known_as=(place.id, item.name),
        details=lambda each: job_details(place, "EnableDr", each),
        result=lambda: item_json(place),
        variant=item.provider,
    )
    job = jobs.start(vault, order)
    job.extra = {"shown": "EnableProtection", "provider": item.provider}
    item.scenario = job
    return jobs.reply(call, vault, job, place.id)


def _install(place: Place) -> Json | None:
    """Install the agent where it must be pushed; return the error with which enabling fails."""
    item, world = place.item, place.vault.world
    code = provider_of(item.provider).enable_problem(place)
    if code:
        return job_error(code, "", item.activity, stamp(world.now), vm=item.machine.name)
    if item.agent_version and not item.machine.agent_registered:  # a Hyper-V host needs no agent in the machine
        world.tell_machine(item.machine.model_copy(update={"agent_registered": True}))
    return None


def _update(call: Call) -> Reply:
    place = place_of(call)
    gate(place, "")
    if place.item.state in ("enabling", "enabling-failed"):
        raise refused("OperationNotAllowed", f"The item '{place.item.name}' cannot be updated in its current state.")
    sent = call.properties()
    name = (sent.get("providerSpecificDetails") or {}).get("targetVmName")
    if name is not None and not (0 < len(name) <= 63):
        raise bad_request("The target virtual machine name must have 1 to 63 characters.")
    provider_of(place.item.provider).update(place.item, sent)
    return _acted(call, place, "update", {})


def _acted(call: Call, place: Place, name: str, inputs: Json) -> Reply:
    job = start_action(place, name, call.activity_id, inputs)
    return jobs.reply(call, place.vault, job, place.id)


def _act(name: str) -> Handler:
    def handler(call: Call) -> Reply:
        place = place_of(call)
        gate(place, ACTIONS[name].gate)
        sent = call.properties() if isinstance(call.body, dict) and call.body.get("properties") else {}
        if name in ("testFailover", "unplannedFailover") and sent.get("failoverDirection") not in (
            None,
            "PrimaryToRecovery",
        ):
            raise bad_request("Only the failover direction PrimaryToRecovery is possible for this item.")
        inputs = {**sent, **(sent.get("providerSpecificDetails") or {})}
        if name == "applyRecoveryPoint":
            inputs.setdefault("recoveryPointId", sent.get("recoveryPointId"))
        if inputs.get("recoveryPointId"):
            choose_point(place, inputs)
        return _acted(call, place, name, inputs)

    return handler


def _remove(call: Call) -> Reply:
    place = place_of(call)
    sent = (call.body or {}).get("properties") or {} if isinstance(call.body, dict) else {}
    reason = str(sent.get("disableProtectionReason") or "NotSpecified")
    if reason not in ("NotSpecified", "MigrationComplete"):
        raise bad_request(f"The disableProtectionReason '{reason}' is not known.")
    gate(place, "CompleteMigration" if reason == "MigrationComplete" else "DisableProtection")
    item = place.item
    after = "-after-failover" if item.failed_over_at is not None else ""
    item.state = f"disabling{after}"
    return _gone(call, place, "DisableDr", f"disabling{after}-failed")


def _purge(call: Call) -> Reply:
    place = place_of(call)  # recorded: 404 where there is none
    if place.item.scenario is not None and place.item.scenario.running:
        jobs.cancel(place.vault, place.item.scenario)
    return _gone(call, place, "PurgeDr", "disabling-failed")


def _gone(call: Call, place: Place, scenario: str, failure: str) -> Reply:
    item = place.item

    def finish(state: str) -> None:
        if item.scenario is job:
            item.scenario = None
        if state == "Succeeded":
            replica_disks.drop(place)
            if place.container.items.get(item.name.lower()) is item:
                del place.container.items[item.name.lower()]
            item.state = "disabling"
        else:
            item.state = failure

    order = jobs.Order(
        scenario,
        call.activity_id,
        item.internal_id,
        item.machine.name,
        "ProtectionEntity",
        finish,
        known_as=(place.id, item.name),
        details=lambda each: job_details(place, scenario, each),
    )
    job = jobs.start(place.vault, order)
    job.extra = {"shown": "DisableProtection", "provider": item.provider}
    item.scenario = job
    return jobs.reply(call, place.vault, job, place.id)


ROUTES: tuple[Route, ...] = (
    route("PUT", ids.ITEM, _enable),
    route("PATCH", ids.ITEM, _update),
    route("DELETE", ids.ITEM, _purge),
    route("POST", f"{ids.ITEM}/remove", _remove),
    *(route("POST", f"{ids.ITEM}/{name}", _act(name)) for name in ACTIONS if name != "update"),
    results_route(ids.ITEM),
)
