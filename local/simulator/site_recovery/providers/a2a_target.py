"""What an A2A item becomes in the recovery region: its network, its disks, its name; and how an update changes it."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...machines import Disk
from ...resources import Resource, last_segment
from ...vms import VmDisk
from ...world import World
from ..azure_fabric import location_of
from ..networks import mapped_network
from ..sides import container_by_id, side_of
from ..state import Item, Json, Place, SrVault
from .a2a_cards import card_changes, nic_ids, primary_said, subnet_id

_RENAMED = {  # an update's own names of what enabling named otherwise
    "recoveryAzureVMName": "recoveryAzureVMName",
    "recoveryAzureVMSize": "recoveryAzureVMSize",
    "selectedRecoveryAzureNetworkId": "recoveryAzureNetworkId",
    "selectedTfoAzureNetworkId": "selectedTfoAzureNetworkId",
    "recoveryAvailabilitySetId": "recoveryAvailabilitySetId",
    "licenseType": "licenseType",
}
_OWN = (
    "recoveryResourceGroupId",
    "recoveryCloudServiceId",
    "recoveryBootDiagStorageAccountId",
    "tfoAzureVMName",
    "recoveryProximityPlacementGroupId",
    "recoveryVirtualMachineScaleSetId",
    "recoveryCapacityReservationGroupId",
    "recoveryAvailabilityZone",
    "platformFaultDomain",
)


@dataclass(frozen=True)
class SourceDisk:
    """A disk of the source VM: its machine's, its ARM id, its SKU, and what was asked for it (None = not replicated)."""

    disk: Disk
    id: str
    sku: str
    settings: Json | None


def source_of(world: World, item: Item) -> Resource:
    """Return the source VM's document; an empty one once it is deleted."""
    return world.resources.get(item.machine.azure_id) or {"properties": {}}


def attached(vm: Resource) -> Iterator[Json]:
    """Yield the disks of a VM's document, the system's first."""
    profile = vm["properties"].get("storageProfile") or {}
    if profile.get("osDisk"):
        yield profile["osDisk"]
    yield from profile.get("dataDisks") or ()


def disks_of(place: Place) -> list[SourceDisk]:
    """Return the source's disks with what the enable call (or an update) says of each."""
    shown = {str(each.get("name")): each for each in attached(source_of(place.vault.world, place.item))}
    entries = {str(each.get("diskId") or "").lower(): each for each in place.item.inputs.get("vmManagedDisks") or []}
    rows = []
    for disk in place.item.machine.disks:
        managed = (shown.get(disk.name) or {}).get("managedDisk") or {}
        # a VM that was deleted after the failover leaves the ids that were asked for
        own = str(managed.get("id") or next((each for each in entries if last_segment(each) == disk.name.lower()), ""))
        rows.append(SourceDisk(disk, own, managed.get("storageAccountType") or "", entries.get(own.lower())))
    return rows


def target_sku(disk: SourceDisk) -> str:
    """Return the type of the disk that is made: the one asked for, or the source's (documented default)."""
    return str((disk.settings or {}).get("recoveryTargetDiskAccountType") or disk.sku or "Standard_LRS")


def test_name(disk: SourceDisk) -> str:
    """Return how the disk of a test is called unless an update says otherwise (recorded)."""
    return f"{disk.disk.name}-ASRtest"


def vm_disks(place: Place, *, test: bool) -> tuple[VmDisk, ...]:
    """Return the disks of a (test) VM."""
    found = []
    for each in disks_of(place):
        if each.settings is None:
            continue
        given_name = each.settings.get("tfoDiskName" if test else "failoverDiskName")
        name = given_name or (test_name(each) if test else each.disk.name)
        encryption = str(each.settings.get("recoveryDiskEncryptionSetId") or "")
        found.append(VmDisk(name, each.disk.size_gb, each.disk.os_disk, target_sku(each), encryption))
    return tuple(found)


def region_of(place: Place) -> str:
    """Return the recovery region."""
    return region_named(place.vault, place.item.recovery)


def region_named(vault: SrVault, container: str) -> str:
    """Return the region of a container."""
    found = container_by_id(vault, container)
    return location_of(found[0]) if found else vault.location


def source_nics(place: Place) -> list[str]:
    """Return the ids of the source's network cards, the primary one first."""
    return nic_ids(source_of(place.vault.world, place.item))


def network_of(place: Place, inputs: Json, *, test: bool) -> str:
    """Return the network of a (test) VM: the one asked for, or the one the source's is mapped to (documented)."""
    target = place.item.inputs
    if test and (inputs.get("networkId") or target.get("selectedTfoAzureNetworkId")):
        return str(inputs.get("networkId") or target["selectedTfoAzureNetworkId"])
    if target.get("recoveryAzureNetworkId"):
        return str(target["recoveryAzureNetworkId"])
    cards = source_nics(place)
    source = subnet_id(place, cards[0]).partition("/subnets/")[0] if cards else ""
    return mapped_network(place.fabric, side_of(place.vault, place.item.recovery), source)


def subnet_of(place: Place, network: str, *, test: bool) -> str:
    """Return the subnet: the one asked for, else the one of the source's name, else any (documented)."""
    cards = source_nics(place)
    settings = primary_said(place, cards[0]) if cards else {}
    named = settings.get("tfoSubnetName" if test else "recoverySubnetName") or place.item.inputs.get(
        "recoverySubnetName"
    )
    known = place.vault.world.resources.under(network, "Microsoft.Network/virtualNetworks/subnets") if network else ()
    names = {str(each["name"]).lower() for each in known}
    wanted = last_segment(str(named or ""))  # recorded: enabling may name it by its ARM id, and reads back the name
    if wanted and (not test or wanted.lower() in names):
        return wanted
    source = last_segment(subnet_id(place, cards[0])) if cards else ""
    return source if source.lower() in names else ""


def changed(item: Item, sent: Json) -> Json:
    """Return the inputs that an update changes."""
    own = sent.get("providerSpecificDetails") or {}
    found = {ours: sent[theirs] for theirs, ours in _RENAMED.items() if sent.get(theirs) is not None}
    found |= {name: own[name] for name in _OWN if own.get(name) is not None}
    updates = {str(each.get("diskId") or "").lower(): each for each in own.get("managedDiskUpdateDetails") or []}
    if updates:
        disks = item.inputs.get("vmManagedDisks") or []
        found["vmManagedDisks"] = [{**each, **updates.get(str(each["diskId"]).lower(), {})} for each in disks]
    if sent.get("vmNics"):
        found["nics"] = {**item.inputs.get("nics", {}), **dict(card_changes(item, sent["vmNics"]))}
    return found
