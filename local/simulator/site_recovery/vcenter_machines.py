"""The machines that a configuration server can protect: those added by address, and those of its vCenter servers."""

from ..world import World
from .ids import guid
from .state import Container, Fabric, Protectable

DISCOVERED = (
    "Completed"  # unknown: what a vCenter's discovery is called once it is through; before it is Pending (documented)
)


def protectables_of(world: World, fabric: Fabric, container: Container) -> dict[str, Protectable]:
    """Return them by id; a machine of a vCenter is there once that was read."""
    names = {
        str(each["properties"][key]).lower()
        for each in fabric.vcenters.values()
        if each["properties"]["discoveryStatus"] == DISCOVERED
        for key in ("friendlyName", "ipAddress")
    }
    found = dict(container.protectables)
    for machine in world.machines.values():
        if machine.vcenter and machine.vcenter.lower() in names:
            own = guid(fabric.internal_id, machine.name, "vm")
            found[own] = Protectable(own, machine.name, machine.ip, machine.os_type)
    return found
