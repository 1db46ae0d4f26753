"""What EC2 tells of an instance, and what the rules are told of it; the answers are shaped as recorded ones."""

from typing import Any

import pytest

from shared.concerns.source_facts import SourceFacts
from shared.sources.aws import instances, power, reading
from shared.sources.aws.instances import Ec2Instance
from shared.sources.aws.session import ec2
from tests.shared.sources.aws.conftest import Vpc

AMAZON, OURS = "amazon", "123456789012"


def address(ip: str, public: str = "", owner: str = AMAZON, *, primary: bool = True) -> dict[str, Any]:
    document: dict[str, Any] = {"PrivateIpAddress": ip, "Primary": primary}
    return document | ({"Association": {"PublicIp": public, "IpOwnerId": owner}} if public else {})


def card(index: int, group: str, *addresses: dict[str, Any]) -> dict[str, Any]:
    first = addresses[0]
    return {
        "NetworkInterfaceId": f"eni-{index}",
        "Attachment": {"DeviceIndex": index},
        "SubnetId": f"subnet-{index}",
        "Groups": [{"GroupId": group}],
        "PrivateIpAddresses": list(addresses),
    } | ({"Association": first["Association"]} if "Association" in first else {})


def instance(*cards: dict[str, Any], **more: Any) -> Ec2Instance:
    raw = {"InstanceId": "i-0aaa1111", "State": {"Name": "running"}, "VpcId": "vpc-0abc", "NetworkInterfaces": cards}
    return instances.as_instance("eu-west-1", raw | more)


def facts(*cards: dict[str, Any], **more: Any) -> SourceFacts:
    return reading.as_facts(instance(*cards, **more), {}, None, None)


def test_the_primary_card_is_the_one_with_device_index_0_wherever_it_is_listed() -> None:
    source = facts(card(1, "sg-backup", address("10.0.9.9")), card(0, "sg-main", address("10.0.2.15")))
    assert source.nics
    assert [nic.id for nic in source.nics] == ["eni-0", "eni-1"]
    assert (source.nics[0].ip, source.nics[0].security_groups, source.nics[0].subnet_id) == (
        "10.0.2.15",
        ("sg-main",),
        "subnet-0",
    )


def test_a_card_tells_its_primary_address_and_all_others() -> None:
    secondary = [address(f"10.0.2.{last}", primary=False) for last in (16, 17)]
    source = facts(card(0, "sg-main", secondary[0], address("10.0.2.15"), secondary[1]))
    assert source.nics
    assert (source.nics[0].ip, source.nics[0].other_ips) == ("10.0.2.15", ("10.0.2.16", "10.0.2.17"))


def test_public_addresses_are_told_apart_on_every_card_and_every_address() -> None:
    second = address("10.0.9.10", "203.0.113.3", OURS, primary=False)
    source = facts(
        card(0, "sg-main", address("10.0.2.15", "203.0.113.1", AMAZON)),
        card(1, "sg-main", address("10.0.9.9", "203.0.113.2", OURS), second),
        PublicIpAddress="203.0.113.1",
    )
    assert (source.public_ips, source.elastic_ips) == (("203.0.113.1",), ("203.0.113.2", "203.0.113.3"))


@pytest.mark.parametrize(
    ("boot", "known"),
    [
        ({"BootMode": "uefi-preferred"}, None),
        ({"BootMode": "uefi-preferred", "CurrentInstanceBootMode": "legacy-bios"}, "legacy-bios"),
        ({"BootMode": "uefi-preferred", "CurrentInstanceBootMode": "uefi"}, "uefi"),
        ({"BootMode": "uefi"}, "uefi"),
        ({}, None),
    ],
)
def test_what_an_image_prefers_is_no_proof_of_how_it_booted(boot: dict[str, str], known: str | None) -> None:
    assert facts(card(0, "sg", address("10.0.2.15")), **boot).boot_mode == known


def test_protection_against_being_stopped_is_read(vpc: Vpc) -> None:
    held, free = vpc.machine(), vpc.machine()
    ec2(vpc.place).modify_instance_attribute(InstanceId=held, DisableApiStop={"Value": True})
    assert [power.protected_from_stop(vpc.place, each) for each in (held, free)] == [True, False]


@pytest.mark.parametrize(("ends", "protection"), [(True, False), (False, None)])
def test_protection_against_termination_is_read_only_where_the_plan_ends_sources(
    vpc: Vpc, monkeypatch: pytest.MonkeyPatch, ends: bool, protection: bool | None
) -> None:
    machine = vpc.machine()
    monkeypatch.setattr(reading, "agents", lambda _place, _ids: {})  # Systems Manager has no part in it
    facts = reading.facts_of(vpc.place, instances.find_instances(vpc.place, ids=[machine]), ends=ends)[machine]
    assert (facts.termination_protection, facts.stop_protection) == (protection, False)
