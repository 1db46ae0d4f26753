"""The ARM documents of a VM that runs before anything is migrated: group, network, cards, disks, extensions, the VM."""

from ipaddress import ip_network
from typing import Any

from ...resources import Resource, last_segment
from ...world import World
from ..kinds import Kind
from ..network import ADDRESS, GROUP, NETWORK, NIC, SUBNET
from .compute import DISK
from .placement import SET
from .source_vm import NicTold, SourceVm, VmDiskTold

EXTENSION = Kind("Microsoft.Compute", ("virtualMachines", "extensions"))
_OK = {"provisioningState": "Succeeded"}
_IMAGES = {
    "Linux": {
        "publisher": "canonical",
        "offer": "0001-com-ubuntu-server-jammy",
        "sku": "22_04-lts",
        "version": "latest",
    },
    "Windows": {
        "publisher": "MicrosoftWindowsServer",
        "offer": "WindowsServer",
        "sku": "2022-datacenter",
        "version": "latest",
    },
}


def keep_documents(world: World, vm: SourceVm) -> None:
    """Write every document of a VM; what is there already keeps what it has."""
    if world.resources.get(vm.group_id) is None:
        kind = {"type": "Microsoft.Resources/resourceGroups", "location": vm.region, "tags": {}}
        world.resources.put({"id": vm.group_id, **kind, "properties": _OK})
    cards = [_card(world, vm, nic, number) for number, nic in enumerate(vm.nics)]
    if not vm.unmanaged:
        for disk in vm.disks:
            world.resources.put(_disk(vm, disk))
    if vm.availability_set:
        sku = {"sku": {"name": "Classic" if vm.unmanaged else "Aligned"}, "location": vm.region}
        world.resources.put({"id": _set_id(vm), **sku, "properties": {"platformFaultDomainCount": 2, **_OK}})
    for extension in vm.extensions:
        about = {"publisher": extension.publisher, "type": extension.type, "typeHandlerVersion": "1.0"}
        document = {"id": f"{vm.id}/extensions/{extension.name}", "location": vm.region, "type": EXTENSION.name}
        world.resources.put({**document, "properties": {**about, "provisioningState": extension.state}})
    world.resources.put(_vm(world, vm, cards))


def _card(world: World, vm: SourceVm, nic: NicTold, number: int) -> Resource:
    name = nic.name or f"{vm.name}-nic{number or ''}"
    nic_id = f"{vm.group_id}/providers/{NIC.name}/{name}"
    subnet = _subnet(world, vm, nic)
    method = "Static" if nic.static else "Dynamic"
    address: dict[str, Any] = {"privateIPAddress": nic.ip, "privateIPAllocationMethod": method, "primary": True}
    address |= {"subnet": {"id": subnet}, "privateIPAddressVersion": "IPv4", **_OK}
    more = [{**address, "privateIPAddress": ip, "primary": False} for ip in nic.more_ips]
    if nic.public:
        address["publicIPAddress"] = {"id": _public(world, vm, name)}
    configs = [_ip_config(nic_id, place, about) for place, about in enumerate((address, *more), 1)]
    properties = {"ipConfigurations": configs, "primary": number == 0, "virtualMachine": {"id": vm.id}, **_OK}
    properties |= {"macAddress": "00-0D-3A-" + world.new_guid()[:6].upper()}
    properties |= {"enableAcceleratedNetworking": nic.accelerated, "enableIPForwarding": False}
    if nic.security_group:
        properties["networkSecurityGroup"] = {"id": _security_group(world, vm, nic.security_group)}
    return world.resources.put({"id": nic_id, "location": vm.region, "properties": properties})


def _ip_config(nic_id: str, place: int, about: Resource) -> Resource:
    name = f"ipconfig{place}"
    return {"id": f"{nic_id}/ipConfigurations/{name}", "name": name, "properties": about}


def _subnet(world: World, vm: SourceVm, nic: NicTold) -> str:
    """Return the id of a card's subnet; network and subnet are made around its address if they are missing."""
    network = nic.network if "/" in nic.network else f"{vm.group_id}/providers/{NETWORK.name}/{nic.network}"
    if world.resources.get(network) is None:
        space = {"addressSpace": {"addressPrefixes": [str(ip_network(f"{nic.ip}/16", strict=False))]}}
        world.resources.put({"id": network, "location": vm.region, "properties": {**space, **_OK}})
    subnet = f"{network}/subnets/{nic.subnet}"
    if world.resources.get(subnet) is None:
        prefix = {"addressPrefix": str(ip_network(f"{nic.ip}/24", strict=False))}
        world.resources.put({"id": subnet, "type": SUBNET.name, "properties": {**prefix, **_OK}})
    return subnet


def _public(world: World, vm: SourceVm, nic: str) -> str:
    own = f"{vm.group_id}/providers/{ADDRESS.name}/{nic}-ip"
    about = {"publicIPAllocationMethod": "Static", "ipAddress": "203.0.113.10", **_OK}
    world.resources.put({"id": own, "location": vm.region, "sku": {"name": "Standard"}, "properties": about})
    return own


def _security_group(world: World, vm: SourceVm, group: str) -> str:
    own = group if "/" in group else f"{vm.group_id}/providers/{GROUP.name}/{group}"
    if world.resources.get(own) is None:
        world.resources.put({"id": own, "location": vm.region, "properties": {"securityRules": [], **_OK}})
    return own


def disk_id(vm: SourceVm, disk: VmDiskTold) -> str:
    """Return the ARM id of a managed disk."""
    return f"{vm.group_id}/providers/{DISK.name}/{disk.name}"


def _disk(vm: SourceVm, disk: VmDiskTold) -> Resource:
    own = disk.encryption_set
    encryption = {"type": "EncryptionAtRestWithCustomerKey" if own else "EncryptionAtRestWithPlatformKey"}
    state = "Reserved" if vm.power == "deallocated" else "Attached"
    properties: dict[str, Any] = {"diskSizeGB": disk.size_gb, "diskState": state, **_OK}
    properties["encryption"] = {**encryption, **({"diskEncryptionSetId": own} if own else {})}
    properties |= {"osType": vm.os_type, "hyperVGeneration": vm.generation} if disk.os_disk else {}
    zones = {"zones": [vm.zone]} if vm.zone else {}
    document = {"id": disk_id(vm, disk), "location": vm.region, "sku": {"name": disk.type}, "managedBy": vm.id, **zones}
    return {**document, "tags": dict(vm.tags), "properties": properties}


def _attached(vm: SourceVm, disk: VmDiskTold, **more: Any) -> Resource:
    shown = {"name": disk.name, "caching": "ReadWrite", "diskSizeGB": disk.size_gb, **more}
    shown["deleteOption"] = disk.delete_option
    if vm.unmanaged:
        return {
            **shown,
            "vhd": {"uri": f"https://{vm.group.replace('-', '')}.blob.core.windows.net/vhds/{disk.name}.vhd"},
        }
    managed: dict[str, Any] = {"id": disk_id(vm, disk), "storageAccountType": disk.type}
    if disk.encryption_set:
        managed["diskEncryptionSet"] = {"id": disk.encryption_set}
    return {**shown, "managedDisk": managed}


def _vm(world: World, vm: SourceVm, cards: list[Resource]) -> Resource:
    known = world.resources.get(vm.id) or {"properties": {}}
    system = next((each for each in vm.disks if each.os_disk), vm.disks[0])
    data = [each for each in vm.disks if each is not system]
    storage = {
        "imageReference": vm.image or _IMAGES[vm.os_type],
        "osDisk": _attached(vm, system, osType=vm.os_type, createOption="FromImage"),
        "dataDisks": [_attached(vm, disk, lun=lun, createOption="Attach") for lun, disk in enumerate(data)],
    }
    interfaces = [_interface(vm, card, nic) for card, nic in zip(cards, vm.nics, strict=True)]
    properties: dict[str, Any] = {
        "vmId": known["properties"].get("vmId") or world.new_guid(),
        "hardwareProfile": {"vmSize": vm.size},
        "storageProfile": storage,
        "osProfile": {"computerName": vm.name, "adminUsername": "azureuser", "allowExtensionOperations": True},
        "networkProfile": {"networkInterfaces": interfaces},
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
        "provisioningState": vm.state,
        "timeCreated": known["properties"].get("timeCreated") or world.now.isoformat(),
        **_optional(vm),
    }
    zones = {"zones": [vm.zone]} if vm.zone else {}
    return {"id": vm.id, "location": vm.region, "tags": dict(vm.tags), **zones, "properties": properties}


def _interface(vm: SourceVm, card: Resource, nic: NicTold) -> Resource:
    """Return a card as its VM names it (recorded: a single one has no properties unless its maker said something)."""
    options = {"deleteOption": nic.delete_option} if nic.delete_option != "Detach" else {}
    primary = {"primary": card["properties"]["primary"]} if len(vm.nics) > 1 else {}
    about = {**primary, **options}
    return {"id": card["id"], **({"properties": about} if about else {})}


def _optional(vm: SourceVm) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if vm.licence:
        found["licenseType"] = vm.licence
    if vm.security:
        found["securityProfile"] = {"securityType": vm.security}
    if vm.availability_set:
        found["availabilitySet"] = {"id": _set_id(vm)}
    return found


def _set_id(vm: SourceVm) -> str:
    return f"{vm.group_id}/providers/{SET.name}/{last_segment(vm.availability_set)}"


def extensions_of(world: World, vm_id: str) -> list[Resource]:
    """Return the extensions of a VM."""
    return list(world.resources.under(vm_id, EXTENSION.name)) if world.resources.get(vm_id) else []
