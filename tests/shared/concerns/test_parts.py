"""Cards and disks that a plan names are looked for at the source, and a machine that runs has an address."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.concerns.judge import judge_machine
from shared.concerns.registry import MachineCase
from shared.concerns.source_facts import DiskFacts, NicFacts, SourceFacts

MakeCase = Callable[..., MachineCase]
RULES = {"card-not-at-source", "disk-not-at-source", "running-without-address"}
TWO_CARDS = (NicFacts(id="eni-1", ip="10.0.2.15", other_ips=("10.0.2.16",)), NicFacts(id="eni-2", ip="10.0.3.15"))
SEEN = (
    DiskFacts(device="Hard disk 1", size_gib=30, root=True, known_as=("6000c29a-1", "scsi0:0")),
    DiskFacts(device="Hard disk 2", size_gib=50, known_as=("{6000C29A-2}", "scsi0:1")),
)


def evidence_of(case: MakeCase, source: SourceFacts, concern: str, **target: Any) -> list[str]:
    """What a rule says of a machine whose plan has this as its target."""
    waves = [{"name": "shop", "machines": [{"name": "web1", "source": {"instanceId": "i-0aaa1111"}, "target": target}]}]
    return [each.evidence for each in judge_machine(case(source, plan={"waves": waves})) if each.id == concern]


@pytest.mark.parametrize(
    ("cards", "evidence"),
    [
        ([{}, {"sourceIp": "10.0.3.15"}], []),
        ([{"sourceIp": "10.0.2.16"}], []),
        (
            [{"sourceIp": "10.0.9.9"}],
            ["no card has the address 10.0.9.9; it has 2 (10.0.2.15, 10.0.2.16, 10.0.3.15)"],
        ),
        ([{}, {}, {}], ["there is no card 3; it has 2 (10.0.2.15, 10.0.2.16, 10.0.3.15)"]),
    ],
)
def test_a_card_that_the_plan_names_is_one_of_the_machine(
    case: MakeCase, sound: SourceFacts, cards: list[dict[str, str]], evidence: list[str]
) -> None:
    assert evidence_of(case, sound.replace(nics=TWO_CARDS), "card-not-at-source", nics=cards) == evidence


@pytest.mark.parametrize("name", ["scsi0:1", "6000c29a-2", "{6000C29A-2}", "SCSI0:1"])
def test_a_disk_is_known_by_its_id_or_its_name_as_site_recovery_shows_it(
    case: MakeCase, sound: SourceFacts, name: str
) -> None:
    assert evidence_of(case, sound.replace(disks=SEEN), "disk-not-at-source", disks=[{"disk": name}]) == []


def test_a_disk_that_the_machine_does_not_have_is_told_with_those_that_it_has(
    case: MakeCase, sound: SourceFacts
) -> None:
    found = evidence_of(case, sound.replace(disks=SEEN), "disk-not-at-source", disks=[{"disk": "scsi0:7"}])
    assert found == ["there is no disk scsi0:7; it has scsi0:0, scsi0:1"]


def test_where_names_show_later_only_too_many_disks_are_certain(case: MakeCase, sound: SourceFacts) -> None:
    store = DiskFacts(device="ephemeral", instance_store=True)
    on_ec2 = sound.replace(disks=(*(sound.disks or ()), store))
    first, two = {"disk": "disk-a"}, {"disk": "disk-b"}
    assert evidence_of(case, on_ec2, "disk-not-at-source", disks=[first]) == []
    assert evidence_of(case, on_ec2, "disk-not-at-source", disks=[first, two]) == ["the plan names 2 disks, it has 1"]


@pytest.mark.parametrize(
    ("facts", "evidence"),
    [
        ({"private_ip": None, "nics": (NicFacts(id="eni-1"),)}, ["it runs, and none of its 1 cards shows an address"]),
        ({"private_ip": "", "nics": None}, ["it runs and shows no address"]),
        ({"private_ip": None, "nics": (NicFacts(id="eni-1", ip="10.0.2.15"),)}, []),
        ({"private_ip": None, "nics": None, "state": "stopped"}, []),
    ],
)
def test_a_machine_that_runs_has_an_address(
    case: MakeCase, sound: SourceFacts, facts: dict[str, Any], evidence: list[str]
) -> None:
    assert evidence_of(case, sound.replace(**facts), "running-without-address") == evidence
