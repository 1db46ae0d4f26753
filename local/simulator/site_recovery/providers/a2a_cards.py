"""An A2A item's network cards: as the wire shows them, as updates change them, and what they become."""

from collections.abc import Iterator

from ...resources import last_segment
from ...vms import VmNic
from ..ids import guid
from ..state import Item, Json, Place

_CARD = (  # what an update may say of a card and an item gives back, in the recorded order
    ("recoveryNetworkSecurityGroupId", None),
    ("enableAcceleratedNetworkingOnRecovery", False),
    ("tfoNetworkSecurityGroupId", None),
    ("enableAcceleratedNetworkingOnTfo", None),
    ("recoveryNicName", None),
    ("recoveryNicResourceGroupName", None),
    ("reuseExistingNic", False),
    ("tfoRecoveryNicName", None),
    ("tfoRecoveryNicResourceGroupName", None),
    ("tfoReuseExistingNic", False),
    ("targetNicName", None),
)
_NAMELESS = ""  # an update that names no address means the primary one


def nic_ids(source: Json) -> list[str]:
    """Return the ids of the source VM's network cards, the primary one first."""
    profile = source["properties"].get("networkProfile") or {}
    cards = list(profile.get("networkInterfaces") or [])
    cards.sort(key=lambda card: not (card.get("properties") or {}).get("primary"))
    return [str(card["id"]) for card in cards]


def nic_guid(item: Item, nic_id: str) -> str:
    """Return the GUID by which an item names a card of its source (recorded)."""
    return guid(item.internal_id, nic_id)


def configs_of(place: Place, nic_id: str) -> list[Json]:
    """Return the address configurations of a source card, the primary one first."""
    card = place.vault.world.resources.get(nic_id) or {"properties": {}}
    configs = list(card["properties"].get("ipConfigurations") or [{"name": "ipconfig1", "properties": {}}])
    configs.sort(key=lambda config: not (config.get("properties") or {}).get("primary"))
    return configs


def subnet_id(place: Place, nic_id: str, config: Json | None = None) -> str:
    """Return the id of the subnet that an address of a source card lies in: the primary one's, unless another is meant."""
    about = (config or configs_of(place, nic_id)[0]).get("properties") or {}
    return str((about.get("subnet") or {}).get("id") or "")


def said_of(place: Place, nic_id: str) -> Json:
    """Return what updates said of a network card, by whichever of its names; its addresses under `configs`."""
    nics: Json = place.item.inputs.get("nics") or {}
    known: Json = nics.get(nic_guid(place.item, nic_id)) or nics.get(nic_id.lower()) or {}
    return known


def said_of_address(place: Place, nic_id: str, config: Json) -> Json:
    """Return what updates said of one address."""
    configs: Json = said_of(place, nic_id).get("configs") or {}
    named: Json = configs.get(str(config.get("name") or "").lower()) or {}
    first = config.get("name") == configs_of(place, nic_id)[0].get("name")
    return {**(configs.get(_NAMELESS) or {}), **named} if first else named


def primary_said(place: Place, nic_id: str) -> Json:
    """Return what updates said of a card's primary address."""
    return said_of_address(place, nic_id, configs_of(place, nic_id)[0])


def card_changes(item: Item, cards: list[Json]) -> Iterator[tuple[str, Json]]:
    """Yield each card of an update with all that is known of it by now: an address that it leaves out keeps what it had."""
    for card in cards:
        key = str(card.get("nicId") or "").lower()
        before: Json = (item.inputs.get("nics") or {}).get(key) or {}
        changes = {name: value for name, value in card.items() if value is not None and name != "ipConfigs"}
        configs = dict(before.get("configs") or {})
        for config in card.get("ipConfigs") or []:
            own = {name: value for name, value in config.items() if value is not None}
            named = str(own.pop("ipConfigName", own.pop("name", None)) or _NAMELESS).lower()
            configs[named] = {**configs.get(named, {}), **own}
        yield key, {**before, **changes, "configs": configs}


def card_json(place: Place, nic_id: str, network: str, subnet: str) -> Json:
    """Return a card with every address; what an update did not say follows the source."""
    settings = said_of(place, nic_id)
    return {
        "nicId": nic_guid(place.item, nic_id),  # recorded: a GUID, while the network's name is its ARM id
        "replicaNicId": None,
        "sourceNicArmId": nic_id,
        "vMNetworkName": subnet_id(place, nic_id).partition("/subnets/")[0] or None,
        "recoveryVMNetworkId": network or None,
        "ipConfigs": [_address(place, nic_id, config, subnet) for config in configs_of(place, nic_id)],
        "selectionType": settings.get("selectionType") or _selection(place),
        "tfoVMNetworkId": place.item.inputs.get("selectedTfoAzureNetworkId"),
        **{name: settings.get(name, unsaid) for name, unsaid in _CARD},
    }


def _selection(place: Place) -> str:
    """Return who chose a card's network (recorded: the user's override where enabling named one)."""
    return "SelectedByUserOverride" if place.item.inputs.get("recoveryAzureNetworkId") else "SelectedByDefault"


def _address(place: Place, nic_id: str, config: Json, subnet: str) -> Json:
    settings = said_of_address(place, nic_id, config)
    address, fixed = config.get("properties") or {}, settings.get("recoveryStaticIPAddress") or ""
    return {
        "name": config.get("name"),
        "isPrimary": config.get("name") == configs_of(place, nic_id)[0].get("name"),
        "subnetName": last_segment(subnet_id(place, nic_id, config)) or None,
        "staticIPAddress": address.get("privateIPAddress"),
        "ipAddressType": address.get("privateIPAllocationMethod"),
        "isSeletedForFailover": settings.get("isSeletedForFailover", True),
        "recoverySubnetName": last_segment(str(settings.get("recoverySubnetName") or subnet)) or None,
        "recoveryStaticIPAddress": fixed,
        "recoveryIPAddressType": "Static" if fixed else "Dynamic",
        "recoveryPublicIPAddressId": settings.get("recoveryPublicIPAddressId"),
        "recoveryLBBackendAddressPoolIds": settings.get("recoveryLBBackendAddressPoolIds"),
        "tfoSubnetName": settings.get("tfoSubnetName"),
        "tfoStaticIPAddress": settings.get("tfoStaticIPAddress"),
        "tfoPublicIPAddressId": settings.get("tfoPublicIPAddressId"),
        "tfoLBBackendAddressPoolIds": settings.get("tfoLBBackendAddressPoolIds"),
    }


def more_ips(place: Place, nic_id: str, *, test: bool) -> tuple[str, ...]:
    """Return the fixed addresses that a card gets beside its primary one."""
    field = "tfoStaticIPAddress" if test else "recoveryStaticIPAddress"
    settings = [said_of_address(place, nic_id, config) for config in configs_of(place, nic_id)[1:]]
    return tuple(str(each[field]) for each in settings if each.get(field) and each.get("isSeletedForFailover", True))


def further_cards(place: Place, ids: list[str], *, test: bool) -> tuple[VmNic, ...]:
    """Return the cards that a VM gets beside its first one; those that an update left out stay behind."""
    which = "tfo" if test else "recovery"
    found = []
    for nic_id in ids[1:]:
        settings, address = said_of(place, nic_id), primary_said(place, nic_id)
        if settings.get("selectionType") == "NotSelected":
            continue
        subnet = last_segment(str(address.get(f"{which}SubnetName") or ""))
        fixed = str(address.get(f"{which}StaticIPAddress") or "")
        found.append(VmNic("", subnet, fixed, more_ips(place, nic_id, test=test)))
    return tuple(found)
