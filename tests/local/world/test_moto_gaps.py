"""What EC2 does and moto alone does not."""

from typing import Any

import pytest
from botocore.exceptions import ClientError


def launch(ec2: Any, token: str, size: str = "t3.large") -> str:
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, InstanceType=size, ClientToken=token, MinCount=1, MaxCount=1)
    return str(made["Instances"][0]["InstanceId"])


def test_a_client_token_launches_once(ec2: Any) -> None:
    first = launch(ec2, "finance.1.appliance")
    assert launch(ec2, "finance.1.appliance") == first
    assert launch(ec2, "finance.2.appliance") != first
    assert len(ec2.describe_instances()["Reservations"]) == 2


def test_a_client_token_is_not_used_for_something_else(ec2: Any) -> None:
    launch(ec2, "finance.1.appliance")
    with pytest.raises(ClientError) as raised:
        launch(ec2, "finance.1.appliance", "m5.large")
    assert raised.value.response["Error"]["Code"] == "IdempotentParameterMismatch"


def test_images_of_amazon_are_found_by_name(ec2: Any) -> None:
    filters = [{"Name": "name", "Values": ["Windows_Server-2022-English-Full-Base-*"]}]
    images = ec2.describe_images(Owners=["amazon"], Filters=filters)["Images"]
    assert [image["PlatformDetails"] for image in images] == ["Windows"]


def test_an_instance_that_names_no_group_gets_its_vpcs_default_one(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24")["Subnet"]["SubnetId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, SubnetId=subnet, MinCount=1, MaxCount=1)["Instances"][0]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    default = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    assert [group["GroupId"] for group in made["SecurityGroups"]] == [default]


def test_an_instance_has_the_tags_that_its_list_of_tags_names_and_no_other(ec2: Any) -> None:
    first, second = launch(ec2, "first"), launch(ec2, "second")
    ec2.create_tags(Resources=[first], Tags=[{"Key": "tier", "Value": "web"}, {"Key": "owner", "Value": "ann"}])
    ec2.create_tags(Resources=[second], Tags=[{"Key": "tier", "Value": "db"}])
    ec2.delete_tags(Resources=[first], Tags=[{"Key": "owner"}])
    described = ec2.describe_instances(Filters=[{"Name": "tag:tier", "Values": ["w*"]}])["Reservations"]
    listed = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [first]}])["Tags"]

    assert [first] == [each["Instances"][0]["InstanceId"] for each in described]
    assert described[0]["Instances"][0]["Tags"] == [{"Key": each["Key"], "Value": each["Value"]} for each in listed]
    assert [("tier", "web", "instance")] == [(each["Key"], each["Value"], each["ResourceType"]) for each in listed]
