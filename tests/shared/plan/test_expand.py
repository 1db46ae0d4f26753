"""Tags become machines: the same ones with the same names however they were found."""

import re
from itertools import permutations
from typing import Any

import pytest

from shared.ids import NAME
from shared.plan.expand import expand
from shared.plan.model import Plan
from shared.plan.reader import to_plan
from shared.plan.selection import SourceMatch

WEB = {"App": "shop", "Tier": "web"}
FOUND = (
    SourceMatch(instance_id="i-00000000000000a1", name="Shop Web 2", tags=WEB),
    SourceMatch(instance_id="i-00000000000000a2", name="Shop Web 2", tags=WEB),
    SourceMatch(instance_id="i-00000000000000a3", name="", tags=WEB | {"More": "yes"}),
    SourceMatch(instance_id="i-0aaa1111", name="Shop Web 1", tags=WEB),
    SourceMatch(instance_id="i-00000000000000a4", name="db", private_ip="10.0.2.15", tags=WEB),
    SourceMatch(instance_id="i-00000000000000a5", name="other", tags={"App": "shop"}),
)


@pytest.fixture
def plan(document: dict[str, Any]) -> Plan:
    return to_plan(document)


def test_tags_select_machines_that_no_other_entry_has(plan: Plan) -> None:
    expanded = expand(plan, FOUND).plan

    named = {machine.name: machine.source.instance_id for _, machine in expanded.entries()}
    assert named == {
        "shop-db1": "",
        "shop-web1": "i-0aaa1111",
        "i-00000000000000a3": "i-00000000000000a3",
        "shop-web-2": "i-00000000000000a1",
        "shop-web-2-0000a2": "i-00000000000000a2",
        "rep1": "i-0bbb2222",
    }


def test_the_order_in_which_machines_are_found_does_not_matter(plan: Plan) -> None:
    assert len({expand(plan, found).plan.model_dump_json() for found in permutations(FOUND)}) == 1


def test_machines_from_tags_keep_what_the_entry_says(plan: Plan) -> None:
    wave, machine = expand(plan, FOUND).plan.entry("shop-web-2")

    assert (wave.name, machine.application, machine.boot_group) == ("shop", "shop", 2)


def test_names_from_tags_are_names(plan: Plan) -> None:
    many = [SourceMatch(instance_id=f"i-{n:017x}", name="x" * 60, tags=WEB) for n in range(50)]

    names = [machine.name for _, machine in expand(plan, many).plan.entries()]

    assert all(re.fullmatch(NAME, each) for each in names)
    assert len(set(names)) == len(names)


def test_tags_that_nothing_carries_are_told(plan: Plan) -> None:
    assert expand(plan, ()).unmatched == ("/waves/0/machines/2/source/tags",)
    assert expand(plan, FOUND).unmatched == ()


def test_expanding_twice_changes_nothing(plan: Plan) -> None:
    once = expand(plan, FOUND).plan

    assert expand(once, FOUND).plan == once
