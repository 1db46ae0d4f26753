"""Finding instances on moto's EC2."""

from shared.sources.aws import instances
from shared.sources.aws.instances import batched, find_instances
from shared.sources.aws.session import AwsPlace, ec2
from tests.shared.sources.aws.conftest import Vpc, new_vpc


def test_instances_are_found_by_id_and_unknown_ones_are_missing(vpc: Vpc) -> None:
    first, two = vpc.machine(), vpc.machine()
    found = find_instances(vpc.place, ids=[first, two, "i-0123456789abcdef0"])
    assert {each.id for each in found} == {first, two}
    assert instances.get_instance(vpc.place, "i-0123456789abcdef0") is None


def test_instances_are_found_by_private_address_within_their_vpc(vpc: Vpc) -> None:
    machine = vpc.machine("10.0.2.15")
    twin = new_vpc(vpc.place).machine("10.0.2.15")
    found = find_instances(vpc.place, private_ips=["10.0.2.15", "10.0.2.99"], vpc=vpc.id)
    assert [each.id for each in found] == [machine]
    assert twin != machine


def test_instances_are_found_by_all_their_tags(vpc: Vpc) -> None:
    machine = vpc.machine(App="shop", Tier="web")
    vpc.machine(App="shop", Tier="db")
    found = find_instances(vpc.place, tags={"App": "shop", "Tier": "web"})
    assert [each.id for each in found] == [machine]


def test_terminated_instances_are_not_found(vpc: Vpc) -> None:
    machine = vpc.machine()
    ec2(vpc.place).terminate_instances(InstanceIds=[machine])
    assert find_instances(vpc.place, ids=[machine]) == ()


def test_an_instance_tells_all_that_ec2_tells(vpc: Vpc) -> None:
    machine = instances.get_instance(
        vpc.place, vpc.machine("10.0.2.15", Name="web1", **{"aws:autoscaling:groupName": "g"})
    )
    assert machine
    assert (machine.state, machine.private_ip, machine.vpc, machine.subnet) == (
        "running",
        "10.0.2.15",
        vpc.id,
        vpc.subnet,
    )
    assert (machine.name, machine.auto_scaling_group, machine.type) == ("web1", "g", "t3.medium")
    assert (machine.groups, machine.tenancy, machine.lifecycle) == ((vpc.group,), "default", "")
    assert machine.architecture
    assert machine.virtualization
    assert machine.interfaces[0].private_ips == ("10.0.2.15",)
    volumes = instances.volumes_of(vpc.place, [machine.id])
    assert [volumes[each.volume_id].size_gb > 0 for each in machine.attachments] == [True]
    assert instances.describe_images(vpc.place, [machine.image_id])[machine.image_id]


def test_an_elastic_address_is_told_from_one_that_a_stop_loses(vpc: Vpc) -> None:
    machine = vpc.machine()
    address = ec2(vpc.place).allocate_address(Domain="vpc")
    ec2(vpc.place).associate_address(AllocationId=address["AllocationId"], InstanceId=machine)
    found = instances.get_instance(vpc.place, machine)
    assert found
    assert found.public_ip == address["PublicIp"]
    assert found.interfaces[0].elastic_ips == (address["PublicIp"],)
    assert found.interfaces[0].public_ips == ()


def test_types_tell_their_cores_memory_and_local_disks(place: AwsPlace) -> None:
    types = instances.describe_types(place, ["m5.2xlarge", "m5d.large"])
    assert (types["m5.2xlarge"].cores, types["m5.2xlarge"].memory_mb) == (8, 32768)
    assert types["m5.2xlarge"].instance_store_gb == 0
    assert types["m5d.large"].instance_store_gb > 0


def test_four_hundred_and_fifty_ids_are_asked_in_three_calls_and_nothing_in_none(vpc: Vpc) -> None:
    sizes: list[int] = []
    client = ec2(vpc.place)
    client.meta.events.register(
        "before-call.ec2.DescribeInstances", lambda params, **_: sizes.append(len(params["body"]))
    )
    machine = vpc.machine()
    found = find_instances(vpc.place, ids=[f"i-{number:017x}" for number in range(449)] + [machine])
    assert [each.id for each in found] == [machine]
    assert len(sizes) == 3
    assert list(batched([])) == []
    assert instances.volumes_of(vpc.place, []) == {}
    assert len(sizes) == 3


def test_no_ids_find_no_instances_not_all_of_them(vpc: Vpc) -> None:
    vpc.machine()
    assert find_instances(vpc.place, ids=[]) == ()
    assert find_instances(vpc.place, private_ips=[], vpc=vpc.id) == ()
    assert find_instances(vpc.place) == ()
