"""Registers Microsoft.Compute with the simulator."""

from typing import Any

from pydantic import TypeAdapter

from ...arm import Call, Reply, Route
from ...errors import bad_request
from ...provider import ControlCall, ControlRoute, Provider
from ...world import World
from .. import lro
from ..groups import LOCATIONS
from ..kinds import delete, get, listed, listed_everywhere, put, retag
from . import actions, managed_commands, placement, run_command, source_control
from .compute import DISK, AzureVms, Compute, compute_of
from .guests import Outcome
from .managed_commands import COMMAND
from .quota import VM, quota_of, usages_json
from .sizes import SIZES, size_json, sku_json
from .source_documents import EXTENSION
from .views import instance_view, show, show_listed

_LOCATION = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}"
_SKUS = "/subscriptions/{subscription}/providers/Microsoft.Compute/skus"
_SECONDS = {
    "vm.start": 25,
    "vm.restart": 15,
    "vm.stop": 20,
    "vm.deallocate": 40,
    "vm.delete": 45,
    "vm.update": 3,
    "vm.agent-timeout": 1200,
    "vm.command-start": 5,
    "vm.command-removal": 5,
    "vm.script": 20,
}
_OUTCOMES = TypeAdapter(list[Outcome])


def _setup(world: World) -> None:
    compute = Compute(world)
    world.services["compute"] = compute
    world.vms = AzureVms(compute)
    world.delete_watchers.append(compute.forget)
    world.closers.append(compute.close)
    world.machine_watchers.append(compute.switch)
    for name, seconds in _SECONDS.items():
        world.durations.seconds.setdefault(name, seconds)


def _sizes(call: Call) -> Reply:
    quota, location = quota_of(call.world), call.params["location"]
    return Reply(200, {"value": [size_json(size) for key, size in SIZES.items() if quota.sold(location, key)]})


def _vm_sizes(call: Call) -> Reply:
    """Answer the sizes that a VM could be changed to, those of its region."""
    quota, location = quota_of(call.world), VM.stored(call)["location"]
    return Reply(200, {"value": [size_json(size) for key, size in SIZES.items() if quota.sold(location, key)]})


def _skus(call: Call) -> Reply:
    """Answer the sizes of the region that the filter names, of every region without one."""
    wanted = call.query.get("$filter", "").partition("eq")[2].strip(" '\"").lower()
    quota = quota_of(call.world)
    rows = [
        sku_json(size, location, restricted=(location, key) in quota.restricted, closed=quota.zones(location, key))
        for location in ([wanted] if wanted else LOCATIONS)
        for key, size in SIZES.items()
        if quota.sold(location, key)
    ]
    return Reply(200, {"value": rows})


def _usages(call: Call) -> Reply:
    scope = f"/subscriptions/{call.params['subscription']}"
    return Reply(200, {"value": usages_json(call.world, scope, call.params["location"])})


def _refuse_attached(_: Call, disk: dict[str, Any]) -> None:
    if user := disk.get("managedBy"):
        raise bad_request(f"Disk {disk['name']} is attached to VM {user}.", "OperationNotAllowed")


def _view(call: Call) -> Reply:
    return Reply(200, instance_view(call, VM.stored(call)))


def _tell_outcomes(call: ControlCall) -> Any:
    outcomes = _OUTCOMES.validate_python(call.body if isinstance(call.body, list) else [call.body])
    compute_of(call.world).outcomes.extend(outcomes)
    return {"outcomes": len(compute_of(call.world).outcomes)}


def _forget_outcomes(call: ControlCall) -> Any:
    compute_of(call.world).outcomes.clear()
    return {}


def _change_quota(call: ControlCall) -> Any:
    for row in call.body if isinstance(call.body, list) else [call.body]:
        quota_of(call.world).change(row["location"], row.get("name", ""), row.get("limit"), row.get("used"))
        for size in row.get("restrictedSizes", ()):
            quota_of(call.world).restricted.add((row["location"].lower(), size.lower()))
        for size, zones in (row.get("closedZones") or {}).items():
            quota_of(call.world).closed_zones[row["location"].lower(), size.lower()] = frozenset(zones)
        for size in row.get("missingSizes", ()):
            quota_of(call.world).missing.add((row["location"].lower(), size.lower()))
    return {}


def _vm(call: ControlCall) -> Any:
    guest = compute_of(call.world).by_name(call.params["name"])
    listeners = guest.listeners
    shown = {"id": guest.vm_id, "power": guest.power, "up": guest.up, "boot": guest.boot, "address": listeners.address}
    return {**shown, "ports": listeners.ports, "refused": {str(port): why for port, why in listeners.refused.items()}}


COMPUTE = Provider(
    "Microsoft.Compute",
    routes=(
        get(VM, show),
        listed(VM, show_listed),
        listed_everywhere(VM, show_listed),
        Route("PATCH", VM.template, actions.change),
        Route("DELETE", VM.template, actions.delete),
        Route("GET", f"{VM.template}/instanceView", _view),
        Route("GET", f"{VM.template}/vmSizes", _vm_sizes),
        get(EXTENSION),
        listed(EXTENSION),
        delete(EXTENSION),
        Route("POST", f"{VM.template}/start", actions.start),
        Route("POST", f"{VM.template}/restart", actions.restart),
        Route("POST", f"{VM.template}/powerOff", actions.power_off),
        Route("POST", f"{VM.template}/deallocate", actions.deallocate),
        Route("POST", f"{VM.template}/retrieveBootDiagnosticsData", actions.diagnostics),
        Route("POST", f"{VM.template}/runCommand", run_command.run),
        get(COMMAND, managed_commands.show),
        listed(COMMAND, managed_commands.show),
        Route("PUT", COMMAND.template, managed_commands.put),
        Route("DELETE", COMMAND.template, managed_commands.remove),
        get(DISK),
        listed(DISK),
        listed_everywhere(DISK),
        put(DISK),
        retag(DISK),
        delete(DISK, _refuse_attached),
        *placement.routes(),
        Route("GET", f"{_LOCATION}/vmSizes", _sizes),
        Route("GET", f"{_LOCATION}/usages", _usages),
        Route("GET", _SKUS, _skus),
        *lro.routes("Microsoft.Compute"),
    ),
    control=(
        *source_control.CONTROL,
        ControlRoute("POST", "/control/outcomes", _tell_outcomes),
        ControlRoute("DELETE", "/control/outcomes", _forget_outcomes),
        ControlRoute("POST", "/control/quotas", _change_quota),
        ControlRoute("GET", "/control/vms/{name}", _vm),
    ),
    setup=_setup,
)
