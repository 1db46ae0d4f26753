"""Hyper-V sites and VMM servers: what they show of themselves, and which machines they run."""

from collections.abc import Iterator

from ..machines import Disk, SourceMachine
from ..world import World
from . import ids
from .state import Container, Fabric, Json

HOST, VMM = "hyperVHost", "vmmServer"
"""The components that register: a host's provider, a VMM server's provider."""


def custom_details(fabric: Fabric) -> Json:
    """Return the customDetails of a Hyper-V site or a VMM server (recorded shapes)."""
    if fabric.kind == "VMM":
        return {"instanceType": "VMM"}
    hosts = [
        {"id": each.id, "name": each.name, "marsAgentVersion": "2.0.9260.0"}
        for each in fabric.appliances
        if each.healthy
    ]
    return {"instanceType": "HyperVSite", "hyperVHosts": hosts}


def machines_of(world: World, fabric: Fabric, container: Container) -> Iterator[SourceMachine]:
    """Yield the machines of a container: those of the site's hosts, or those that lie in the VMM cloud."""
    hosts = {each.name.lower() for each in fabric.appliances}
    for machine in world.machines.values():
        if fabric.kind == "VMM":
            in_cloud = machine.hyperv and machine.cloud.lower() == container.shown.lower()
        else:
            in_cloud = machine.hyperv.lower() in hosts
        if in_cloud and hosts:
            yield machine


def vm_id(machine: SourceMachine) -> str:
    """Return the id that Hyper-V gave to a machine."""
    return ids.guid(machine.name, "hyper-v")


def vhd_id(machine: SourceMachine, disk: Disk) -> str:
    """Return the id of a machine's virtual hard disk."""
    return ids.guid(vm_id(machine), disk.name)
