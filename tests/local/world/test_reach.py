"""An agent is installed only where the security groups let its machine reach the appliance."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest

from local.ssm.app import create_app
from local.ssm.reach import Reach
from local.ssm.world import World as Around
from local.world.build import Places, build
from local.world.model import World

SCRIPT = ["set -- --appliance 10.0.2.4 --installer x --config y", "UnifiedAgentConfigurator.sh"]
WORLD = {
    "aws": {
        "securityGroups": [{"name": "appliance"}, {"name": "machines"}],
        "instances": [
            {"name": "appliance", "ip": "10.0.2.4", "image": "windows-2022", "securityGroups": ["appliance"]},
            {"name": "db1", "id": "i-0aaa1111", "ip": "10.0.2.15", "securityGroups": ["machines"]},
        ],
    },
    "azure": {"subscriptionId": "00000000-0000-0000-0000-000000000001"},
}


@pytest.fixture
def ssm(ec2: Any, places: Places, serve: Callable[[Any], str]) -> Iterator[Any]:
    url = serve(create_app(Around(simulator=places.simulator), Reach(places.aws)))
    build(World.model_validate(WORLD), Places(places.aws, url, places.simulator))
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    client = boto3.client("ssm", endpoint_url=url, region_name="eu-west-1", **keys)
    yield client
    client.close()


def allow(ec2: Any, *ports: int, **source: Any) -> None:
    groups = {each["GroupName"]: each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]}
    named = source or {"UserIdGroupPairs": [{"GroupId": groups["machines"]}]}
    rules = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **named} for port in ports]
    ec2.authorize_security_group_ingress(GroupId=groups["appliance"], IpPermissions=rules)


def registers(places: Places, ssm: Any, script: list[str] = SCRIPT) -> bool:
    parameters = {"commands": script}
    ssm.send_command(InstanceIds=["i-0aaa1111"], DocumentName="AWS-RunShellScript", Parameters=parameters)
    httpx.post(f"{places.simulator}/control/clock", json={"advance": "P1D"}).raise_for_status()
    machines = httpx.get(f"{places.simulator}/control/machines").json()["machines"]
    return next(bool(each["agentRegistered"]) for each in machines if each["name"] == "db1")


def test_closed_ports_let_the_installation_fail(ssm: Any, places: Places) -> None:
    assert not registers(places, ssm)


def test_one_open_port_is_not_enough(ec2: Any, ssm: Any, places: Places) -> None:
    allow(ec2, 443)
    assert not registers(places, ssm)


def test_a_rule_from_the_machines_group_lets_it_succeed(ec2: Any, ssm: Any, places: Places) -> None:
    allow(ec2, 443, 9443)
    assert registers(places, ssm)


def test_a_rule_from_the_machines_address_lets_it_succeed(ec2: Any, ssm: Any, places: Places) -> None:
    allow(ec2, 443, 9443, IpRanges=[{"CidrIp": "10.0.2.15/32"}])
    assert registers(places, ssm)


def test_a_rule_for_another_address_does_not_help(ec2: Any, ssm: Any, places: Places) -> None:
    allow(ec2, 443, 9443, IpRanges=[{"CidrIp": "10.0.2.16/32"}])
    assert not registers(places, ssm)


def test_an_appliance_outside_aws_is_not_judged(ssm: Any, places: Places) -> None:
    assert registers(places, ssm, [SCRIPT[0].replace("10.0.2.4", "192.168.1.4"), SCRIPT[1]])
