"""A stand-in that is started again on its file goes on where the one before it was."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from starlette.applications import Starlette

from local.ssm.app import create_app
from local.ssm.world import World
from tests.local.ssm.conftest import Around

ONE = "i-0aaa11112222bbbb1"
TWICE = [{"match": "date", "result": "failure", "exitCode": 7, "times": 2}]


@pytest.fixture
def start(around: Around, serve: Callable[[Starlette], str], tmp_path: Path) -> Iterator[Callable[[], tuple[str, Any]]]:
    """Start a stand-in on the one file, beside the one before it; gives its URL and a client."""
    outside, made = serve(around.app()), list[Any]()

    def another() -> tuple[str, Any]:
        url = serve(create_app(World(f"{outside}/clock", outside), kept=tmp_path / "ssm.json"))
        keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
        made.append(boto3.client("ssm", endpoint_url=url, region_name="eu-west-1", **keys))
        return url, made[-1]

    yield another
    for client in made:
        client.close()


def send(client: Any) -> str:
    request = {"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["date"]}}
    return str(client.send_command(InstanceIds=[ONE], **request)["Command"]["CommandId"])


def status(client: Any, command: str) -> tuple[str, int]:
    seen = client.get_command_invocation(CommandId=command, InstanceId=ONE)
    return seen["Status"], seen["ResponseCode"]


def test_commands_that_were_sent_run_on_and_are_known(start: Callable[[], tuple[str, Any]], around: Around) -> None:
    url, client = start()
    httpx.put(f"{url}/control/instances", json=[{"instanceId": ONE, "tags": {"Name": "web1"}}]).raise_for_status()
    command = send(client)
    around.later(5)
    assert status(client, command) == ("InProgress", -1)

    _, again = start()
    assert status(again, command) == ("InProgress", -1)
    around.later(60)
    assert status(again, command) == ("Success", 0)
    assert [each["InstanceId"] for each in again.describe_instance_information()["InstanceInformationList"]] == [ONE]


def test_what_was_told_of_scripts_is_counted_on(start: Callable[[], tuple[str, Any]], around: Around) -> None:
    url, client = start()
    httpx.put(f"{url}/control/instances", json=[{"instanceId": ONE, "outcomes": TWICE}]).raise_for_status()
    send(client)

    _, again = start()
    commands = [send(again), send(again)]
    around.later(60)
    assert [status(again, each) for each in commands] == [("Failed", 7), ("Success", 0)]


def test_power_and_files_that_people_put_there_are_kept(start: Callable[[], tuple[str, Any]]) -> None:
    url, _ = start()
    httpx.put(f"{url}/control/instances", json=[{"instanceId": ONE}]).raise_for_status()
    httpx.put(f"{url}/control/instances/{ONE}/power", json={"on": False}).raise_for_status()

    again, client = start()
    [seen] = httpx.get(f"{again}/control/instances").json()
    assert (seen["instanceId"], seen["poweredOn"]) == (ONE, False)
    assert client.describe_instance_information()["InstanceInformationList"][0]["PingStatus"] == "ConnectionLost"
