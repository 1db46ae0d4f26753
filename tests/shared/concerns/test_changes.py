"""What changed since the assessment: each with both values, and nothing about what was not read."""

from typing import Any

import pytest

from shared.concerns.changes import at_assessment, drift, minor_changes
from shared.concerns.judge import judge_machine
from shared.concerns.source_facts import DiskFacts, SourceFacts
from shared.concerns.target_facts import NetworkFacts, SubnetFacts, TargetFacts, VmFacts
from tests.shared.concerns.conftest import SOUND, TARGET, MakeCase


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cores": 8}, ["its cores: 2, now 8"]),
        ({"tags": {"owner": "ann"}}, ["its tags: none, now owner=ann"]),
        ({"public_ips": ("1.2.3.4",)}, ["its public addresses: none, now 1.2.3.4"]),
        ({"bitlocker": True}, ["its BitLocker: no, now yes"]),
        ({"os_version": "24.04", "name": "web9"}, ["its name: web1, now web9", "its version of its operating system: 22.04, now 24.04"]),
        ({"nics": ()}, ["its network cards: 1, now 0"]),
        ({"cores": None, "tags": None, "nics": None}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_what_differs_is_said_with_both_values(change: dict[str, Any], words: list[str]) -> None:
    assert list(minor_changes(SOUND, SOUND.replace(**change))) == words


def test_a_fact_that_was_not_known_before_is_no_change() -> None:
    assert list(minor_changes(SOUND.replace(cores=None), SOUND)) == []


def test_facts_that_were_read_again_become_concerns_and_others_none(case: MakeCase) -> None:
    larger = SOUND.replace(disks=(DiskFacts(device="/dev/sda1", size_gib=60),), cores=4)
    again = {each.id: each for each in judge_machine(case(read_again={"web1": larger}))}
    assert again["source-drifted"].evidence == "disk /dev/sda1 was 30.0 GiB and is 60.0"
    assert again["source-drifted"].blocks
    assert again["source-changed"].evidence == "its cores: 2, now 4"
    assert not {"source-drifted", "source-changed"} & {each.id for each in judge_machine(case())}


def test_a_source_that_is_gone_has_no_other_change(case: MakeCase) -> None:
    gone = SourceFacts(found=False)
    assert drift(SOUND, gone) == ["it is gone"]
    assert "source-changed" not in {each.id for each in judge_machine(case(read_again={"web1": gone}))}


BEFORE = TARGET.replace(
    networks=(NetworkFacts(name="vnet-prod", subnets=(SubnetFacts(name="app", free=200),)),),
    vms=(VmFacts(name="other", group="rg"),),
)


@pytest.mark.parametrize(
    ("concern", "subject", "words"),
    [
        ("cores-quota", "standardDSv5Family", "at the assessment 50 of 50 were free"),
        ("cores-quota", "standardXFamily", ""),
        ("regional-cores-quota", "cores", "at the assessment 100 of 100 were free"),
        (
            "subnet-full",
            "vnet-prod/app",
            "at the assessment 200 addresses were free",
        ),
        ("network-missing", "vnet-prod", "at the assessment it was there"),
        ("subnet-missing", "vnet-prod/app", "at the assessment it was there"),
        ("subnet-missing", "vnet-prod/gone", ""),
        ("size-restricted", "Standard_D2s_v5", "at the assessment it was offered"),
        ("target-name-taken", "web1", "at the assessment nothing had it"),
        ("target-name-taken", "other", ""),
        ("resource-group-missing", "rg", "at the assessment it was there"),
        ("cache-storage-missing", "stcache", "at the assessment it was there"),
        ("static-address-taken", "10.0.0.4", ""),
    ],
)
def test_how_it_stood_at_the_assessment_is_said(concern: str, subject: str, words: str) -> None:
    assert at_assessment(concern, subject, BEFORE) == words
    assert at_assessment(concern, subject, TargetFacts()) == ""
