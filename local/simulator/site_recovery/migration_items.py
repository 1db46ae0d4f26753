"""Migration items (agentless VMware): start replication, read, list, test, migrate, pause, resume, stop."""

from functools import partial

from ..arm import Call, Handler, Reply, Route
from ..errors import bad_request
from ..operations import stamp
from . import ids, jobs, replica_disks, replication
from .item_actions import choose_point, gate, start_action
from .item_json import affected
from .job_state import Job
from .lookup import container_of, vault_of
from .migration_json import migration_json
from .migration_states import MIGRATION_ACTIONS, STOP
from .refusals import found, refused
from .registry import provider_of
from .state import Json, Place
from .wire import listing, results_route, route

_ITEMS = f"{ids.CONTAINER}/replicationMigrationItems"
_ITEM = f"{_ITEMS}/{{item}}"
_POINTS = f"{_ITEM}/migrationRecoveryPoints"


def _place(call: Call) -> Place:
    vault, fabric, container = container_of(call)
    return Place(vault, fabric, container, found(container.migrations, call.params["item"]))


def _get(call: Call) -> Reply:
    return Reply(200, migration_json(_place(call)))


def _list_container(call: Call) -> Reply:
    vault, fabric, container = container_of(call)
    return _page(call, [Place(vault, fabric, container, item) for item in container.migrations.values()])


def _list_vault(call: Call) -> Reply:
    return _page(call, list(vault_of(call).migrations()))


def _page(call: Call, places: list[Place]) -> Reply:
    size, start = call.world.settings.page_size, int(call.query.get("skiptoken") or 0)
    more = {"skipToken": str(start + size)} if start + size < len(places) else {}
    return listing(call, [migration_json(place, full=False) for place in places[start : start + size]], more)


def _enable(call: Call) -> Reply:
    vault, fabric, container = container_of(call)
    kind = str((call.properties().get("providerSpecificDetails") or {}).get("instanceType") or "")
    if kind != "VMwareCbt":
        raise bad_request(f"A migration item of instanceType '{kind}' is not supported.")
    if call.params["item"].lower() in container.migrations:
        name = call.params["item"]
        raise refused("MigrationItemAlreadyExists", f"The migration item '{name}' already exists.", status=409)
    item = provider_of(kind).new_item(call, vault, fabric, container)
    place = Place(vault, fabric, container, item)
    if any(other.item.machine.key == item.machine.key for other in vault.replicas()):
        raise refused("MachineAlreadyProtected", f"The machine '{item.machine.name}' is already protected.", status=409)
    container.migrations[item.name.lower()] = item

    def finish(state: str) -> None:
        item.scenario = None
        if state == "Succeeded":
            replica_disks.make(place)
            replication.begin_copy(place)
        else:
            item.state = "enabling-failed"

    return _job(call, place, "EnableMigration", "EnableMigration", finish)


def _job(call: Call, place: Place, scenario: str, shown: str, finish: jobs.Finish) -> Reply:
    order = jobs.Order(
        scenario,
        call.activity_id,
        place.item.internal_id,
        place.item.machine.name,
        "ProtectionEntity",
        finish,
        known_as=(place.id, place.item.name),
        details=partial(_details, place),
        result=partial(_result, place),
    )
    job = jobs.start(place.vault, order)
    job.extra = {"shown": shown, "provider": place.item.provider}
    place.item.scenario = job
    named = scenario != "DisableMigration"  # recorded: that call does not name its job
    return jobs.reply(call, place.vault, job, place.id, names_job=named)


def _details(place: Place, _: Job) -> Json:
    return {"instanceType": "AsrJobDetails", "affectedObjectDetails": affected(place)}


def _result(place: Place) -> Json | None:
    kept = place.container.migrations.get(place.item.name.lower())
    return migration_json(place) if kept is place.item else None


def _act(name: str) -> Handler:
    def handler(call: Call) -> Reply:
        place = _place(call)
        gate(place, MIGRATION_ACTIONS[name].gate)
        sent = (call.body or {}).get("properties") or {} if isinstance(call.body, dict) else {}
        inputs = {**sent, **(sent.get("providerSpecificDetails") or {})}
        if inputs.get("recoveryPointId"):
            choose_point(place, inputs)
        then = partial(_resumed, place, inputs) if name == "resumeReplication" else jobs.ignore
        job = start_action(place, name, call.activity_id, inputs, then=then)
        return jobs.reply(call, place.vault, job, place.id)

    return handler


def _resumed(place: Place, inputs: Json, state: str) -> None:
    """Complete a resumption by a job of its own, minutes later (recorded)."""
    item, world = place.item, place.vault.world
    if state != "Succeeded":
        item.state = "migrated" if item.failed_over_at else "suspended"
        return
    if str(inputs.get("deleteMigrationResources")).lower() == "true" and item.vm:
        world.vms.delete(item.vm)
        item.vm = ""
    item.failed_over_at = None

    def completed(_: str) -> None:
        if item.state == "resume-initiated":
            item.state, item.points_until = "protected", world.now

    def complete() -> None:
        order = jobs.Order(
            "CompleteResume",
            item.activity,
            item.internal_id,
            item.machine.name,
            "ProtectionEntity",
            completed,
            known_as=(place.id, item.name),
        )
        jobs.start(place.vault, order)

    world.timeline.after(world.durations.of("resume.completion"), complete)


def _update(call: Call) -> Reply:
    place = _place(call)
    gate(place, "")
    provider_of(place.item.provider).update(place.item, call.properties())
    job = start_action(place, "updateMigration", call.activity_id, {})
    return jobs.reply(call, place.vault, job, place.id)


def _delete(call: Call) -> Reply:
    """Stop replication; `deleteOption=force` does so in any state (assumed), what was migrated stays."""
    _, _, container = container_of(call)
    if call.params["item"].lower() not in container.migrations:
        return Reply(204)
    place = _place(call)
    item, force = place.item, call.query.get("deleteoption", "").lower() == "force"
    if not force:
        gate(place, STOP)
    elif item.scenario is not None and item.scenario.running:
        jobs.cancel(place.vault, item.scenario)
    replication.catch_up(place)
    item.state, item.test = "disabling", "none"

    def finish(state: str) -> None:
        item.scenario = None
        if state == "Succeeded":
            replica_disks.drop(place)
            container.migrations.pop(item.name.lower(), None)
        else:
            item.state = "disabling-failed"

    return _job(call, place, "DisableMigration", "DisableMigration", finish)


def _points(call: Call) -> Reply:
    place = _place(call)
    return listing(call, [_point_json(place, point.id) for point in reversed(replication.catch_up(place))])


def _point(call: Call) -> Reply:
    return Reply(200, _point_json(_place(call), call.params["point"]))


def _point_json(place: Place, name: str) -> Json:
    point = next((each for each in replication.catch_up(place) if each.id == name.lower()), None)
    if point is None:
        raise bad_request(f"The recovery point '{name}' was not found.", "RecoveryPointNotFound")
    properties = {"recoveryPointTime": stamp(point.at), "recoveryPointType": point.kind}
    own = f"{place.id}/migrationRecoveryPoints/{point.id}"
    kind = f"{ids.MIGRATION_TYPE}/migrationRecoveryPoints"
    return {"id": own, "name": point.id, "type": kind, "properties": properties}


ROUTES: tuple[Route, ...] = (
    route("GET", f"{ids.VAULT}/replicationMigrationItems", _list_vault),
    route("GET", _ITEMS, _list_container),
    route("GET", _ITEM, _get),
    route("PUT", _ITEM, _enable),
    route("PATCH", _ITEM, _update),
    route("DELETE", _ITEM, _delete),
    *(route("POST", f"{_ITEM}/{name}", _act(name)) for name in MIGRATION_ACTIONS if name != "updateMigration"),
    route("GET", _POINTS, _points),
    route("GET", f"{_POINTS}/{{point}}", _point),
    results_route(_ITEM),
)
