"""The control calls by which a world gets Azure VMs of its own, and by which they change."""

from typing import Any

from ...provider import ControlCall, ControlRoute
from ...world import World
from .compute import compute_of
from .guests import Guest, greeting
from .listeners import Listeners
from .source_documents import keep_documents
from .source_vm import SourceVm


def sources_of(world: World) -> dict[str, SourceVm]:
    """Return the VMs that the world was told of, by lower-case id."""
    found: dict[str, SourceVm] = world.services.setdefault("source-vms", {})
    return found


def keep(world: World, vm: SourceVm) -> None:
    """Make a VM, or change it: documents, inside, and what replication knows of it."""
    keep_documents(world, vm)
    sources_of(world)[vm.id.lower()] = vm
    world.tell_machine(vm.machine())
    guests = compute_of(world).guests
    guest = guests.get(vm.id.lower())
    if guest is None:
        guest = guests[vm.id.lower()] = _guest(world, vm)
    guest.boot = "ok" if vm.agent_ready else "agent-not-ready"
    if guest.power != vm.power:
        guest.start(world) if vm.power == "running" else guest.stop(world, vm.power)


def _guest(world: World, vm: SourceVm) -> Guest:
    """Return what runs in a VM since long: nothing of it listens here, its address belongs to nobody."""
    running = vm.power == "running"
    return Guest(
        vm_id=vm.id,
        name=vm.name,
        os_type=vm.os_type,
        os_name=vm.os_name,
        hostname=vm.name,
        boot="ok",
        boot_seconds=vm.boot_seconds,
        boot_log="",
        ports=(),
        listeners=Listeners(vm.nics[0].ip, greeting(vm.name)),
        power=vm.power,
        since=world.now,
        up=running,
    )


def _add(call: ControlCall) -> Any:
    machines = [SourceVm.model_validate(each) for each in (call.body if isinstance(call.body, list) else [call.body])]
    for vm in machines:
        keep(call.world, vm)
    return {"added": [vm.id for vm in machines]}


def _list(call: ControlCall) -> Any:
    return {"vms": [{"id": vm.id, **vm.model_dump(by_alias=True)} for vm in sources_of(call.world).values()]}


def _change(call: ControlCall) -> Any:
    """Change the VM of a name; `?id=` names it where several have that name."""
    wanted, name = call.query.get("id", "").lower(), call.params["name"].lower()
    found = [vm for vm in sources_of(call.world).values() if vm.name.lower() == name and wanted in ("", vm.id.lower())]
    if not found:
        raise KeyError(call.params["name"])
    if len(found) > 1:
        raise ValueError(f"several VMs are called '{call.params['name']}': say which by ?id=")
    power = compute_of(call.world).guest(found[0].id).power
    now = {"power": power} if power in ("running", "stopped", "deallocated") else {}
    changed = SourceVm.model_validate({**found[0].model_dump(by_alias=True), **now, **call.body})
    if changed.id != found[0].id:
        raise ValueError("a VM cannot change its name, group or subscription")
    keep(call.world, changed)
    return changed.model_dump(by_alias=True)


CONTROL: tuple[ControlRoute, ...] = (
    ControlRoute("GET", "/control/azure-vms", _list),
    ControlRoute("POST", "/control/azure-vms", _add),
    ControlRoute("PATCH", "/control/azure-vms/{name}", _change),
)
