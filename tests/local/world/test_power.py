"""Stopping an EC2 instance is felt by replication and by SSM."""

from typing import Any

import boto3
import httpx
import pytest

from local import power
from local.world.build import build
from local.world.model import World

WORLD = {
    "aws": {"instances": [{"name": "db1", "id": "i-0aaa1111", "ip": "10.0.2.15"}]},
    "azure": {"subscriptionId": "00000000-0000-0000-0000-000000000001"},
}


@pytest.fixture
def made(ec2: Any, places: Any) -> Any:
    return build(World.model_validate(WORLD), places)["db1"]


def powered(places: Any) -> Any:
    machines = httpx.get(f"{places.simulator}/control/machines").json()["machines"]
    return {each["name"]: each["poweredOn"] for each in machines}


def ping(places: Any) -> Any:
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    client = boto3.client("ssm", endpoint_url=places.ssm, region_name="eu-west-1", **keys)
    shown = client.describe_instance_information()["InstanceInformationList"][0]["PingStatus"]
    client.close()
    return shown


def test_a_stopped_instance_is_off_everywhere_and_a_started_one_is_back(ec2: Any, places: Any, made: Any) -> None:
    assert (powered(places), ping(places)) == ({"db1": True}, "Online")
    ec2.stop_instances(InstanceIds=[made])
    assert (powered(places), ping(places)) == ({"db1": False}, "ConnectionLost")
    ec2.start_instances(InstanceIds=[made])
    assert (powered(places), ping(places)) == ({"db1": True}, "Online")


def test_a_terminated_instance_is_off(ec2: Any, places: Any, made: Any) -> None:
    ec2.terminate_instances(InstanceIds=[made])
    assert powered(places) == {"db1": False}


def test_an_instance_outside_the_world_disturbs_nobody(ec2: Any, places: Any, made: Any) -> None:
    other = ec2.run_instances(ImageId=ec2.describe_images()["Images"][0]["ImageId"], MinCount=1, MaxCount=1)
    ec2.stop_instances(InstanceIds=[other["Instances"][0]["InstanceId"]])
    assert powered(places) == {"db1": True}


def test_a_neighbour_that_is_being_started_again_is_told_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        if len(paths) < 3:
            raise httpx.ConnectError("it is away")
        return httpx.Response(200)

    monkeypatch.setattr(power, "_client", lambda: httpx.Client(transport=httpx.MockTransport(answer)))
    power.Neighbours("http://simulator").tell("i-0aaa11112222bbbb1", "10.0.2.20", on=False)
    assert paths == ["/control/power"] * 3
