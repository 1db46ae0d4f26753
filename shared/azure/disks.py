"""Managed disks that nobody may need any more.

| operation | role action |
| --- | --- |
| get_disk, list_disks | Microsoft.Compute/disks/read |
| delete_disk | Microsoft.Compute/disks/delete |
"""

from typing import Any, Final

from shared.azure import clients
from shared.azure.arm import AcceptedWrite, submit_delete
from shared.azure.arm_id import ArmId, parse
from shared.azure.refusals import asking, found
from shared.models import Model

UNATTACHED: Final = "unattached"


class ManagedDisk(Model):
    """A managed disk, and what uses it."""

    id: str
    name: str = ""
    size_gb: int = 0
    state: str = ""  # Unattached, Attached, Reserved, ActiveSAS, …
    managed_by: str = ""

    @property
    def is_free(self) -> bool:
        """Whether nothing uses it: no VM has it, and nobody was given a way to read or write it."""
        return not self.managed_by and self.state.lower() == UNATTACHED


def get_disk(disk_id: str) -> ManagedDisk | None:
    """Give a disk, or None where there is none."""
    at = parse(disk_id)
    return found(f"reading disk {at.name}", lambda: _disk(_disks(at).get(at.group, at.name).as_dict()))


def list_disks(subscription: str, group: str) -> frozenset[str]:
    """Give the ids of the disks of a resource group, in small letters."""
    with asking(f"listing the disks of {group}"):
        return frozenset(
            str(each.id).lower() for each in clients.compute(subscription).disks.list_by_resource_group(group)
        )


def delete_disk(disk_id: str, request: str) -> AcceptedWrite:
    """Delete a disk; one that is gone is fine."""
    at = parse(disk_id)
    return submit_delete(f"deleting disk {at.name}", request, _disks(at).begin_delete, at.group, at.name)


def _disks(at: ArmId) -> Any:
    return clients.compute(at.subscription).disks


def _disk(raw: dict[str, Any]) -> ManagedDisk:
    properties = raw.get("properties") or {}
    return ManagedDisk(
        id=raw["id"],
        name=raw["name"],
        size_gb=properties.get("diskSizeGB") or 0,
        state=properties.get("diskState") or "",
        managed_by=raw.get("managedBy") or "",
    )
