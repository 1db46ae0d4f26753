"""Routes and network ACLs: whether packets can go at all, before security groups are asked.

| operation | IAM action |
| --- | --- |
| read_subnets | ec2:DescribeSubnets, ec2:DescribeRouteTables, ec2:DescribeNetworkAcls |
"""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from pydantic import Field

from shared.models import Model
from shared.sources.aws.instances import batched
from shared.sources.aws.refusals import asking
from shared.sources.aws.session import AwsPlace, ec2

ANY, TCP = "-1", "6"
INTERNET = ("igw-", "nat-", "eigw-", "cagw-")  # carrier gateways lead to the internet, too
EPHEMERAL = 49152  # the answer's port: the first one that every system may choose


class Route(Model):
    """A route of a table."""

    destination: str
    target: str = Field(description="local, igw-…, nat-…, tgw-…, pcx-…, vgw-…, eni-…, vpce-…")
    active: bool = True

    @property
    def to_the_internet(self) -> bool:
        """Tell whether it ends at a gateway to the internet, behind which there is no private address."""
        return self.target.startswith(INTERNET)


class AclEntry(Model):
    """An entry of a network ACL; the lowest number that matches decides."""

    number: int
    egress: bool
    allow: bool
    protocol: str
    cidr: str
    from_port: int = 0
    to_port: int = 65535


class VpcSubnet(Model):
    """A subnet with what decides about its packets."""

    id: str
    vpc: str
    cidr: str
    routes: tuple[Route, ...] = ()
    entries: tuple[AclEntry, ...] = ()
    lists: bool = Field(default=False, description="some of its routes name prefix lists, which are not read")

    def route_to(self, address: str) -> Route | None:
        """Give the route that a packet takes: the active one with the longest prefix."""
        fits = [route for route in self.routes if route.active and _holds(route.destination, address)]
        return max(fits, key=lambda route: ip_network(route.destination).prefixlen, default=None)

    def lets(self, address: str, port: int, *, egress: bool) -> bool:
        """Tell whether its ACL lets TCP pass to (or from) an address at a port."""
        rules = sorted((each for each in self.entries if each.egress == egress), key=lambda each: each.number)
        return next((each.allow for each in rules if _matches(each, address, port)), False)


def reaches(source: VpcSubnet, source_ip: str, target: VpcSubnet, target_ip: str, port: int) -> bool:
    """Tell whether ACLs let a TCP connection and its answers pass; within one subnet no ACL is asked."""
    if source.id == target.id:
        return True
    forth = source.lets(target_ip, port, egress=True) and target.lets(source_ip, port, egress=False)
    back = target.lets(source_ip, EPHEMERAL, egress=True) and source.lets(target_ip, EPHEMERAL, egress=False)
    return forth and back


def read_subnets(place: AwsPlace, ids: Iterable[str]) -> dict[str, VpcSubnet]:
    """Give the subnets that are there, by id, each with its routes (the VPC's main table if it has none) and ACL."""
    wanted = sorted(set(ids))
    raw = _all(place, "describe_subnets", "Subnets", "subnet-id", wanted)
    vpcs = sorted({each["VpcId"] for each in raw})
    tables = _all(place, "describe_route_tables", "RouteTables", "vpc-id", vpcs)
    acls = _all(place, "describe_network_acls", "NetworkAcls", "vpc-id", vpcs)
    return {each["SubnetId"]: _subnet(each, tables, acls) for each in raw}


def _all(place: AwsPlace, operation: Any, field: str, name: str, values: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    with asking(f"reading {field} in {place.region}"):
        for some in batched(values):
            pages: Any = ec2(place).get_paginator(operation).paginate(Filters=[{"Name": name, "Values": some}])
            found += [each for page in pages for each in page[field]]
    return found


def _subnet(raw: Any, tables: list[Any], acls: list[Any]) -> VpcSubnet:
    subnet, vpc = raw["SubnetId"], raw["VpcId"]
    routes = _associated(tables, subnet) or _main(tables, vpc)
    entries = _associated(acls, subnet) or {}
    return VpcSubnet(
        id=subnet,
        vpc=vpc,
        cidr=raw["CidrBlock"],
        routes=tuple(_route(each) for each in routes.get("Routes", ()) if each.get("DestinationCidrBlock")),
        entries=tuple(_entry(each) for each in entries.get("Entries", ()) if each.get("CidrBlock")),
        lists=any(map(_by_list, routes.get("Routes", ()))),
    )


def _by_list(raw: Any) -> bool:
    """Tell whether a route is for a prefix list of people's own; those of AWS's services go to their endpoints."""
    return bool(raw.get("DestinationPrefixListId")) and not str(raw.get("GatewayId", "")).startswith("vpce-")


def _associated(things: list[Any], subnet: str) -> Any:
    return next(
        (each for each in things if any(association.get("SubnetId") == subnet for association in each["Associations"])),
        None,
    )


def _main(tables: list[Any], vpc: str) -> Any:
    of_vpc = [each for each in tables if each["VpcId"] == vpc]
    return next((each for each in of_vpc if any(association.get("Main") for association in each["Associations"])), {})


_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
    "InstanceId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)


def _route(raw: Any) -> Route:
    target = next((raw[name] for name in _TARGETS if raw.get(name)), "")
    return Route(destination=raw["DestinationCidrBlock"], target=target, active=raw.get("State", "active") == "active")


def _entry(raw: Any) -> AclEntry:
    ports = raw.get("PortRange") or {}
    return AclEntry(
        number=raw["RuleNumber"],
        egress=bool(raw["Egress"]),
        allow=raw["RuleAction"] == "allow",
        protocol=str(raw["Protocol"]),
        cidr=raw["CidrBlock"],
        from_port=ports.get("From", 0),
        to_port=ports.get("To", 65535),
    )


def _holds(cidr: str, address: str) -> bool:
    return ip_address(address) in ip_network(cidr)


def _matches(entry: AclEntry, address: str, port: int) -> bool:
    ours = entry.protocol in (ANY, TCP, "tcp") and _holds(entry.cidr, address)
    return ours and (entry.protocol == ANY or entry.from_port <= port <= entry.to_port)
