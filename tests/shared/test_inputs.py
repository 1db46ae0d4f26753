"""Documents from the field, word for word (tests/inputs): what they say comes out right at the other end."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.concerns.judge import judged_machine
from shared.concerns.registry import Case
from shared.concerns.source_facts import SourceFacts
from shared.plan.reader import by_schema, to_plan
from shared.problems import InvalidPlan
from shared.site_recovery.in_mage_azure_v2_target import beside, cards
from shared.site_recovery.provider import ReplicatedNic, ReplicationTarget
from shared.sources.aws.instances import as_instance
from shared.sources.aws.reading import as_facts
from tests.shared.concerns.conftest import APPLIANCE, PLAN, TARGET

INPUTS = Path(__file__).parents[1] / "inputs"


def document(name: str) -> Any:
    return json.loads((INPUTS / name).read_text())


def facts(name: str) -> SourceFacts:
    """An EC2 instance as the rules see it."""
    return as_facts(as_instance("eu-west-1", document(name)), {}, None, None)


def evidence_of(name: str) -> dict[str, str]:
    """What is said of the machine that an instance is, by concern."""
    case = Case(by_schema(PLAN), TARGET, APPLIANCE, {"web1": facts(name)})
    judged = judged_machine(case.of_machine(*next(case.plan.entries())))
    return {each.id: each.evidence for each in judged.concerns}


def test_the_card_that_ec2_calls_primary_comes_first_whatever_the_order_it_is_listed_in() -> None:
    seen = facts("ec2-second-card-first.json")
    assert [(card.id, card.ip, card.security_groups) for card in seen.nics or ()] == [
        ("eni-0", "10.0.2.15", ("sg-main",)),
        ("eni-1", "10.0.9.9", ("sg-backup",)),
    ]
    assert seen.private_ip == "10.0.2.15"


def test_each_address_of_a_card_counts_and_those_that_stay_behind_are_named() -> None:
    seen = facts("ec2-three-addresses.json")
    assert [(card.ip, card.other_ips) for card in seen.nics or ()] == [("10.0.2.15", ("10.0.2.16", "10.0.2.17"))]
    evidence = evidence_of("ec2-three-addresses.json")["several-private-addresses"]
    assert "10.0.2.16, 10.0.2.17" in evidence


def test_a_public_address_that_a_stop_loses_and_an_elastic_one_of_another_card_are_each_judged() -> None:
    seen = facts("ec2-public-and-elastic.json")
    assert (seen.public_ips, seen.elastic_ips) == (("203.0.113.1",), ("203.0.113.2",))
    found = evidence_of("ec2-public-and-elastic.json")
    assert ("203.0.113.1" in found["public-ip-lost"], found["elastic-ip-stays"]) == (True, "203.0.113.2")


def test_both_addresses_of_an_azure_card_are_written_back_under_their_names() -> None:
    item = document("azure-two-ip-configurations.item.json")
    (seen,) = cards(item)
    assert seen.source_ip == "10.4.1.7", "the one that Azure calls primary, which is listed second"
    nic = ReplicatedNic.model_validate(seen.model_dump())  # a card that the plan says nothing of
    (written,) = beside(ReplicationTarget(resource_group_id="/g", vm_name="web1", nics=(nic,)))["vmNics"]
    assert [
        (each["ipConfigName"], each["isPrimary"], each["recoveryStaticIPAddress"]) for each in written["ipConfigs"]
    ] == [("ipconfig1", False, "10.4.1.8"), ("ipconfig0", True, "10.4.1.7")]


def _refusals(name: str) -> Iterator[tuple[str, str]]:
    with pytest.raises(InvalidPlan) as invalid:
        to_plan(yaml.safe_load((INPUTS / name).read_text()))
    return ((each.pointer, each.message) for each in invalid.value.facts.errors)


def test_every_tag_that_azure_refuses_is_told_with_its_place_and_reason() -> None:
    refusals = dict(_refusals("tags-azure-refuses.plan.yaml"))
    assert refusals.keys() == {
        "/target/tags/cost<centre>",
        "/target/tags/a~1b?",
        "/target/tags/windows-team",
        "/target/tags/env",
    }
    assert "< >" in refusals["/target/tags/cost<centre>"]
    assert "/ ?" in refusals["/target/tags/a~1b?"]
    assert "begins with a word that Azure keeps for itself" in refusals["/target/tags/windows-team"]
    assert "without regard to case" in refusals["/target/tags/env"]
