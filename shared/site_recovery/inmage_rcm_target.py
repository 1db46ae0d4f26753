"""What a machine becomes in Azure, in the words of `InMageRcm`."""

from shared.site_recovery.provider import Card, DiskPlacement, ReplicatedNic, ReplicationTarget
from shared.site_recovery.wire import Json, without_empty


def vm_fields(target: ReplicationTarget) -> Json:
    """Return what names the VM and where it goes, in the words that `InMageRcm` and `VMwareCbt` share."""
    return {
        "targetVmName": target.vm_name,
        "targetVmSize": target.vm_size,
        "targetResourceGroupId": target.resource_group_id,
        "targetNetworkId": target.network_id,
        "testNetworkId": target.test_network_id,
        "licenseType": target.license_type,
        "sqlServerLicenseType": target.sql_license_type,
        "linuxLicenseType": target.linux_license_type,
        "userSelectedOSName": target.os_name,
        "targetAvailabilitySetId": target.availability_set_id,
        "targetAvailabilityZone": target.availability_zone,
        "targetProximityPlacementGroupId": target.proximity_placement_group_id,
        "targetCapacityReservationGroupId": target.capacity_reservation_group_id,
        "targetBootDiagnosticsStorageAccountId": target.boot_diagnostics_account_id,
    }


def place(target: ReplicationTarget) -> Json:
    """Give what enable and update both take."""
    return without_empty(
        {
            **vm_fields(target),
            "targetVmTags": tags(target.tags),
            "targetManagedDiskTags": tags(target.disk_tags),
            "targetNicTags": tags(target.nic_tags),
        }
    )


def disks(target: ReplicationTarget) -> Json:
    """Give the disks: one default for all, or a list of those to replicate (never both, documented)."""
    if target.disks:
        return {"disksToInclude": [_disk(target, each) for each in target.disks if not each.left_out]}
    return {"disksDefault": _disk(target, DiskPlacement())}


def _disk(target: ReplicationTarget, disk: DiskPlacement) -> Json:
    return without_empty(
        {
            "diskId": disk.disk_id,
            "logStorageAccountId": target.log_storage_account_id,
            "diskType": disk.disk_type or target.disk_type,
            "diskEncryptionSetId": disk.encryption_set_id or target.disk_encryption_set_id,
        }
    )


def nic(card: ReplicatedNic) -> Json:
    """Give a card; an address that is left out becomes dynamic (unknown: assumed, as the portal's empty field)."""
    subnets = {
        "targetSubnetName": card.subnet,
        "testSubnetName": card.test_subnet,
        "targetStaticIPAddress": card.ip,
        "testStaticIPAddress": card.test_ip,
        "targetNicName": card.name,
    }
    return {
        "nicId": card.nic_id,
        "isPrimaryNic": "true" if card.primary else "false",
        "isSelectedForFailover": "false" if card.left_out else "true",
        **without_empty(subnets),
    }


def tags(named: dict[str, str]) -> list[Json]:
    """Give tags in the provider's shape."""
    return [{"tagName": name, "tagValue": value} for name, value in named.items()]


def cards(details: Json, selected: str = "isSelectedForFailover") -> tuple[Card, ...]:
    """Read the cards of a machine, the primary one first; `selected` is the field that tells which of them come along."""
    read = [_card(raw, selected) for raw in details.get("vmNics") or ()]
    return tuple(sorted(read, key=lambda card: not card.primary))


def _card(raw: Json, selected: str) -> Card:
    """Read a card; an address that is not static says nothing of what comes."""
    addresses = {name: raw.get(f"{name}IPAddress") for name in ("target", "test")}
    static = {name: ip for name, ip in addresses.items() if raw.get(f"{name}IPAddressType") == "Static"}
    return Card(
        nic_id=raw.get("nicId") or "",
        primary=raw.get("isPrimaryNic") == "true",
        left_out=raw.get(selected) == "false",
        name=raw.get("targetNicName") or "",
        subnet=raw.get("targetSubnetName") or "",
        ip=static.get("target") or "",
        test_subnet=raw.get("testSubnetName") or "",
        test_ip=static.get("test") or "",
        source_ip=raw.get("sourceIPAddress") or "",
    )
