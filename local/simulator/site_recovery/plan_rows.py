"""What a plan's job tells of each of its machines."""

from ..operations import stamp
from .state import Json, Place


def item_row(place: Place, *, test: bool) -> Json:
    """Return a machine's row among protectedItemDetails, in the shape of a job of its own."""
    item = place.item
    point, name = item.failover_point, item.test_vm.rpartition("/")[2] or None if test else None
    return {
        "name": item.internal_id,
        "friendlyName": item.machine.name,
        "testVmName": name,
        "testVmFriendlyName": name,
        "networkConnectionStatus": "Disconnected" if test else None,
        "networkFriendlyName": None,
        "subnet": None,
        "recoveryPointId": point.id if point else None,
        "recoveryPointTime": stamp(point.at) if point else None,
    }
