"""How a VM's inside is shown: instance view, power states, agent, boot diagnostics."""

from typing import Any

from ...arm import Call
from ...resources import Resource
from .compute import compute_of
from .guests import Guest
from .source_documents import extensions_of

_POWER = {
    "starting": "VM starting",
    "running": "VM running",
    "stopping": "VM stopping",
    "stopped": "VM stopped",
    "deallocating": "VM deallocating",
    "deallocated": "VM deallocated",
}


def show(call: Call, vm: Resource) -> Resource:
    """Return a VM; with `$expand=instanceView` the view lies within it."""
    if call.query.get("$expand", "").lower() != "instanceview":
        return vm
    return {**vm, "properties": {**vm["properties"], "instanceView": instance_view(call, vm)}}


def show_listed(call: Call, vm: Resource) -> Resource:
    """Return a VM of a listing; `statusOnly=true` and `$expand=instanceView` put the view within it."""
    if call.query.get("statusonly", "").lower() != "true":
        return show(call, vm)
    return {**vm, "properties": {**vm["properties"], "instanceView": instance_view(call, vm)}}


# What Windows says of itself (documented by Microsoft); of other systems the name ends in their version.
_BUILDS = {"2012 R2": "6.3.9600", "2016": "10.0.14393", "2019": "10.0.17763", "2022": "10.0.20348"}


def _version(os_name: str) -> str:
    return next((build for year, build in _BUILDS.items() if f"Server {year}" in os_name), os_name.rpartition(" ")[2])


def instance_view(call: Call, vm: Resource) -> dict[str, Any]:
    """Return the instance view; a VM that does not run shows no agent and no operating system."""
    guest = compute_of(call.world).guests.get(vm["id"].lower())
    if guest is None:
        return {"statuses": [_status("ProvisioningState/succeeded", "Provisioning succeeded", call)]}
    view: dict[str, Any] = {"hyperVGeneration": _generation(call, vm), "disks": _disks(call, vm)}
    if guest.agent_ready:
        view |= {"computerName": guest.hostname, "osName": guest.os_name, "osVersion": _version(guest.os_name)}
    if guest.power == "running":
        view["vmAgent"] = _agent(call, guest, extensions_of(call.world, vm["id"]))
    if _is_recorded(vm):  # recorded: absent unless it is on
        compute = compute_of(call.world)
        view["bootDiagnostics"] = {
            "consoleScreenshotBlobUri": compute.blob_url(guest, "screenshot.bmp"),
            "serialConsoleLogBlobUri": compute.blob_url(guest, "serialconsole.log"),
        }
    view["statuses"] = [
        _status("ProvisioningState/succeeded", "Provisioning succeeded", call),
        {"code": f"PowerState/{guest.power}", "level": "Info", "displayStatus": _POWER[guest.power]},
    ]
    return view


def _is_recorded(vm: Resource) -> bool:
    """Tell whether the VM's console is recorded."""
    profile = vm["properties"].get("diagnosticsProfile") or {}
    return bool((profile.get("bootDiagnostics") or {}).get("enabled"))


def _generation(call: Call, vm: Resource) -> str:
    """Return the generation of the disk that it boots from; one of a machine from elsewhere says none: as that booted."""
    system = (vm["properties"].get("storageProfile") or {}).get("osDisk") or {}
    disk = call.world.resources.get(str((system.get("managedDisk") or {}).get("id") or "")) or {"properties": {}}
    machine = call.world.azure_machines.get(vm["id"].lower())
    booted = "V2" if machine and machine.firmware == "UEFI" else "V1"
    return str(disk["properties"].get("hyperVGeneration") or booted)


def _disks(call: Call, vm: Resource) -> list[dict[str, Any]]:
    profile = vm["properties"].get("storageProfile", {})
    disks = [each for each in (profile.get("osDisk"), *profile.get("dataDisks", ())) if each]
    return [
        {"name": each["name"], "statuses": [_status("ProvisioningState/succeeded", "Ready", call)]} for each in disks
    ]


def _agent(call: Call, guest: Guest, extensions: list[Resource]) -> dict[str, Any]:
    if guest.agent_ready:
        text = "GuestAgent is running and processing the extensions."
        status = {**_status("ProvisioningState/succeeded", "Ready", call), "message": text}
        version = "2.7.41491.1176" if guest.os_type == "Windows" else "2.14.0.1"
        handlers = [_handler(each, call) for each in extensions]
        return {"vmAgentVersion": version, "extensionHandlers": handlers, "statuses": [status]}
    text = "VM status blob is found but not yet populated."
    status = {**_status("ProvisioningState/Unavailable", "Not Ready", call), "level": "Warning", "message": text}
    return {"vmAgentVersion": "Unknown", "extensionHandlers": [], "statuses": [status]}


def _handler(extension: Resource, call: Call) -> dict[str, Any]:
    about = extension["properties"]
    ready = about["provisioningState"] == "Succeeded"
    status = _status("ProvisioningState/succeeded" if ready else "ProvisioningState/failed", "Ready", call)
    kind = f"{about['publisher']}.{about['type']}"
    return {"type": kind, "typeHandlerVersion": about.get("typeHandlerVersion", "1.0"), "status": status}


def _status(code: str, shown: str, call: Call) -> dict[str, Any]:
    return {"code": code, "level": "Info", "displayStatus": shown, "time": call.now.isoformat()}
