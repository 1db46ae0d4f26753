"""Launching the replication appliance on moto's EC2."""

import pytest

from shared.problems import Refused
from shared.sources.aws.appliance import TAG, Launching, find_appliance, launch_appliance, newest_windows
from shared.sources.aws.instances import volumes_of
from shared.sources.aws.session import ec2
from tests.shared.sources.aws.conftest import Vpc


def launching(vpc: Vpc) -> Launching:
    return Launching(
        name="ferry", subnet=vpc.subnet, groups=(vpc.group,), token="finance.1.appliance", migration="finance.1"
    )


def test_an_appliance_is_launched_once_and_found_again_by_its_tag(vpc: Vpc) -> None:
    assert find_appliance(vpc.place, "ferry") is None
    made = launch_appliance(vpc.place, launching(vpc))
    again = launch_appliance(vpc.place, launching(vpc))
    assert again.id == made.id
    assert find_appliance(vpc.place, "ferry", vpc.id) == again
    assert (again.type, again.tags[TAG], again.tags["azferry:migration"]) == ("m5.2xlarge", "ferry", "finance.1")
    assert again.windows
    sizes = [each.size_gb for each in volumes_of(vpc.place, [again.id]).values()]
    assert sorted(sizes) == [80, 620]


def test_the_token_of_a_launch_goes_to_aws(vpc: Vpc) -> None:
    made = launch_appliance(vpc.place, launching(vpc))
    instance = ec2(vpc.place).describe_instances(InstanceIds=[made.id])["Reservations"][0]["Instances"][0]
    assert instance["ClientToken"] == "finance.1.appliance"


def test_an_appliance_that_was_terminated_is_launched_again_with_another_token(vpc: Vpc) -> None:
    made = launch_appliance(vpc.place, launching(vpc))
    ec2(vpc.place).terminate_instances(InstanceIds=[made.id])
    with pytest.raises(Refused) as raised:
        launch_appliance(vpc.place, launching(vpc))
    assert raised.value.facts.id == "appliance-gone"
    assert launch_appliance(vpc.place, launching(vpc).replace(token="finance.2.appliance")).id != made.id


def test_the_image_is_one_of_windows_server_2022(vpc: Vpc) -> None:
    image = newest_windows(vpc.place)
    name = ec2(vpc.place).describe_images(ImageIds=[image])["Images"][0]["Name"]
    assert name.startswith("Windows_Server-2022-English-Full-Base")
