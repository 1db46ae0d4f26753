"""Tells whether what a script tries would answer: by EC2's security groups, and by what the world says of the machines.

Here nothing runs, so the stand-in reads the scripts: an installation tries the appliance that it names, a check the places
that stand in it. A product that forgets to open a rule fails as it would at AWS.
"""

import asyncio
import re
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from threading import Lock
from typing import Any

import boto3

from .machines import Instance

PORTS = (443, 9443)
_PLACES = re.compile(r"(?:-{1,2}|')[Pp]laces(?:' =)?[ =:]+[\"']?(?P<places>[\w.:,-]+)")


def tried(text: str) -> list[tuple[str, int]]:
    """Return the places that a check tries to connect to."""
    found = _PLACES.search(text)
    pairs = (each.rpartition(":") for each in found["places"].split(",")) if found else ()
    return [(host, int(port)) for host, _, port in pairs]


def is_address(host: str) -> bool:
    """Tell an address from a name."""
    return host.replace(".", "").isdigit()


class Reach:
    """Reads rules from EC2 at this URL; without one everything is reachable."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._session = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local")  # noqa: S106 - any will do
        self._clients: dict[str, Any] = {}
        self._making = Lock()

    async def closed_port(self, appliance_ip: str, machine_ip: str, region: str) -> int | None:
        """Return the first port of the appliance that this machine cannot reach, None when all is well."""
        if self._url is None:
            return None
        return next(iter(await asyncio.to_thread(self._closed, machine_ip, appliance_ip, PORTS, region)), None)

    async def unanswered(
        self, text: str, tries: Instance, others: Iterable[Instance], region: str
    ) -> list[tuple[str, int]]:
        """Return the places of a script that do not answer the instance that tries them."""
        shuts = {each.private_ip: each.shuts for each in others}
        places = tried(text)
        closed: dict[str, Collection[int]] = {}
        for host in {host for host, _ in places if is_address(host)} if self._url else ():
            ports = [port for each, port in places if each == host]
            closed[host] = await asyncio.to_thread(self._closed, tries.private_ip, host, ports, region)
        return [
            (host, port)
            for host, port in places
            if port in shuts.get(host, ())
            or port in closed.get(host, ())
            or (not is_address(host) and any(fnmatchcase(host, pattern) for pattern in tries.unreached))
        ]

    def _ec2(self, region: str) -> Any:
        """Return the client of a region: making one costs more than what it is asked, and threads may share it."""
        with self._making:
            if region not in self._clients:
                self._clients[region] = self._session.client("ec2", endpoint_url=self._url, region_name=region)
            return self._clients[region]

    def close(self) -> None:
        """Close the connections to EC2."""
        with self._making:
            while self._clients:
                self._clients.popitem()[1].close()

    def _closed(self, machine_ip: str, appliance_ip: str, ports: Sequence[int], region: str) -> list[int]:
        ec2 = self._ec2(region)
        groups = _groups(ec2, (machine_ip, appliance_ip))
        if not groups[appliance_ip]:  # outside this VPC: rules of ours say nothing of it
            return []
        rules = {group["GroupId"]: group for group in _described(ec2, groups.values())}
        inward = [rule for group in groups[appliance_ip] for rule in rules[group]["IpPermissions"]]
        outward = [rule for group in groups[machine_ip] for rule in rules[group]["IpPermissionsEgress"]]
        return [
            port
            for port in ports
            if not _lets(inward, port, machine_ip, groups[machine_ip])
            or not _lets(outward, port, appliance_ip, groups[appliance_ip])
        ]


def _groups(ec2: Any, ips: Sequence[str]) -> dict[str, list[str]]:
    """Return the groups of the instances that have these addresses: asked for at once, as a fleet asks for each machine."""
    wanted = [{"Name": "private-ip-address", "Values": list(ips)}]
    groups: dict[str, list[str]] = {ip: [] for ip in ips}
    for reservation in ec2.describe_instances(Filters=wanted)["Reservations"]:
        for each in reservation["Instances"]:
            groups[each["PrivateIpAddress"]] += [group["GroupId"] for group in each["SecurityGroups"]]
    return groups


def _described(ec2: Any, groups: Iterable[list[str]]) -> list[dict[str, Any]]:
    ids = sorted({group for each in groups for group in each})
    found: list[dict[str, Any]] = ec2.describe_security_groups(GroupIds=ids)["SecurityGroups"]
    return found


def _lets(rules: list[dict[str, Any]], port: int, other_ip: str, other_groups: list[str]) -> bool:
    return any(_covers(rule, port) and _names(rule, other_ip, other_groups) for rule in rules)


def _covers(rule: dict[str, Any], port: int) -> bool:
    if rule["IpProtocol"] == "-1":
        return True
    return bool(rule["IpProtocol"] in ("tcp", "6") and rule["FromPort"] <= port <= rule["ToPort"])


def _names(rule: dict[str, Any], ip: str, groups: list[str]) -> bool:
    ranges = (ip_network(each["CidrIp"]) for each in rule.get("IpRanges", ()))
    pairs = (each["GroupId"] for each in rule.get("UserIdGroupPairs", ()))
    return any(ip_address(ip) in each for each in ranges) or any(each in groups for each in pairs)
