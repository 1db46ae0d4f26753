"""Runs an action on an item: the gate, the job, its effects, and the rows it moves through."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ..errors import bad_request
from ..operations import stamp
from ..vms import VmRequest
from . import jobs, replication
from .catalogue import job_error
from .item_json import item_json, job_details
from .job_state import Job
from .migration_json import migration_json
from .migration_states import MIGRATION_ACTIONS
from .refusals import busy, not_allowed
from .registry import provider_of
from .rows import Action
from .state import Json, Place, Point
from .states import ACTIONS, allowed_operations, state_of


def gate(place: Place, operation: str) -> None:
    """Refuse an operation that may not run now: a job runs, or it is not in allowedOperations."""
    item = place.item
    if item.scenario is not None and item.scenario.running:
        raise busy(item.name, item.scenario.scenario, item.scenario.id)
    allowed = allowed_operations(item)
    if operation and operation not in allowed:
        raise not_allowed(operation, item.name, state_of(item).protection, allowed)


def start_action(
    place: Place,
    name: str,
    activity: str,
    inputs: Json,
    only: frozenset[str] | None = None,
    then: Callable[[str], None] = jobs.ignore,
) -> Job:
    """Start the job of an action (its gate is already passed).

    With `only`, just these tasks run (a recovery plan starts the VMs itself, so success does not move the item on).
    `then` hears how it ended, after the item has moved.
    """
    action, item = action_of(name), place.item
    partial_run = only is not None
    effects, skipped = _effects(place, name, inputs, check_only=partial_run)

    def finish(state: str) -> None:
        if item.scenario is job:
            item.scenario = None
        if state != "Succeeded":
            _move(place, action, action.failure)
            _failed(place, name, job)
        elif not partial_run:
            _move(place, action, action.success)
            _succeeded(place, name, job)
            job.extra["made"] = (item.test_vm, item.failover_point)
        then(state)

    order = jobs.Order(
        action.scenario,
        activity,
        item.internal_id,
        item.machine.name,
        "ProtectionEntity",
        finish,
        effects,
        skipped,
        (place.id, item.name),
        lambda each: job_details(place, action.scenario, each),
        lambda: shown(place),
        only,
        tolerated=frozenset({"ShutdownVmOnPrimaryForUFO"}),
        variant=item.provider,
    )

    def again() -> None:
        gate(place, action.gate)
        item.scenario = job
        _move(place, action, action.during)

    job = jobs.start(place.vault, order)
    job.again = None if partial_run else again
    job.extra = {"shown": action.shown, "provider": item.provider, **_extra(place, name, inputs)}
    item.scenario = job
    _move(place, action, action.during)
    return job


def action_of(name: str) -> Action:
    """Return an action on a protected item or on a migration item."""
    return ACTIONS.get(name) or MIGRATION_ACTIONS[name]


def shown(place: Place) -> Json:
    """Return an item as the wire shows it, of whichever kind."""
    return migration_json(place) if place.item.provider == "VMwareCbt" else item_json(place)


def _move(place: Place, action: Action, row: str) -> None:
    if not row:
        return
    replication.catch_up(place)  # what was due before the state changes
    if action.on_test:
        place.item.test = row
    else:
        place.item.state = row


def _succeeded(place: Place, name: str, job: Job) -> None:
    item = place.item
    if name == "testFailover":
        item.tested_at = job.started  # recorded: the moment the job began, here and below
    elif name == "testMigrate":
        item.tested_at, item.test_job, item.test_status = job.started, job, "Succeeded"
    elif name in ("testFailoverCleanup", "testMigrateCleanup"):
        item.failover_point, item.test_job = None, None
    elif name in ("migrate", "unplannedFailover", "plannedFailover"):
        item.failed_over_at = job.started
    elif name in ("repairReplication", "resync"):
        item.resync = False


def _failed(place: Place, name: str, job: Job) -> None:
    """Note a test migration that failed (recorded: its time is told, and the item goes on naming its job)."""
    if name == "testMigrate":
        place.item.tested_at, place.item.test_job, place.item.test_status = job.started, job, "Failed"


def _extra(place: Place, name: str, inputs: Json) -> Json:
    if name in ("testFailover", "testMigrate"):
        network = inputs.get("networkId") or place.item.inputs.get("testNetworkId") or ""
        return {
            "network": str(network).rpartition("/")[2] or None,
            "networkType": inputs.get("networkType"),
            "subnet": place.item.inputs.get("testSubnetName"),
        }
    return {"comments": inputs.get("comments", "")} if name == "testFailoverCleanup" else {}


def _effects(
    place: Place, name: str, inputs: Json, *, check_only: bool
) -> tuple[dict[str, jobs.Effect], frozenset[str]]:
    """Return what the tasks of an action do, and the tasks that are skipped."""
    make = check_vm if check_only else make_vm
    fail_over = partial(make, place, inputs, test=False)
    rows: dict[str, dict[str, jobs.Effect]] = {
        "testFailover": {"PrepareTestProtectedEntitiesTask": partial(make, place, inputs, test=True)},
        "testFailoverCleanup": {"CleanupTestProtectedEntitiesTask": partial(drop_test_vm, place)},
        "applyRecoveryPoint": {"ChangePitTask": partial(make_vm, place, inputs, test=False)},
        "unplannedFailover": {"ShutdownVmOnPrimaryForUFO": partial(shut_down, place), "FailoverTask": fail_over},
        "plannedFailover": {
            "ShutdownVmOnPrimary": partial(shut_down, place),
            "PrepareForFailoverTask": partial(last_sync, place),
            "FailoverTask": fail_over,
        },
        "failoverCancel": {"CancelFailoverTask": partial(undo_failover, place)},
        "testMigrate": {"PrepareTestProtectedEntitiesTask": partial(make, place, inputs, test=True)},
        "testMigrateCleanup": {"CleanupTestProtectedEntitiesTask": partial(drop_test_vm, place)},
        "migrate": {
            "ShutdownVmOnPrimary": partial(shut_down, place),
            "PrepareForFailoverTask": partial(last_sync, place),
            "PrepareProtectedEntitiesTask": fail_over,
        },
        "resync": {"StartResyncTask": partial(resync, place)},
    }
    return rows.get(name, {}), frozenset(_skipped(place, name, inputs))


def _skipped(place: Place, name: str, inputs: Json) -> tuple[str, ...]:
    """Return the tasks that are skipped: the shut-down where the service does none, and what was not asked for."""
    shuts = name in ("unplannedFailover", "migrate") and provider_of(place.item.provider).shuts_down(place, inputs)
    if name == "unplannedFailover":
        return () if shuts else ("ShutdownVmOnPrimaryForUFO",)
    if name != "migrate":
        return ()
    scripts = () if inputs.get("postMigrationSteps") else ("PostMigrationScriptTask",)
    upgrade = () if inputs.get("osUpgradeVersion") else ("PrepareForInPlaceOSUpgradeTask",)
    return (*(() if shuts else ("ShutdownVmOnPrimary",)), *upgrade, *scripts, "PrepareForTVMConversionTask")


def choose_point(place: Place, inputs: Json) -> Point | None:
    """Return the recovery point that a call or a plan's kind asks for; raise ARM's 400 if it is not there."""
    points = replication.catch_up(place)
    wanted = str(inputs.get("recoveryPointId") or "").rpartition("/")[2]
    if wanted:
        found = next((point for point in points if point.id == wanted), None)
        if found is None:
            raise bad_request(f"The recovery point '{wanted}' was not found.", "RecoveryPointNotFound")
        return found
    kind = str(inputs.get("recoveryPointType") or "Latest")
    if kind == "Latest":
        return None
    kept = {"LatestApplicationConsistent": "ApplicationConsistent", "LatestCrashConsistent": "CrashConsistent"}.get(
        kind
    )
    fitting = [point for point in points if kept in (None, point.kind)]
    return fitting[-1] if fitting else None


def make_vm(place: Place, inputs: Json, *, test: bool) -> Json | None:
    """Make the (test) VM from the chosen point; return a job error if Azure or hydration refuses."""
    item, world = place.item, place.vault.world
    item.failover_point = choose_point(place, inputs) or replication.new_point(place)
    old = item.test_vm if test else item.vm
    request = replace(provider_of(item.provider).vm(place, inputs, test=test), replaces=old)
    error = vm_problem(place, request)
    if error is not None:
        return error
    if old:
        world.vms.delete(old)
    made = world.vms.create(request)
    if test:
        item.test_vm = made
    else:
        item.vm = made
    return None


def check_vm(place: Place, inputs: Json, *, test: bool) -> Json | None:
    """Choose the point and return the job error with which the VM cannot be made; make nothing (a plan makes it later)."""
    item = place.item
    item.failover_point = choose_point(place, inputs) or replication.new_point(place)
    return vm_problem(place, provider_of(item.provider).vm(place, inputs, test=test))


def vm_problem(place: Place, request: VmRequest) -> Json | None:
    """Return the job error with which this VM cannot be made, None if it can."""
    world, item = place.vault.world, place.item
    activity = item.scenario.activity if item.scenario else item.activity
    words = {"vm": request.name, "group": request.resource_group_id.rpartition("/")[2]}
    if item.machine.boot == "hydration-fails":
        return job_error("170010", "", activity, stamp(world.now), **words)
    refusal = world.vms.check(request)
    if refusal is None:
        return None
    # a maker may give Azure's own text, or the whole sentence around it
    field = "message" if "Azure error message" in refusal.message else "detail"
    return job_error(refusal.code, "", activity, stamp(world.now), **words, **{field: refusal.message})


def drop_test_vm(place: Place) -> Json | None:
    """Delete the test VM."""
    if place.item.test_vm:
        place.vault.world.vms.delete(place.item.test_vm)
    place.item.test_vm = ""
    return None


def shut_down(place: Place) -> Json | None:
    """Shut the source down (a machine of a vCenter or of a Hyper-V host); return the job error where it cannot be."""
    item, world = place.item, place.vault.world
    if item.machine.shutdown == "fails":
        # unknown: the code of a shut-down that fails; assumed the provider's general one
        activity = item.scenario.activity if item.scenario else item.activity
        words = f"The virtual machine '{item.machine.name}' could not be shut down."
        return job_error("539", "", activity, stamp(world.now), message=words, provider=item.provider)
    if replication.flows(place):  # what was written up to the end arrives: the newest point is this moment's
        replication.add_point(place)
    world.tell_machine(item.machine.model_copy(update={"powered_on": False}))
    return None


def resync(place: Place) -> Json | None:
    """Begin a resynchronisation; one of an item that does not replicate fails (recorded: at once, with Restart)."""
    item = place.item
    if item.state == "protected":
        return None
    activity = item.scenario.activity if item.scenario else item.activity
    return job_error("539", "", activity, stamp(place.vault.world.now), provider=item.provider)


def last_sync(place: Place) -> Json | None:
    """Send what was written up to the shut-down: the failover that follows loses nothing."""
    replication.add_point(place)
    return None


def undo_failover(place: Place) -> Json | None:
    """Delete the VM in Azure; the source stays switched off (unknown: assumed)."""
    if place.item.vm:
        place.vault.world.vms.delete(place.item.vm)
    place.item.vm, place.item.failed_over_at, place.item.failover_point = "", None, None
    return None
