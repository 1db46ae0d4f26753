"""Virtual networks, subnets and network cards.

| operation | role action |
| --- | --- |
| get_vnet | Microsoft.Network/virtualNetworks/read |
| get_nic, delete_nic | Microsoft.Network/networkInterfaces/read, …/networkInterfaces/delete |
"""

from ipaddress import ip_network
from typing import Any

from pydantic import Field

from shared.azure import clients
from shared.azure.arm import AcceptedWrite, submit_delete
from shared.azure.arm_id import parse
from shared.azure.refusals import found
from shared.models import Model

USED = "subnets/ipConfigurations"  # documented: the value of `$expand` that fills in what subnets only refer to
RESERVED = 5  # documented: the first four addresses of a subnet and its last one belong to Azure


class AzureSubnet(Model):
    """A subnet."""

    id: str
    name: str
    prefixes: tuple[str, ...] = ()
    used: int = 0
    addresses: tuple[str, ...] = Field(default=(), description="in use; only where they were asked for")
    security_group_id: str = ""
    delegated: bool = False

    @property
    def free(self) -> int:
        """How many IPv4 addresses are left."""
        nets = [ip_network(prefix) for prefix in self.prefixes]
        return sum(max(net.num_addresses - RESERVED, 0) for net in nets if net.version == 4) - self.used


class Vnet(Model):
    """A virtual network with its subnets."""

    id: str
    name: str
    location: str
    prefixes: tuple[str, ...] = ()
    subnets: tuple[AzureSubnet, ...] = ()
    peered_with: tuple[str, ...] = Field(default=(), description="ids of peered networks: a test network has none")

    def subnet(self, name: str) -> AzureSubnet | None:
        """Give the subnet of that name, in any case."""
        return next((each for each in self.subnets if each.name.lower() == name.lower()), None)


class NetworkInterface(Model):
    """A network card."""

    id: str
    name: str
    vm_id: str = ""
    private_ips: tuple[str, ...] = ()
    subnet_id: str = ""
    security_group_id: str = ""


def vnet_id(subscription: str, group: str, name: str) -> str:
    """Give a virtual network's ARM id."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/{name}"


def get_vnet(arm_id: str, *, addresses: bool = False) -> Vnet | None:
    """Give the network, or None when it does not exist; with the addresses that are in use where `addresses` says so."""
    at = parse(arm_id)
    networks, expand = clients.network(at.subscription).virtual_networks, USED if addresses else None
    return found(f"reading network {at.name}", lambda: _vnet(networks.get(at.group, at.name, expand=expand).as_dict()))


def get_nic(arm_id: str) -> NetworkInterface | None:
    """Give the network card, or None when it does not exist."""
    at = parse(arm_id)
    cards = clients.network(at.subscription).network_interfaces
    return found(f"reading network card {at.name}", lambda: _nic(cards.get(at.group, at.name).as_dict()))


def delete_nic(arm_id: str, request: str) -> AcceptedWrite:
    """Delete a network card that no VM uses; one that is gone is fine."""
    at = parse(arm_id)
    send = clients.network(at.subscription).network_interfaces.begin_delete
    return submit_delete(f"deleting network card {at.name}", request, send, at.group, at.name)


def _vnet(raw: dict[str, Any]) -> Vnet:
    properties = raw.get("properties") or {}
    peers = (each.get("properties") or {} for each in properties.get("virtualNetworkPeerings") or ())
    return Vnet(
        id=raw["id"],
        name=raw["name"],
        location=raw["location"],
        prefixes=(properties.get("addressSpace") or {}).get("addressPrefixes") or (),
        subnets=tuple(_subnet(each) for each in properties.get("subnets") or ()),
        peered_with=tuple(_id(each.get("remoteVirtualNetwork")) for each in peers),
    )


def _subnet(raw: dict[str, Any]) -> AzureSubnet:
    properties = raw.get("properties") or {}
    prefix, used = properties.get("addressPrefix"), properties.get("ipConfigurations") or ()
    return AzureSubnet(
        id=raw["id"],
        name=raw["name"],
        prefixes=(prefix,) if prefix else properties.get("addressPrefixes") or (),
        used=len(used),
        addresses=tuple(dict.fromkeys(each for each in map(_address, used) if each)),
        security_group_id=_id(properties.get("networkSecurityGroup")),
        delegated=bool(properties.get("delegations")),
    )


def _address(configuration: dict[str, Any]) -> str:
    return str((configuration.get("properties") or {}).get("privateIPAddress") or "")


def _nic(raw: dict[str, Any]) -> NetworkInterface:
    properties = raw.get("properties") or {}
    configurations = [each.get("properties") or {} for each in properties.get("ipConfigurations") or ()]
    configurations.sort(key=lambda each: not each.get("primary"))  # Azure lists them in any order
    return NetworkInterface(
        id=raw["id"],
        name=raw["name"],
        vm_id=_id(properties.get("virtualMachine")),
        private_ips=tuple(each["privateIPAddress"] for each in configurations if each.get("privateIPAddress")),
        subnet_id=next((_id(each.get("subnet")) for each in configurations), ""),
        security_group_id=_id(properties.get("networkSecurityGroup")),
    )


def _id(reference: dict[str, Any] | None) -> str:
    return str((reference or {}).get("id") or "")
