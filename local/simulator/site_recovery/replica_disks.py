"""The managed disks that hold a copy: there from the first copy on (documented: named asrseeddisk-…, or …-ASRReplica).

They are read and written by a signed address meanwhile (documented), so Azure shows them as ActiveSAS. The end of
replication deletes them (between Azure regions the commit, documented; here the end, too). That some stay has been seen:
unattached, of machines that replicate no more. Why is unknown: here the fault `replica-disks-stay` does it.
"""

from collections.abc import Iterator

from .item_actions import shown
from .state import Json, Place

_LISTS = ("protecteddisks", "protectedmanageddisks", "azurevmdiskdetails")
_REPLICAS = ("seedmanageddiskid", "recoveryreplicadiskid")


def make(place: Place) -> None:
    """Make the disks of a machine whose first copy begins."""
    resources = place.vault.world.resources
    for number, disk_id in enumerate(_ids(place)):
        group = resources.get(disk_id.lower().partition("/providers/")[0])
        disks = place.item.machine.disks
        size = disks[min(number, len(disks) - 1)].size_gb
        properties = {"diskSizeGB": size, "diskState": "ActiveSAS", "provisioningState": "Succeeded"}
        location = group["location"] if group else ""
        resources.put({"id": disk_id, "location": location, "sku": {"name": "Standard_LRS"}, "properties": properties})


def drop(place: Place) -> None:
    """Delete the disks of a machine that replicates no more, or leave them behind."""
    world, item = place.vault.world, place.item
    stay = world.faults.holds("replica-disks-stay", place.id, item.name, item.machine.name)
    for disk_id in _ids(place):
        disk = world.resources.get(disk_id)
        if disk is None:
            continue
        if stay:
            disk["properties"]["diskState"] = "Unattached"
        else:
            world.delete_resource(disk_id)


def _ids(place: Place) -> Iterator[str]:
    details: Json = shown(place)["properties"]["providerSpecificDetails"]
    for name, listed in details.items():
        for disk in listed or () if name.lower() in _LISTS else ():
            lowered = {key.lower(): value for key, value in disk.items()}
            if found := next((str(lowered[key]) for key in _REPLICAS if lowered.get(key)), ""):
                yield found
