"""What a machine becomes in Azure, in the words of `InMageAzureV2`: most of it stands beside the details of an update."""

from shared.site_recovery.provider import Card, DiskPlacement, ReplicatedNic, ReplicationTarget
from shared.site_recovery.wire import Json, without_empty

# What an update of a card, and of an address, takes and the plan does not speak of (the models of both).
CARD_KEPT = (
    "enableAcceleratedNetworkingOnRecovery",
    "enableAcceleratedNetworkingOnTfo",
    "recoveryNicName",
    "recoveryNicResourceGroupName",
    "reuseExistingNic",
    "tfoReuseExistingNic",
)
CONFIG_KEPT = (
    "recoveryLBBackendAddressPoolIds",
    "recoveryPublicIPAddressId",
    "tfoLBBackendAddressPoolIds",
    "tfoPublicIPAddressId",
)


def beside(target: ReplicationTarget) -> Json:
    """Give the properties of an update that any older provider takes; the test network has its only place here."""
    return without_empty(
        {
            "recoveryAzureVMName": target.vm_name,
            "recoveryAzureVMSize": target.vm_size,
            "selectedRecoveryAzureNetworkId": target.network_id,
            "selectedTfoAzureNetworkId": target.test_network_id,
            "recoveryAvailabilitySetId": target.availability_set_id,
            "licenseType": target.license_type,
            "selectedSourceNicId": next((each.nic_id for each in target.nics if each.primary), ""),
            "vmNics": [_nic(each) for each in target.nics],
        }
    )


def _nic(card: ReplicatedNic) -> Json:
    """Give a card with all its addresses; of what Site Recovery told of it only that changes which the plan speaks of."""
    named = {
        "targetNicName": card.name,
        "recoveryNetworkSecurityGroupId": card.security_group_id,
        "tfoNetworkSecurityGroupId": card.test_security_group_id,
    }
    chosen = "NotSelected" if card.left_out else "SelectedByUser"
    kept = {name: card.as_read[name] for name in CARD_KEPT if card.as_read.get(name) is not None}
    first = _first(card.as_read)
    configs = [_config(card, each, primary=each is first) for each in card.as_read.get("ipConfigs") or (first,)]
    return kept | {"nicId": card.nic_id, "selectionType": chosen, "ipConfigs": configs} | without_empty(named)


def _config(card: ReplicatedNic, raw: Json, *, primary: bool) -> Json:
    """Give one address (the spelling of isSeletedForFailover is the service's); the plan speaks of the primary one only.

    The others follow the card to its subnets; where they stay in their subnet they keep their address.
    """
    kept = {name: raw[name] for name in CONFIG_KEPT if raw.get(name)} | without_empty({"ipConfigName": raw.get("name")})
    spoken = {"recoverySubnetName": card.subnet, "tfoSubnetName": card.test_subnet}
    spoken |= (
        {"recoveryStaticIPAddress": card.ip, "tfoStaticIPAddress": card.test_ip}
        if primary
        else {
            "recoveryStaticIPAddress": _stays(raw, "recoverySubnetName", card.subnet, "recoveryStaticIPAddress"),
            "tfoStaticIPAddress": _stays(raw, "tfoSubnetName", card.test_subnet, "tfoStaticIPAddress"),
        }
    )
    return kept | {"isPrimary": primary, "isSeletedForFailover": not card.left_out, **without_empty(spoken)}


def _stays(raw: Json, where: str, subnet: str, what: str) -> str:
    """Give an address that is kept: one of another subnet would not fit."""
    same = not subnet or str(raw.get(where) or "").lower() == subnet.lower()
    return str(raw.get(what) or "") if same else ""


def _first(raw: Json) -> Json:
    """Give a card's primary address: the one that is called so, else the first, else one of which nothing is known."""
    configs = raw.get("ipConfigs") or ()
    return next((each for each in configs if each.get("isPrimary")), next(iter(configs), {}))


def disks(target: ReplicationTarget) -> list[Json]:
    """Give the disks to replicate, empty = all."""
    return [_disk(target, each) for each in target.disks if not each.left_out]


def _disk(target: ReplicationTarget, disk: DiskPlacement) -> Json:
    return without_empty(
        {
            "diskId": disk.disk_id,
            "logStorageAccountId": target.log_storage_account_id,
            "diskType": disk.disk_type or target.disk_type,
            "diskEncryptionSetId": disk.encryption_set_id or target.disk_encryption_set_id,
        }
    )


def tags(target: ReplicationTarget) -> Json:
    """Give the tags; unlike the newer provider this one takes them as an object (recorded)."""
    named = {"targetVmTags": target.tags, "targetManagedDiskTags": target.disk_tags, "targetNicTags": target.nic_tags}
    return {name: value for name, value in named.items() if value}


def cards(details: Json) -> tuple[Card, ...]:
    """Read the cards of a protected machine, the primary one first; this provider says which by its id."""
    first = details.get("selectedSourceNicId")
    read = [_card(raw, first) for raw in details.get("vmNics") or ()]
    return tuple(sorted(read, key=lambda card: not card.primary))


def _card(raw: Json, first: str | None) -> Card:
    """Read a card and its primary address."""
    config = _first(raw)
    return Card(
        nic_id=raw.get("nicId") or "",
        primary=raw.get("nicId") == first,
        left_out=raw.get("selectionType") == "NotSelected",
        name=raw.get("targetNicName") or "",
        subnet=config.get("recoverySubnetName") or "",
        ip=config.get("recoveryStaticIPAddress") or "",
        test_subnet=config.get("tfoSubnetName") or "",
        test_ip=config.get("tfoStaticIPAddress") or "",
        security_group_id=raw.get("recoveryNetworkSecurityGroupId") or "",
        test_security_group_id=raw.get("tfoNetworkSecurityGroupId") or "",
        source_ip=config.get("staticIPAddress") or "",
        as_read=raw,
    )
