"""The state of compute, and Site Recovery's way to it: VMs are made with disks, NIC, address and a guest."""

from dataclasses import dataclass, field, replace
from typing import Any

from ...machines import Disk, SourceMachine
from ...resources import Resource
from ...vms import VmDisk, VmNic, VmRefusal, VmRequest
from ...world import World
from ..kinds import Kind
from ..network import NIC, prefix_of, room_of
from .guests import Guest, Outcome, greeting, plan_of
from .listeners import Addresses, Listeners
from .quota import VM, refusal, same_or_nearest

DISK = Kind("Microsoft.Compute", ("disks",))
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


@dataclass
class Compute:
    """All guests by lower-case VM id, the outcomes told for their commands, and where consoles are read."""

    world: World
    guests: dict[str, Guest] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    executions: dict[str, Any] = field(default_factory=dict)  # of managed run commands, by lower-case id
    addresses: Addresses = field(default_factory=Addresses)
    blobs: Listeners | None = None

    def guest(self, vm_id: str) -> Guest:
        """Return a VM's inside."""
        return self.guests[vm_id.lower()]

    def by_name(self, name: str) -> Guest:
        """Return the guest of a VM's name; raise KeyError."""
        found = next((each for each in self.guests.values() if each.name.lower() == name.lower()), None)
        if found is None:
            raise KeyError(name)
        return found

    def blob_url(self, guest: Guest, kind: str) -> str:
        """Return where a console is read; the blob endpoint opens with the first one asked for."""
        if self.blobs is None:
            self.blobs = Listeners(self.addresses.next(), self._console)
            self.blobs.open([0])
        place = f"{guest.vm_id.strip('/').replace('/', '.')}.{kind}"
        return f"http://{self.blobs.address}:{self.blobs.ports[0]}/bootdiagnostics/{place}?sv=2024-11-04&sr=b&sp=r&sig=local"

    def _console(self, path: str) -> tuple[str, bytes] | None:
        place = path.partition("?")[0].removeprefix("/bootdiagnostics/").lower()
        for guest in self.guests.values():
            stem = guest.vm_id.strip("/").replace("/", ".").lower()
            if place == f"{stem}.serialconsole.log":
                return "text/plain; charset=utf-8", guest.console.encode()
            if place == f"{stem}.screenshot.bmp":
                return "image/png", _PNG
        return None

    def switch(self, machine: SourceMachine) -> None:
        """Switch an Azure VM off that somebody shut down from outside (Site Recovery before a failover)."""
        guest = self.guests.get(machine.azure_id.lower())
        if guest is not None and not machine.powered_on and guest.power == "running":
            guest.stop(self.world, "deallocated")

    def forget(self, vm_id: str) -> None:
        """End what runs in VMs at or below a deleted id."""
        gone = vm_id.rstrip("/").lower()
        for key in [each for each in self.guests if each == gone or each.startswith(gone + "/")]:
            self.guests.pop(key).stop(self.world, "deallocated")
            for command in [each for each in self.executions if each.startswith(f"{key}/")]:
                del self.executions[command]
            self.world.azure_machines.pop(key, None)

    async def close(self) -> None:
        """Close every listener and give the addresses back."""
        for guest in self.guests.values():
            guest.stop(self.world, "deallocated")
        if self.blobs:
            self.blobs.close()
        self.addresses.close()


class AzureVms:
    """Makes VMs for Site Recovery (the seam `vms.VmMaker`)."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute
        self._world = compute.world

    def check(self, request: VmRequest) -> VmRefusal | None:
        """Return why the VM cannot be made: name taken, group or network missing, quota."""
        room = refusal(self._world, request)
        if reason := self._reason(request) or room:
            group = request.resource_group_id.rpartition("/")[2]
            text = f"Virtual machine '{request.name}' could not be created under resource group '{group}'."
            return VmRefusal("28031", f"{text} Azure error message: '{reason}'.", quota=bool(room))
        if request.network_id and self._subnet(request) is None:
            text = f"Subnet '{request.subnet}' is not found in virtual network '{request.network_id}'."
            return _no_card(request, text)
        return self._full(request)

    def _full(self, request: VmRequest) -> VmRefusal | None:
        """Refuse cards for which their subnet has no address left; the VM that goes gives its own back."""
        wanted = [self._subnet(replace(request, subnet=name)) for name in (request.subnet, *_subnets(request))]
        known = [each for each in wanted if each] if request.network_id else []
        for subnet in known:
            if room_of(self._world, subnet) + bool(request.replaces) < known.count(subnet):
                described = f"Subnet {subnet['name']} with address prefix {prefix_of(subnet)}"
                return _no_card(
                    request, f"{described} does not have enough capacity for {known.count(subnet)} IP addresses."
                )
        return None

    def size_for(self, vm: Resource, location: str, zone: str) -> str:
        """Return its own size where the region sells that, else the nearest."""
        return same_or_nearest(self._world, location, vm, zone)

    def _reason(self, request: VmRequest) -> str:
        resources = self._world.resources
        if resources.get(request.resource_group_id) is None:
            return f"Resource group '{request.resource_group_id.rpartition('/')[2]}' could not be found."
        if resources.get(_vm_id(request)) is not None and _vm_id(request).lower() != request.replaces.lower():
            return f"The virtual machine '{request.name}' already exists."
        return self._unknown_reference(request)

    def _unknown_reference(self, request: VmRequest) -> str:
        """Refuse what the VM is to be placed in, guarded by or encrypted with, where that is not there (documented)."""
        placed = (request.availability_set_id, request.proximity_group_id, request.reservation_group_id)
        named = (*placed, request.security_group_id, *(disk.encryption_set for disk in request.disks))
        missing = next((each for each in named if each and self._world.resources.get(each) is None), None)
        if missing is None:
            return ""
        where = "Please make sure that the referenced resource exists, and that both resources are in the same region."
        return f"Resource {missing} referenced by resource {_vm_id(request)} was not found. {where}"

    def _subnet(self, request: VmRequest) -> Resource | None:
        found = list(self._world.resources.under(request.network_id, "Microsoft.Network/virtualNetworks/subnets"))
        wanted = request.subnet.lower()
        return next((each for each in found if not wanted or each["name"].lower() == wanted), None)

    def create(self, request: VmRequest) -> str:
        """Make VM, NIC and disks, switch the VM on, and return its id."""
        vm_id, address = _vm_id(request), self._compute.addresses.next()
        guest = self._guest(vm_id, request, Listeners(address, greeting(request.name)))
        nics = [
            self._nic(request, vm_id, address, VmNic(request.nic_name, request.subnet, request.ip, request.more_ips))
        ]
        nics += [self._nic(request, vm_id, "", card, number) for number, card in enumerate(request.more_nics, 2)]
        disks = [self._disk(request, vm_id, disk) for disk in request.disks]
        self._world.resources.put(_vm(request, vm_id, self._world.new_guid(), self._world.now.isoformat(), nics, disks))
        self._compute.guests[vm_id.lower()] = guest
        self._world.azure_machines[vm_id.lower()] = _machine(request, vm_id, address)
        guest.start(self._world)
        return vm_id

    def _guest(self, vm_id: str, request: VmRequest, listeners: Listeners) -> Guest:
        plan: dict[str, Any] = plan_of(request.source)
        plan["hostname"] = plan["hostname"] or request.name
        return Guest(vm_id=vm_id, name=request.name, os_type=request.os_type, listeners=listeners, **plan)

    def _nic(self, request: VmRequest, vm_id: str, address: str, card: VmNic, number: int = 1) -> Resource:
        """Make a card. The first one's address is where the VM really listens; a static one stands beside it."""
        name = card.name or (f"{request.name}-nic" if number == 1 else f"{request.name}-nic{number}")
        nic_id = f"{request.resource_group_id}/providers/{NIC.name}/{name}"
        subnet = self._subnet(replace(request, subnet=card.subnet)) if request.network_id else None
        shown = [(address, "Dynamic")] if address else []
        shown += [(each, "Static") for each in (card.ip, *card.more_ips) if each]
        configs = [_ip_config(nic_id, place, ip, how, subnet) for place, (ip, how) in enumerate(shown, 1)]
        properties = {"ipConfigurations": configs, "primary": number == 1, "provisioningState": "Succeeded"}
        properties |= {"macAddress": "00-0D-3A-" + self._world.new_guid()[:6].upper(), "virtualMachine": {"id": vm_id}}
        if request.security_group_id and number == 1:
            properties["networkSecurityGroup"] = {"id": request.security_group_id}
        tags = {"tags": dict(request.nic_tags)} if request.nic_tags else {}
        return self._world.resources.put({"id": nic_id, "location": request.location, **tags, "properties": properties})

    def _disk(self, request: VmRequest, vm_id: str, disk: VmDisk) -> Resource:
        disk_id = f"{request.resource_group_id}/providers/{DISK.name}/{disk.name}"
        properties = {"diskSizeGB": disk.size_gb, "diskState": "Attached", "provisioningState": "Succeeded"}
        properties |= {"osType": request.os_type} if disk.os_disk else {}
        kind = "EncryptionAtRestWithCustomerKey" if disk.encryption_set else "EncryptionAtRestWithPlatformKey"
        own = {"diskEncryptionSetId": disk.encryption_set} if disk.encryption_set else {}
        properties["encryption"] = {"type": kind, **own}
        zones = {"zones": [request.availability_zone]} if request.availability_zone else {}
        tags = {"tags": dict(request.disk_tags)} if request.disk_tags else {}
        document = {
            "id": disk_id,
            "location": request.location,
            "sku": {"name": disk.sku},
            "managedBy": vm_id,
            **zones,
            **tags,
        }
        return self._world.resources.put({**document, "properties": properties})

    def delete(self, vm_id: str) -> None:
        """Delete a VM with its NIC and disks; one that is gone is no error."""
        vm = self._world.resources.get(vm_id)
        if vm is None:
            return
        profile = vm["properties"]["storageProfile"]
        disks = [profile["osDisk"], *profile["dataDisks"]] if profile["osDisk"] else profile["dataDisks"]
        owned = [each["id"] for each in vm["properties"]["networkProfile"]["networkInterfaces"]]
        for resource_id in (vm_id, *owned, *(disk["managedDisk"]["id"] for disk in disks)):
            self._world.delete_resource(resource_id)


def _subnets(request: VmRequest) -> list[str]:
    return [card.subnet for card in request.more_nics]


def _no_card(request: VmRequest, text: str) -> VmRefusal:
    message = f"Network interface for '{request.name}' could not be created. Azure error message: '{text}'."
    return VmRefusal("28092", message)


def _machine(request: VmRequest, vm_id: str, address: str) -> SourceMachine:
    """Return the VM as replication to yet another region sees it."""
    known = request.source or SourceMachine(name=request.name, ip=address)
    disks = [Disk(name=each.name, sizeGb=each.size_gb, osDisk=each.os_disk) for each in request.disks]
    now = {"name": request.name, "azure_id": vm_id, "ip": address, "powered_on": True, "agent_registered": False}
    along = known.agent_registered and not known.azure_id  # the agent that replicated it comes along on its disk
    return known.model_copy(update={**now, "mobility_service": along, "vcenter": "", "disks": disks or known.disks})


def _vm_id(request: VmRequest) -> str:
    return f"{request.resource_group_id}/providers/{VM.name}/{request.name}"


def _ip_config(nic_id: str, place: int, ip: str, how: str, subnet: Resource | None) -> Resource:
    at: dict[str, Any] = {"privateIPAddress": ip, "privateIPAllocationMethod": how, "primary": place == 1}
    if subnet:
        at["subnet"] = {"id": subnet["id"]}
    return {"id": f"{nic_id}/ipConfigurations/ipconfig{place}", "name": f"ipconfig{place}", "properties": at}


def _attached(disk: Resource, **more: Any) -> Resource:
    shown = {"name": disk["name"], "createOption": "Attach", "caching": "ReadWrite", **more}
    size, sku = disk["properties"]["diskSizeGB"], disk["sku"]["name"]
    return {**shown, "diskSizeGB": size, "managedDisk": {"id": disk["id"], "storageAccountType": sku}}


def _interfaces(nics: list[Resource]) -> list[Resource]:
    """Return the cards as the VM names them (recorded: a single one has no properties, of several each says which it is)."""
    several = len(nics) > 1
    return [{"id": nic["id"], **({"properties": {"primary": nic is nics[0]}} if several else {})} for nic in nics]


def _vm(request: VmRequest, vm_id: str, guid: str, made: str, nics: list[Resource], disks: list[Resource]) -> Resource:
    marks = {disk.name: disk.os_disk for disk in request.disks}
    system = [_attached(each, osType=request.os_type) for each in disks if marks[each["name"]]]
    data = [each for each in disks if not marks[each["name"]]]
    storage = {
        "osDisk": system[0] if system else {},
        "dataDisks": [_attached(disk, lun=lun) for lun, disk in enumerate(data)],
    }
    properties: dict[str, Any] = {
        "vmId": guid,
        "hardwareProfile": {"vmSize": request.size},
        "storageProfile": storage,
        "networkProfile": {"networkInterfaces": _interfaces(nics)},
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
        "provisioningState": "Succeeded",
        "timeCreated": made,
    }
    if request.licence not in ("", "NoLicenseType", "NotSpecified"):
        properties["licenseType"] = request.licence
    if request.availability_set_id:
        properties["availabilitySet"] = {"id": request.availability_set_id}
    if request.proximity_group_id:
        properties["proximityPlacementGroup"] = {"id": request.proximity_group_id}
    if request.reservation_group_id:
        properties["capacityReservation"] = {"capacityReservationGroup": {"id": request.reservation_group_id}}
    zones = {"zones": [request.availability_zone]} if request.availability_zone else {}
    return {"id": vm_id, "location": request.location, "tags": dict(request.tags), **zones, "properties": properties}


def compute_of(world: World) -> Compute:
    """Return the world's compute."""
    found: Compute = world.services["compute"]
    return found
