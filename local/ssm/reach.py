"""Asks EC2 whether a machine's security groups let it reach the appliance that its install script names.

The scripts look at the appliance's ports themselves before they install anything, so on a real machine a closed port ends
them. Here nothing runs, so the stand-in looks at the rules: a product that forgets to open them fails as it would at AWS.
"""

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Any

import boto3

PORTS = (443, 9443)


class Reach:
    """Reads rules from EC2 at this URL; without one everything is reachable."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._session = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local")  # noqa: S106 - any will do

    async def closed_port(self, appliance_ip: str, machine_ip: str, region: str) -> int | None:
        """Return the first port of the appliance that this machine cannot reach, None when all is well."""
        if self._url is None:
            return None
        return await asyncio.to_thread(self._closed, machine_ip, appliance_ip, region)

    def _closed(self, machine_ip: str, appliance_ip: str, region: str) -> int | None:
        ec2 = self._session.client("ec2", endpoint_url=self._url, region_name=region)
        try:
            groups = {ip: _groups(ec2, ip) for ip in (machine_ip, appliance_ip)}
            if not groups[appliance_ip]:  # outside this VPC: rules of ours say nothing of it
                return None
            rules = {group["GroupId"]: group for group in _described(ec2, groups.values())}
        finally:
            ec2.close()
        inward = [rule for group in groups[appliance_ip] for rule in rules[group]["IpPermissions"]]
        outward = [rule for group in groups[machine_ip] for rule in rules[group]["IpPermissionsEgress"]]
        for port in PORTS:
            let_in = _lets(inward, port, machine_ip, groups[machine_ip])
            let_out = _lets(outward, port, appliance_ip, groups[appliance_ip])
            if not (let_in and let_out):
                return port
        return None


def _groups(ec2: Any, ip: str) -> list[str]:
    found = ec2.describe_instances(Filters=[{"Name": "private-ip-address", "Values": [ip]}])["Reservations"]
    return [group["GroupId"] for one in found for each in one["Instances"] for group in each["SecurityGroups"]]


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
