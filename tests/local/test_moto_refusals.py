"""The stand-in for EC2 refuses and forgets what EC2 does."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.moto_gaps import teach_moto
from local.power import Neighbours
from local.world.images import IMAGES


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    teach_moto(Neighbours())
    from moto import mock_aws  # noqa: PLC0415 - after it was taught

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    with mock_aws():
        yield boto3.client("ec2", region_name="eu-west-1")


def launched(ec2: Any, image: str = "", **more: Any) -> str:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    image = image or ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    request = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "SubnetId": subnet, **more}
    return str(ec2.run_instances(**request)["Instances"][0]["InstanceId"])


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value.response["Error"]["Code"])


def test_a_terminated_instance_is_not_brought_back(ec2: Any) -> None:
    instance = launched(ec2)
    ec2.terminate_instances(InstanceIds=[instance])

    assert code_of(ec2.start_instances, InstanceIds=[instance]) == "IncorrectInstanceState"
    assert code_of(ec2.stop_instances, InstanceIds=[instance]) == "IncorrectInstanceState"


def test_a_terminated_instance_shows_no_network_and_no_disks(ec2: Any) -> None:
    instance = launched(ec2)
    ec2.terminate_instances(InstanceIds=[instance])

    shown = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    assert shown["State"]["Name"] == "terminated"
    assert not {"VpcId", "SubnetId", "PrivateIpAddress"} & shown.keys()
    assert (shown["NetworkInterfaces"], shown["BlockDeviceMappings"]) == ([], [])


def test_the_name_of_an_image_is_taken_once(ec2: Any) -> None:
    instance = launched(ec2)
    ec2.create_image(InstanceId=instance, Name="nightly")

    assert code_of(ec2.create_image, InstanceId=instance, Name="nightly") == "InvalidAMIName.Duplicate"


def test_the_snapshots_of_an_image_get_tags_of_their_own(ec2: Any) -> None:
    instance = launched(ec2)
    tags = [{"ResourceType": kind, "Tags": [{"Key": "kind", "Value": kind}]} for kind in ("image", "snapshot")]
    made = ec2.create_image(InstanceId=instance, Name="nightly", TagSpecifications=tags)["ImageId"]

    image = ec2.describe_images(ImageIds=[made])["Images"][0]
    snapshot = image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    kept = ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]
    assert image["Tags"] == [{"Key": "kind", "Value": "image"}]
    assert kept["Tags"] == [{"Key": "kind", "Value": "snapshot"}]


def described(ec2: Any, instance: str) -> dict[str, Any]:
    return dict(ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0])


def test_an_instance_says_what_its_image_prefers_and_how_it_booted(ec2: Any) -> None:
    prefers = next(image.ami for image in IMAGES.values() if image.boot_mode)
    shown = described(ec2, launched(ec2, prefers))
    assert (shown["BootMode"], shown["CurrentInstanceBootMode"]) == ("uefi-preferred", "legacy-bios")
    silent = described(ec2, launched(ec2, IMAGES["rhel-8"].ami))
    assert not {"BootMode", "CurrentInstanceBootMode"} & silent.keys()


def test_an_instance_whose_first_start_is_not_over_cannot_be_stopped_yet(ec2: Any) -> None:
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "local:first-start", "Value": "2"}]}]
    instance = launched(ec2, IMAGES["rhel-8"].ami, TagSpecifications=tags)
    for _ in range(2):
        assert described(ec2, instance)["State"]["Name"] == "pending"
        with pytest.raises(ClientError, match="has never reached the 'running' state"):
            ec2.stop_instances(InstanceIds=[instance])
    assert described(ec2, instance)["State"]["Name"] == "running"
    ec2.stop_instances(InstanceIds=[instance])
    assert described(ec2, instance)["State"]["Name"] == "stopped"
