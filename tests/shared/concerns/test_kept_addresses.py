"""Keeping addresses: `keep` becomes the address at the source, and what stands against it is a concern."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.concerns.judge import judge_machine, judged_machine
from shared.concerns.kept_addresses import with_addresses
from shared.concerns.registry import Case, MachineCase
from shared.concerns.source_facts import NicFacts, SourceFacts
from shared.concerns.target_facts import SubnetFacts
from shared.plan.reader import by_schema
from tests.shared.concerns.conftest import APPLIANCE, PLAN, SOUND, TARGET, merged

MakeCase = Callable[..., MachineCase]
HERE = (SubnetFacts(name="app", prefix="10.0.2.0/24", free=200),)
TWO_CARDS = SOUND.replace(nics=(NicFacts(ip="10.0.2.15"), NicFacts(ip="10.0.7.15")))


def case_of(*machines: tuple[SourceFacts, dict[str, Any]], subnet: SubnetFacts = HERE[0]) -> Case:
    """Machines of a plan that keeps addresses."""
    listed = [{"name": f"m{n}", "source": {"name": f"m{n}"}, "target": own} for n, (_, own) in enumerate(machines)]
    document = merged(PLAN, {"target": {"privateIp": "keep"}, "waves": [PLAN["waves"][0] | {"machines": listed}]})
    networks = tuple(each.replace(subnets=(subnet,)) for each in TARGET.networks or ())
    facts = {f"m{n}": source for n, (source, _) in enumerate(machines)}
    return Case(by_schema(document), TARGET.replace(networks=networks), APPLIANCE, facts)


def judged(*machines: tuple[SourceFacts, dict[str, Any]], subnet: SubnetFacts = HERE[0]) -> dict[str, dict[str, str]]:
    """Give the evidence of each machine by concern."""
    case = case_of(*machines, subnet=subnet)
    return {
        machine.name: {each.id: each.evidence for each in judge_machine(case.of_machine(wave, machine))}
        for wave, machine in case.plan.entries()
    }


def addresses_of(target: dict[str, Any], own: dict[str, Any], facts: SourceFacts) -> list[str]:
    """Give the address of each card that a machine asks for."""
    machine = {"name": "web1", "source": {"name": "web1"}, "target": own}
    plan = by_schema(merged(PLAN, {"target": target, "waves": [PLAN["waves"][0] | {"machines": [machine]}]}))
    entry = with_addresses(plan.target, plan.waves[0].machines[0], facts)
    return [card.private_ip for card in entry.target.cards]


@pytest.mark.parametrize(
    ("target", "own", "facts", "addresses"),
    [
        ({}, {}, SOUND, []),
        ({"privateIp": "keep"}, {}, SOUND, ["10.0.2.15"]),
        ({}, {"privateIp": "keep"}, SOUND, ["10.0.2.15"]),
        ({"privateIp": "keep"}, {"privateIp": "10.0.2.99"}, SOUND, ["10.0.2.99"]),
        ({"privateIp": "keep"}, {"privateIp": "dynamic"}, SOUND, []),
        ({"privateIp": "keep"}, {"privateIp": "dynamic", "testPrivateIp": "10.1.2.9"}, SOUND, [""]),
        ({"privateIp": "keep"}, {"nics": [{}, {}]}, TWO_CARDS, ["10.0.2.15", "10.0.7.15"]),
        ({"privateIp": "keep"}, {"nics": [{}, {"privateIp": "dynamic"}]}, TWO_CARDS, ["10.0.2.15", ""]),
        ({"privateIp": "keep"}, {"nics": [{}, {"leaveOut": True}]}, TWO_CARDS, ["10.0.2.15", ""]),
        ({}, {"nics": [{}, {"privateIp": "keep"}]}, TWO_CARDS, ["", "10.0.7.15"]),
        ({}, {"nics": [{"sourceIp": "10.0.7.15", "privateIp": "keep"}]}, TWO_CARDS, ["10.0.7.15"]),
        ({"privateIp": "keep"}, {}, SourceFacts(private_ip="fe80::1"), ["keep"]),
        ({"privateIp": "keep"}, {"nics": [{}, {}]}, SOUND, ["10.0.2.15", "keep"]),
    ],
)
def test_each_card_asks_for_what_it_says_else_for_what_its_machine_or_its_plan_says(
    target: dict[str, Any], own: dict[str, Any], facts: SourceFacts, addresses: list[str]
) -> None:
    assert addresses_of(target, own, facts) == addresses


def test_an_address_that_fits_is_no_concern() -> None:
    assert "private-ip-changes" not in judged((SOUND, {}))["m0"]
    assert not {each for each in judged((SOUND, {}))["m0"] if each.startswith(("static-", "kept-"))}


@pytest.mark.parametrize(
    ("concern", "subnet", "words"),
    [
        ("static-address-outside-subnet", {"prefix": "10.1.2.0/24"}, "10.0.2.15 (its address now) is not in app"),
        ("static-address-outside-subnet", {"prefix": "10.0.2.12/28"}, "that Azure keeps"),
        ("static-address-outside-subnet", {"prefix": "10.0.2.8/29"}, "that Azure keeps"),
        ("static-address-taken", {"used_ips": ("10.0.2.15",)}, "10.0.2.15 (its address now) in app is in use"),
    ],
)
def test_an_address_that_the_subnet_cannot_give_stops_the_machine(
    concern: str, subnet: dict[str, Any], words: str
) -> None:
    assert words in judged((SOUND, {}), subnet=HERE[0].replace(**subnet))["m0"][concern]


def test_every_range_of_a_subnet_counts() -> None:
    more = HERE[0].replace(prefix="10.1.2.0/24", more_prefixes=("10.0.2.0/24",))
    assert "static-address-outside-subnet" not in judged((SOUND, {}), subnet=more)["m0"]


def test_two_machines_of_one_address_are_told_of_each_other() -> None:
    found = judged((SOUND, {}), (SOUND, {}), (SOUND.replace(private_ip="10.0.2.16"), {}))
    assert "is asked for by m1, too" in found["m0"]["static-address-twice"]
    assert "is asked for by m0, too" in found["m1"]["static-address-twice"]
    assert "static-address-twice" not in found["m2"]


def test_an_address_that_another_machine_says_itself_is_asked_for_twice_as_well() -> None:
    found = judged((SOUND, {}), (SOUND.replace(private_ip="10.0.2.16"), {"privateIp": "10.0.2.15"}))
    assert "static-address-twice" in found["m0"]


def test_an_address_that_nobody_tells_stops_the_machine_until_somebody_says_or_accepts_it() -> None:
    assert "kept-address-not-known" in judged((SOUND.replace(private_ip=None), {}))["m0"]
    assert "kept-address-not-known" in judged((SOUND.replace(private_ip="fe80::1"), {}))["m0"]
    assert "kept-address-not-known" not in judged((SOUND.replace(private_ip=None), {"privateIp": "dynamic"}))["m0"]


def test_a_machine_that_does_not_show_yet_is_judged_when_it_does() -> None:
    case = case_of((SourceFacts(), {}))
    unseen = judged_machine(case.of_machine(*next(case.plan.entries())))
    assert "kept-address-not-known" not in {each.id for each in unseen.concerns}
    assert unseen.unjudged["kept-address-not-known"] == "private_ip"
