"""The example's world, made in the stand-ins, as boto3 and the simulator show it."""

from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import yaml

from local.world.build import build, world_for
from local.world.seeding import register_appliance
from shared.plan.model import Plan

PLAN = Path(__file__).parents[3] / "examples" / "aws-to-azure.yaml"


@pytest.fixture
def world() -> Any:
    return world_for(PLAN, yaml.safe_load(PLAN.read_text()))


@pytest.fixture
def ids(ec2: Any, world: Any, places: Any) -> Any:
    return build(world, places)


def described(ec2: Any) -> Any:
    rows = [each for page in ec2.describe_instances()["Reservations"] for each in page["Instances"]]
    return {next(tag["Value"] for tag in each["Tags"] if tag["Key"] == "Name"): each for each in rows}


def test_the_plan_is_valid() -> None:
    Plan.model_validate(yaml.safe_load(PLAN.read_text()))


def test_every_machine_of_the_plan_is_in_the_world(world: Any) -> None:
    plan = yaml.safe_load(PLAN.read_text())
    by_id, by_ip = ({getattr(each, key) for each in world.aws.instances} for key in ("id", "ip"))
    sources = [machine["source"] for wave in plan["waves"] for machine in wave["machines"]]
    assert len(sources) >= 8
    assert all(each.get("instanceId") in by_id or each.get("privateIp") in by_ip for each in sources)


def test_instances_have_the_ids_and_addresses_that_the_plan_names(ec2: Any, ids: Any) -> None:
    found = described(ec2)
    assert found["shop-web1"]["InstanceId"] == ids["shop-web1"] == "i-0aaa1111"
    assert found["shop-db1"]["PrivateIpAddress"] == "10.0.2.15"
    assert {each["VpcId"] for each in found.values()} == {"vpc-0abc1234"}
    assert {each["State"]["Name"] for each in found.values()} == {"running"}


def test_instances_say_what_runs_on_them(ec2: Any, ids: Any) -> None:
    found = described(ec2)
    assert found["rep1"]["Platform"] == "windows"
    assert found["shop-db1"]["PlatformDetails"] == "Red Hat Enterprise Linux"
    images = {each["ImageId"]: each for each in ec2.describe_images()["Images"]}
    assert images[found["bo-files1"]["ImageId"]]["Name"].startswith("Windows_Server-2012-R2")


def test_instances_have_several_disks(ec2: Any, ids: Any) -> None:
    volumes = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [ids["shop-db1"]]}])
    assert sorted(volume["Size"] for volume in volumes["Volumes"]) == [30, 100, 200]


def test_a_public_address_is_lost_when_its_instance_stops(ec2: Any, ids: Any) -> None:
    assert described(ec2)["shop-web1"]["PublicIpAddress"]
    assert "PublicIpAddress" not in described(ec2)["shop-web2"]
    ec2.stop_instances(InstanceIds=[ids["shop-web1"]])
    assert "PublicIpAddress" not in described(ec2)["shop-web1"]


def test_instances_lie_in_the_security_groups_of_the_world(ec2: Any, ids: Any) -> None:
    instance = described(ec2)["shop-db1"]
    assert [group["GroupName"] for group in instance["SecurityGroups"]] == ["data"]
    assert instance["NetworkInterfaces"][0]["Groups"] == instance["SecurityGroups"]


def test_no_security_group_lets_machines_reach_the_appliance(ec2: Any, ids: Any) -> None:
    group = described(ec2)["ferry-appliance"]["NetworkInterfaces"][0]["Groups"][0]["GroupId"]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert {rule["FromPort"] for rule in rules}.isdisjoint({443, 9443})


def test_the_simulator_knows_machines_networks_and_quota(places: Any, ids: Any) -> None:
    get = lambda path: httpx.get(f"{places.simulator}/control/{path}").raise_for_status().json()  # noqa: E731
    machines = {each["name"]: each for each in get("machines")["machines"]}
    assert machines["shop-db1"]["ip"] == "10.0.2.15"
    assert [disk["sizeGb"] for disk in machines["shop-db1"]["disks"]] == [30, 200, 100]
    assert (machines["bo-files1"]["osName"], machines["bo-files1"]["osType"]) == ("Windows Server 2012 R2", "Windows")
    group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-network"
    network = get(f"resources?id={group}/providers/Microsoft.Network/virtualNetworks/vnet-test")
    assert network["properties"]["addressSpace"]["addressPrefixes"] == ["10.30.0.0/16"]


def test_ssm_knows_every_instance(places: Any, ids: Any) -> None:
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    ssm = boto3.client("ssm", endpoint_url=places.ssm, region_name="eu-west-1", **keys)
    shown = {each["InstanceId"]: each for each in ssm.describe_instance_information()["InstanceInformationList"]}
    ssm.close()
    assert set(shown) == set(ids.values())
    assert shown["i-0bbb2222"]["PlatformName"] == "Microsoft Windows Server 2019 Datacenter"


def test_the_appliance_registers_when_it_is_told_to(places: Any, world: Any, ids: Any) -> None:
    group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ferry"
    vault = f"{group}/providers/Microsoft.RecoveryServices/vaults/rsv-ferry"
    body = {"id": vault, "location": "westeurope", "properties": {"provisioningState": "Succeeded"}}
    httpx.post(f"{places.simulator}/control/resources", json=body).raise_for_status()
    register_appliance(places.simulator, world, vault)
    httpx.post(f"{places.simulator}/control/clock", json={"advance": "PT15M"}).raise_for_status()
    shown = httpx.get(f"{places.simulator}/control/appliances").json()["appliances"]
    assert [each["name"] for each in shown] == ["ferry-appliance"]
    assert set(shown[0]["components"].values()) == {"Normal"}
