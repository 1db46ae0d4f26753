"""Virtual machines in Azure: how they are, and their power.

| operation | role action |
| --- | --- |
| get_vm, power_of | Microsoft.Compute/virtualMachines/read, …/virtualMachines/instanceView/read |
| list_vms | Microsoft.Compute/virtualMachines/read |
| deallocate, start, delete_vm | …/virtualMachines/deallocate/action, …/start/action, …/delete |
| keep_parts | …/virtualMachines/write |
"""

from typing import Any, Final

from pydantic import Field

from shared.azure import clients
from shared.azure.arm import AcceptedWrite, list_json, submit, submit_delete
from shared.azure.arm_id import ArmId, parse
from shared.azure.refusals import asking, found
from shared.models import Model
from shared.site_recovery.wire import Moment

CARDS = "networkInterfaces"
API_VERSION: Final = "2026-04-01"  # as the SDK asks


class Vm(Model):
    """A virtual machine with its instance view."""

    id: str
    name: str
    location: str
    vm_id: str = Field(default="", description="the GUID that the guest sees")
    size: str = ""
    provisioning_state: str = ""
    power: str = Field(default="", description="running, starting, stopping, stopped, deallocating, deallocated")
    agent_ready: bool = False
    agent_message: str = ""
    os_type: str = ""
    os_name: str = ""
    nic_ids: tuple[str, ...] = Field(default=(), description="the primary card first")
    disk_ids: tuple[str, ...] = Field(default=(), description="the OS disk first")
    tags: dict[str, str] = Field(default_factory=dict)
    zone: str = ""
    availability_set_id: str = ""
    created: Moment | None = None
    goes_along: tuple[str, ...] = Field(default=(), description="disks and cards that Azure deletes together with it")


def _vms(at: ArmId) -> Any:
    return clients.compute(at.subscription).virtual_machines


def get_vm(vm_id: str) -> Vm | None:
    """Give the VM with its instance view, or None when it does not exist."""
    at = parse(vm_id)
    return found(f"reading VM {at.name}", lambda: _vm(_vms(at).get(at.group, at.name, expand="instanceView").as_dict()))


def list_vms(subscription: str, group: str) -> tuple[Vm, ...]:
    """Give the VMs of a resource group, without instance views."""
    place = vm_id(subscription, group, "").rstrip("/")
    return tuple(map(_vm, list_json(f"listing the VMs of {group}", subscription, f"{place}?api-version={API_VERSION}")))


def vm_id(subscription: str, group: str, name: str) -> str:
    """Give a VM's ARM id."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}"


def start(vm: Vm, request: str) -> AcceptedWrite:
    """Start a VM unless it runs or starts already."""
    if vm.power in ("running", "starting"):
        return AcceptedWrite()
    at = parse(vm.id)
    return submit(f"starting VM {at.name}", request, _vms(at).begin_start, at.group, at.name)


def deallocate(vm: Vm, request: str) -> AcceptedWrite:
    """Stop a VM and give its hardware back, unless that is so already."""
    if vm.power in ("deallocated", "deallocating"):
        return AcceptedWrite()
    at = parse(vm.id)
    return submit(f"deallocating VM {at.name}", request, _vms(at).begin_deallocate, at.group, at.name)


def delete_vm(vm: str, request: str) -> AcceptedWrite:
    """Delete a VM by its id; its disks and network cards stay. One that is gone is fine."""
    at = parse(vm)
    return submit_delete(f"deleting VM {at.name}", request, _vms(at).begin_delete, at.group, at.name)


def keep_parts(vm: Vm, request: str) -> AcceptedWrite:
    """Mark the disks and cards of a VM to stay when it is deleted (its documents are sent back with that mark alone changed).

    Not known of the real service: whether cards can be marked while the VM is stopped and not deallocated.
    """
    at = parse(vm.id)
    properties = _document(at)["properties"]
    storage, cards = properties.get("storageProfile") or {}, (properties.get("networkProfile") or {}).get(CARDS) or ()
    changed: dict[str, Any] = {
        "storageProfile": {
            "osDisk": _stays(storage.get("osDisk") or {}),
            "dataDisks": [_stays(each) for each in storage.get("dataDisks") or ()],
        }
    }
    if any(_goes(each.get("properties") or {}) for each in cards):
        kept = [{**each, "properties": _stays(each.get("properties") or {})} for each in cards]
        changed["networkProfile"] = {CARDS: kept}
    body = {"properties": changed}
    return submit(f"keeping the parts of {at.name}", request, _vms(at).begin_update, at.group, at.name, body)


def _document(at: ArmId) -> dict[str, Any]:
    with asking(f"reading VM {at.name}"):
        raw: dict[str, Any] = _vms(at).get(at.group, at.name).as_dict()
    return raw


def _stays(part: dict[str, Any]) -> dict[str, Any]:
    return {**part, "deleteOption": "Detach"}


def _goes(part: dict[str, Any]) -> bool:
    return str(part.get("deleteOption") or "").lower() == "delete"


def _vm(raw: dict[str, Any]) -> Vm:
    properties = raw.get("properties") or {}
    view = properties.get("instanceView") or {}
    storage = properties.get("storageProfile") or {}
    os_disk = storage.get("osDisk") or {}
    agent = (view.get("vmAgent") or {}).get("statuses") or []
    return Vm(
        id=raw["id"],
        name=raw["name"],
        location=raw.get("location") or "",
        vm_id=properties.get("vmId") or "",
        size=(properties.get("hardwareProfile") or {}).get("vmSize") or "",
        provisioning_state=properties.get("provisioningState") or "",
        power=_status(view.get("statuses") or [], "PowerState/"),
        agent_ready=any(each.get("displayStatus") == "Ready" for each in agent),
        agent_message=next((each.get("message") or "" for each in agent), ""),
        os_type=os_disk.get("osType") or "",
        os_name=view.get("osName") or "",
        nic_ids=_cards((properties.get("networkProfile") or {}).get(CARDS) or []),
        disk_ids=_disks(os_disk, storage.get("dataDisks") or []),
        tags=raw.get("tags") or {},
        zone=next(iter(raw.get("zones") or ()), ""),
        created=properties.get("timeCreated"),
        goes_along=_going(properties),
        availability_set_id=(properties.get("availabilitySet") or {}).get("id") or "",
    )


def _cards(cards: list[dict[str, Any]]) -> tuple[str, ...]:
    primary_first = sorted(cards, key=lambda card: not (card.get("properties") or {}).get("primary"))
    return tuple(card["id"] for card in primary_first)


def _going(properties: dict[str, Any]) -> tuple[str, ...]:
    """Give the ids of disks and cards that are marked to be deleted with their VM."""
    storage = properties.get("storageProfile") or {}
    disks = [storage.get("osDisk") or {}, *(storage.get("dataDisks") or ())]
    cards = (properties.get("networkProfile") or {}).get(CARDS) or ()
    going = [str((each.get("managedDisk") or {}).get("id") or "") for each in disks if _goes(each)]
    return tuple(each for each in [*going, *(c["id"] for c in cards if _goes(c.get("properties") or {}))] if each)


def _status(statuses: list[dict[str, Any]], prefix: str) -> str:
    codes = (str(each.get("code") or "") for each in statuses)
    return next((code.removeprefix(prefix) for code in codes if code.startswith(prefix)), "")


def _disks(os_disk: dict[str, Any], data: list[dict[str, Any]]) -> tuple[str, ...]:
    ids = (str((disk.get("managedDisk") or {}).get("id") or "") for disk in (os_disk, *data))
    return tuple(each for each in ids if each)
