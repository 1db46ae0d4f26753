"""The seam to compute: Site Recovery asks here for VMs; the compute provider takes it over."""

from dataclasses import dataclass, field
from typing import Protocol

from .machines import SourceMachine
from .resources import Resource, Resources


@dataclass(frozen=True)
class VmDisk:
    """A managed disk to make for a VM."""

    name: str
    size_gb: int
    os_disk: bool
    sku: str
    encryption_set: str = ""


@dataclass(frozen=True)
class VmNic:
    """A network card to make beside the first one; an empty address is dynamic, `more_ips` stand beside it."""

    name: str = ""
    subnet: str = ""
    ip: str = ""
    more_ips: tuple[str, ...] = ()


@dataclass(frozen=True)
class VmRequest:
    """A VM to make from a replica; ids are ARM ids, `subnet` and `ip` may be empty, `test` marks a test failover.

    `replaces` is the id of the VM that goes once this one can be made.
    """

    name: str
    resource_group_id: str
    location: str
    size: str
    network_id: str
    subnet: str
    ip: str
    os_type: str
    disks: tuple[VmDisk, ...]
    source: SourceMachine | None
    test: bool
    recovery_point_time: str
    licence: str = "NoLicenseType"
    availability_set_id: str = ""
    availability_zone: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    replaces: str = ""
    disk_tags: dict[str, str] = field(default_factory=dict)
    nic_tags: dict[str, str] = field(default_factory=dict)
    proximity_group_id: str = ""
    reservation_group_id: str = ""
    nic_name: str = ""
    more_ips: tuple[str, ...] = ()
    more_nics: tuple[VmNic, ...] = ()
    security_group_id: str = ""


@dataclass(frozen=True)
class VmRefusal:
    """Why Azure would not make a VM: an ASR error code and the text of Azure's own error."""

    code: str
    message: str
    quota: bool = False  # the region has no room for it, or not this size


class VmMaker(Protocol):
    """What the compute provider offers to Site Recovery (all calls are immediate: Site Recovery keeps the durations)."""

    def check(self, request: VmRequest) -> VmRefusal | None:
        """Return why the VM cannot be made (quota, network, name taken), None if it can."""

    def size_for(self, vm: Resource, location: str, zone: str) -> str:
        """Return the size that a copy of a VM gets in another region, in a zone of it or in none."""

    def create(self, request: VmRequest) -> str:
        """Make VM, NIC and disks, start booting, and return the VM's ARM id."""

    def delete(self, vm_id: str) -> None:
        """Delete a VM with its NIC and disks (a test failover's clean-up); one that is gone is no error."""


class BareVms:
    """The maker in force until a compute provider takes over: it keeps a VM document and nothing else."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def check(self, request: VmRequest) -> VmRefusal | None:
        """Refuse only a network that does not exist among stored networks, if any network is stored at all."""
        return None if request.name else VmRefusal("28031", "The VM has no name.")

    def size_for(self, vm: Resource, location: str, zone: str) -> str:  # noqa: ARG002 - every region has every size
        """Return the VM's own."""
        return str(vm["properties"]["hardwareProfile"]["vmSize"])

    def create(self, request: VmRequest) -> str:
        """Keep the document."""
        vm_id = f"{request.resource_group_id}/providers/Microsoft.Compute/virtualMachines/{request.name}"
        properties = {"hardwareProfile": {"vmSize": request.size}, "provisioningState": "Succeeded"}
        self._resources.put({"id": vm_id, "location": request.location, "properties": properties})
        return vm_id

    def delete(self, vm_id: str) -> None:
        """Forget the document."""
        self._resources.delete(vm_id)
