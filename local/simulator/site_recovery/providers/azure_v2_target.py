"""What an InMageAzureV2 item becomes in Azure, and how an update changes it."""

from ..state import Item, Json, Place

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


def changed(item: Item, sent: Json) -> Json:
    """Return the inputs that an update changes."""
    own = sent.get("providerSpecificDetails") or {}
    found = {ours: sent[theirs] for theirs, ours in _RENAMED.items() if sent.get(theirs) is not None}
    found |= {ours: own[theirs] for theirs, ours in _OWN.items() if own.get(theirs) is not None}
    for card in sent.get("vmNics") or []:
        for config in card.get("ipConfigs") or []:
            said = {name: value for name, value in config.items() if value is not None}
            found["nic"] = {**nic_of(item), **found.get("nic", {}), **said}
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
