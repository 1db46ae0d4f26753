"""The stand-in of EC2 that is killed and started again on its file has what the one before it had."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from local.world.images import IMAGES
from tests import prefork

KEYS = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "eu-west-1"}
AMI = next(iter(IMAGES.values())).ami


@contextmanager
def killed_at_the_end(file: Path) -> Iterator[Any]:
    """An EC2 in a process of its own; gives a client."""
    log = file.with_suffix(".log")
    process = prefork.launch(["local.aws", "--kept", str(file)], log, os.environ)
    try:
        while not (printed := log.read_text()).endswith("\n"):
            assert process.poll() is None
            time.sleep(0.02)
        client = boto3.client("ec2", endpoint_url=printed.split()[-1], **KEYS)
        yield client
        client.close()
    finally:
        process.kill()
        process.wait()


def test_instances_their_power_and_tokens_are_kept(tmp_path: Path) -> None:
    request = {"ImageId": AMI, "MinCount": 1, "MaxCount": 1, "ClientToken": "once"}
    with killed_at_the_end(tmp_path / "aws") as ec2:
        [made] = ec2.run_instances(**request)["Instances"]
        ec2.create_tags(Resources=[made["InstanceId"]], Tags=[{"Key": "Name", "Value": "web1"}])
        ec2.stop_instances(InstanceIds=[made["InstanceId"]])

    with killed_at_the_end(tmp_path / "aws") as ec2:
        [group] = ec2.describe_instances()["Reservations"]
        [seen] = group["Instances"]
        assert (seen["InstanceId"], seen["State"]["Name"]) == (made["InstanceId"], "stopped")
        assert seen["Tags"] == [{"Key": "Name", "Value": "web1"}]
        assert (seen["VpcId"], seen["PrivateIpAddress"]) == (made["VpcId"], made["PrivateIpAddress"])
        assert ec2.run_instances(**request)["Instances"][0]["InstanceId"] == made["InstanceId"]
        ec2.start_instances(InstanceIds=[made["InstanceId"]])

    with killed_at_the_end(tmp_path / "aws") as ec2:
        assert ec2.describe_instances()["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"
