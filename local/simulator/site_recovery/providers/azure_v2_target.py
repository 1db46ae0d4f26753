"""What an InMageAzureV2 (or Hyper-V) item becomes in Azure, and how an update changes it: both say it alike."""

from collections.abc import Sequence

from ...machines import Disk
from ...operations import stamp
from ...vms import VmRequest
from ..state import Item, Json, Place
from .rcm_target import size_of, vm_disk

# An update names the VM's own facts otherwise than the enabling did (recorded in the models of both).
_RENAMED = {
    "recoveryAzureVMName": "targetAzureVmName",
    "recoveryAzureVMSize": "targetVmSize",
    "selectedRecoveryAzureNetworkId": "targetAzureNetworkId",
    "selectedTfoAzureNetworkId": "testNetworkId",
    "recoveryAvailabilitySetId": "targetAvailabilitySetId",
    "licenseType": "licenseType",
    "enableRdpOnTargetOption": "enableRdpOnTargetOption",
}
_OWN = {
    "recoveryAzureV2ResourceGroupId": "targetAzureV2ResourceGroupId",
    "targetAvailabilityZone": "targetAvailabilityZone",
    "targetProximityPlacementGroupId": "targetProximityPlacementGroupId",
    "targetVmTags": "targetVmTags",
    "targetManagedDiskTags": "targetManagedDiskTags",
    "targetNicTags": "targetNicTags",
}


_CARD = ("targetNicName", "recoveryNetworkSecurityGroupId", "tfoNetworkSecurityGroupId")


def changed(item: Item, sent: Json) -> Json:
    """Return the inputs that an update changes."""
    own = sent.get("providerSpecificDetails") or {}
    found = {ours: sent[theirs] for theirs, ours in _RENAMED.items() if sent.get(theirs) is not None}
    found |= {ours: own[theirs] for theirs, ours in _OWN.items() if own.get(theirs) is not None}
    for card in sent.get("vmNics") or []:
        named = {name: card[name] for name in _CARD if card.get(name) is not None}
        found["nic"] = {**nic_of(item), **named}
        for config in card.get("ipConfigs") or []:
            changes = {name: value for name, value in config.items() if value is not None}
            found["nic"] = {**found["nic"], **changes}
    return found


def nic_of(item: Item) -> Json:
    """Return what updates said of the machine's network card."""
    known: Json = item.inputs.get("nic") or {}
    return known


def subnet_of(place: Place, network: str, *, test: bool) -> str:
    """Return the subnet of a (test) VM.

    Documented: a test VM goes to the subnet of the same name as the target's, else to any of the network's.
    """
    nic, target = nic_of(place.item), str(place.item.inputs.get("targetAzureSubnetId") or "").rpartition("/")[2]
    if not test:
        return str(nic.get("recoverySubnetName") or target)
    chosen = str(nic.get("tfoSubnetName") or target)
    found = place.vault.world.resources.under(network, "Microsoft.Network/virtualNetworks/subnets") if network else ()
    names = {str(each["name"]).lower() for each in found}
    return chosen if nic.get("tfoSubnetName") or chosen.lower() in names else ""


def vm_of(place: Place, inputs: Json, disks: Sequence[Disk], *, test: bool) -> VmRequest:
    """Return the target VM; a test VM has `-test` at its name and lies in the network that the test names."""
    item, target = place.item, place.item.inputs
    name = target.get("targetAzureVmName") or item.machine.name
    network = str((inputs.get("networkId") if test else "") or target.get("targetAzureNetworkId") or "")
    point = item.failover_point
    return VmRequest(
        name=f"{name}-test" if test else name,
        resource_group_id=target["targetAzureV2ResourceGroupId"],
        location=place.vault.location,
        size=size_of(item),
        network_id=network,
        subnet=subnet_of(place, network, test=test),
        ip=nic_of(item).get("tfoStaticIPAddress" if test else "recoveryStaticIPAddress") or "",
        os_type=item.machine.os_type,
        disks=tuple(vm_disk(place, disk, number, name) for number, disk in enumerate(disks)),
        source=item.machine,
        test=test,
        recovery_point_time=(stamp(point.at) if point else None) or "",
        licence=target.get("licenseType") or "NoLicenseType",
        availability_set_id=target.get("targetAvailabilitySetId") or "",
        availability_zone=target.get("targetAvailabilityZone") or "",
        tags=dict(target.get("targetVmTags") or {}),
        disk_tags=dict(target.get("targetManagedDiskTags") or {}),
        nic_tags=dict(target.get("targetNicTags") or {}),
        proximity_group_id=target.get("targetProximityPlacementGroupId") or "",
        nic_name=nic_of(item).get("targetNicName") or "",
        security_group_id=nic_of(item).get(f"{'tfo' if test else 'recovery'}NetworkSecurityGroupId") or "",
    )
