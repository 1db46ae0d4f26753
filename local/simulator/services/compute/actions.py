"""What is done to a VM: power, deletion, boot diagnostics, changes."""

from collections.abc import Callable

from ...arm import Call, Reply
from ...errors import ArmError
from ...resources import Resource
from .. import lro
from .compute import DISK, compute_of
from .guests import Guest, Power
from .quota import VM


def _begin(call: Call, name: str, passing: Power, work: Callable[[Guest], None]) -> Reply:
    vm = VM.stored(call)
    guest = compute_of(call.world).guest(vm["id"])
    guest.power = passing
    return lro.started(call, VM.provider, vm["location"], call.world.durations.of(name), lambda _: work(guest))


def start(call: Call) -> Reply:
    """Start a VM; one that runs stays as it is."""
    vm = VM.stored(call)
    guest = compute_of(call.world).guest(vm["id"])
    if guest.power == "running":
        return lro.started(call, VM.provider, vm["location"], 1)
    return _begin(call, "vm.start", "starting", lambda machine: machine.start(call.world))


def restart(call: Call) -> Reply:
    """Restart a VM that runs."""
    vm = VM.stored(call)
    guest = compute_of(call.world).guest(vm["id"])
    if guest.power != "running":
        raise ArmError(409, "OperationNotAllowed", "Operation 'restart' is not allowed on a VM that is not running.")
    guest.stop(call.world, "running")
    return _begin(call, "vm.restart", "running", lambda machine: machine.start(call.world))


def power_off(call: Call) -> Reply:
    """Stop a VM that keeps its hardware."""
    return _stop(call, "vm.stop", "stopping", "stopped")


def deallocate(call: Call) -> Reply:
    """Stop a VM and give its hardware back."""
    return _stop(call, "vm.deallocate", "deallocating", "deallocated")


def _stop(call: Call, name: str, passing: Power, last: Power) -> Reply:
    vm = VM.stored(call)
    compute_of(call.world).guest(vm["id"]).stop(call.world, passing)
    return _begin(call, name, passing, lambda machine: machine.stop(call.world, last))


def delete(call: Call) -> Reply:
    """Delete a VM; disks and NICs stay, no longer attached, but for those whose deleteOption is Delete (documented)."""
    vm = call.world.resources.get(VM.id(call.params))
    if vm is None:
        return Reply(204)
    vm["properties"]["provisioningState"] = "Deleting"
    compute_of(call.world).guest(vm["id"]).stop(call.world, "stopping")
    seconds = call.world.durations.of("vm.delete")
    _, headers = lro.begin(call, VM.provider, vm["location"], seconds, lambda _: _gone(call, vm))
    # recorded of newer versions
    return Reply(202, headers={**headers, "Azure-AsyncNotification": "Enabled"}, effect="deletes a virtual machine")


def _gone(call: Call, vm: Resource) -> None:
    resources = call.world.resources
    for part in _going(vm):
        call.world.delete_resource(part)
    for nic in (resources.get(each["id"]) for each in vm["properties"]["networkProfile"]["networkInterfaces"]):
        if nic:
            nic["properties"].pop("virtualMachine", None)
    for disk in resources.under("/subscriptions", DISK.name):
        if disk.get("managedBy", "").lower() == vm["id"].lower():
            del disk["managedBy"]
            disk["properties"]["diskState"] = "Unattached"
    call.world.delete_resource(vm["id"])


def _going(vm: Resource) -> list[str]:
    """Return the ids of what goes together with a VM."""
    storage = vm["properties"].get("storageProfile") or {}
    disks = [each for each in (storage.get("osDisk"), *(storage.get("dataDisks") or ())) if each]
    cards = vm["properties"]["networkProfile"]["networkInterfaces"]
    marked = [each["managedDisk"] for each in disks if each.get("deleteOption") == "Delete" and each.get("managedDisk")]
    marked += [each for each in cards if (each.get("properties") or {}).get("deleteOption") == "Delete"]
    return [str(each["id"]) for each in marked]


def diagnostics(call: Call) -> Reply:
    """Answer where the console's text and picture are read."""
    compute = compute_of(call.world)
    guest = compute.guest(VM.stored(call)["id"])
    screen, log = compute.blob_url(guest, "screenshot.bmp"), compute.blob_url(guest, "serialconsole.log")
    return Reply(200, {"consoleScreenshotBlobUri": screen, "serialConsoleLogBlobUri": log})


def change(call: Call) -> Reply:
    """Change tags, the deleteOption of disks, and NICs; NICs only while the VM is deallocated, and one stays (documented)."""
    vm, body = VM.stored(call), call.json_object()
    profile = body.get("properties", {}).get("networkProfile")
    if profile is not None:
        _rewire(call, vm, [str(each["id"]) for each in profile.get("networkInterfaces") or ()])
        vm["properties"]["networkProfile"] = profile
    vm["properties"]["storageProfile"].update(body.get("properties", {}).get("storageProfile") or {})
    vm["tags"] = body.get("tags", vm.get("tags", {}))
    # recorded: answered with the VM, which is Updating, and with the operation's status only
    _, headers = lro.begin(call, VM.provider, vm["location"], call.world.durations.of("vm.update"))
    headers.pop("Location")
    shown = {**vm, "properties": {**vm["properties"], "provisioningState": "Updating"}}
    return Reply(200, shown, headers, "changed virtualMachines")


def _rewire(call: Call, vm: Resource, wanted: list[str]) -> None:
    resources = call.world.resources
    if compute_of(call.world).guest(vm["id"]).power != "deallocated":
        raise ArmError(409, "OperationNotAllowed", "Network interfaces change only while the VM is deallocated.")
    if not wanted:  # unknown: the code; assumed
        raise ArmError(
            400, "InvalidParameter", f"Virtual machine {vm['name']} must have at least one network interface."
        )
    if missing := [each for each in wanted if resources.get(each) is None]:
        raise ArmError(
            400, "InvalidResourceReference", f"Resource {missing[0]} referenced by {vm['id']} was not found."
        )
    for card in vm["properties"]["networkProfile"]["networkInterfaces"]:
        (resources.get(card["id"]) or {"properties": {}})["properties"].pop("virtualMachine", None)
    for each in wanted:
        (resources.get(each) or {"properties": {}})["properties"]["virtualMachine"] = {"id": vm["id"]}
