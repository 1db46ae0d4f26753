"""Turning replication round: after a failover the machine is replicated from where it runs now to where it came from."""

from functools import partial

from ..arm import Call, Reply, Route
from ..errors import ArmError, bad_request
from . import ids, jobs, replication
from .azure_fabric import location_of
from .containers import container_json
from .item_actions import gate
from .item_json import job_details
from .lookup import container_of
from .refusals import found
from .sides import container_by_id
from .state import Container, Fabric, Json, Place, container_id
from .wire import route

_SETTINGS = (
    "recoveryResourceGroupId",
    "recoveryCloudServiceId",
    "recoveryAvailabilitySetId",
    "recoveryAvailabilityZone",
    "recoveryProximityPlacementGroupId",
    "vmManagedDisks",
)


def _switch(call: Call) -> Reply:
    """Answer the call on the container that the item lies in (recorded: lower-case, on the original container)."""
    vault, fabric, container = container_of(call)
    sent = call.properties()
    inputs = sent.get("providerSpecificDetails") or {}
    name = str(sent.get("replicationProtectedItemName") or "")
    place = Place(vault, fabric, container, found(container.items, name))
    gate(place, "SwitchProtection")
    target = _target(place, inputs)
    item = place.item

    def finish(state: str) -> None:
        if item.scenario is job:
            item.scenario = None
        if state == "Succeeded":
            _turn(place, target, inputs)

    order = jobs.Order(
        "SwitchProtection",
        call.activity_id,
        item.internal_id,
        item.machine.name,
        "ProtectionEntity",
        finish,
        known_as=(place.id, item.name),
        details=lambda each: job_details(place, "SwitchProtection", each),
        result=partial(container_json, vault, fabric, container),
    )
    job = jobs.start(vault, order)
    job.extra = {"shown": "SwitchProtection", "provider": item.provider}
    item.scenario = job
    return jobs.reply(call, vault, job, container_id(vault, fabric, container))


def _target(place: Place, inputs: Json) -> tuple[Fabric, Container]:
    """Return the container where the item will lie: that of its recovery region; raise ARM's 400 for wrong input."""
    vault = place.vault
    if inputs.get("instanceType") != "A2A" or place.item.provider != "A2A":
        raise bad_request("Only an A2A item's protection can be switched.")
    for key in ("recoveryContainerId", "policyId", "recoveryResourceGroupId"):
        if not inputs.get(key):
            raise bad_request(f"The required properties are missing: {key}.")
    home = container_id(vault, place.fabric, place.container)
    recovery = container_by_id(vault, place.item.recovery)
    policy = vault.policy(str(inputs["policyId"]))
    if recovery is None or str(inputs["recoveryContainerId"]).lower() != home.lower():
        raise bad_request(f"The recovery container of the way back must be '{home}'.")
    if not any(
        each.target.lower() == home.lower() and each.policy == policy.name for each in recovery[1].mappings.values()
    ):
        raise bad_request(f"The container '{recovery[1].name}' is not paired with '{home}' by this policy.")
    if not inputs.get("vmManagedDisks"):
        raise ArmError(400, "VMDisksMissing", "Managed disk details not provided.")
    return recovery


def _turn(place: Place, recovery: tuple[Fabric, Container], inputs: Json) -> None:
    """Move the item to the other fabric's path and copy what changed (recorded: active location Primary again)."""
    item, vault = place.item, place.vault
    fabric, container = recovery
    machine = vault.world.azure_machines.get(item.vm.lower())
    if machine is None:
        return
    ends = {"primary": location_of(place.fabric), "recovery": location_of(fabric), "zone": ""}
    settings = {name: inputs[name] for name in _SETTINGS if inputs.get(name)}
    staging = inputs["vmManagedDisks"][0].get("primaryStagingAzureStorageAccountId")
    cleared = dict.fromkeys(("recoveryAzureNetworkId", "recoverySubnetName", "nics"))
    own = {"fabricObjectId": item.vm, "stagingAccountId": staging, "initial": item.inputs.get("initial") or ends}
    item.inputs = {**{key: value for key, value in item.inputs.items() if key not in cleared}, **settings, **own}
    item.recovery = container_id(vault, place.fabric, place.container)
    item.machine, item.source_on, item.vm = machine, machine.powered_on, ""
    item.policy = vault.policy(str(inputs["policyId"])).name
    item.failed_over_at = item.failover_point = item.protected_at = item.points_until = None
    item.points, item.copied, item.shown_bytes, item.test = [], 0.0, 0.0, "none"
    del place.container.items[item.name.lower()]
    container.items[item.name.lower()] = item
    replication.begin_copy(Place(vault, fabric, container, item))


ROUTES: tuple[Route, ...] = (route("POST", f"{ids.CONTAINER}/switchprotection", _switch),)
