"""`privateIp: keep`: said for a plan, a wave, a machine, or all that carry certain tags."""

from copy import deepcopy
from typing import Any

import pytest

from shared.plan.reader import to_plan
from shared.plan.target import asks_for_addresses
from shared.problems import InvalidPlan

Document = dict[str, Any]


def keeps(document: Document) -> list[bool]:
    """Tell of each machine of the first wave whether it asks for an address."""
    plan = to_plan(document)
    target = plan.waves[0].target or plan.target
    return [asks_for_addresses(target, machine.target) for machine in plan.waves[0].machines]


def on_plan(document: Document) -> None:
    document["target"]["privateIp"] = "keep"


def on_wave(document: Document) -> None:
    document["waves"][0]["target"] = deepcopy(document["target"]) | {"privateIp": "keep"}


def on_machines(document: Document) -> None:
    for machine in document["waves"][0]["machines"]:  # the last are selected by tags
        machine["target"] = machine.get("target", {}) | {"privateIp": "keep"}


@pytest.mark.parametrize("say", [on_plan, on_wave, on_machines])
def test_it_is_said_for_plan_wave_machine_and_tags(document: Document, say: Any) -> None:
    assert not any(keeps(document))
    say(document)
    assert all(keeps(document))


def test_a_machine_goes_without(document: Document) -> None:
    on_plan(document)
    document["waves"][0]["machines"][0]["target"] = {"privateIp": "dynamic"}
    assert keeps(document)[:2] == [False, True]


@pytest.mark.parametrize("target", [{"privateIp": "kept"}, {"privateIp": "10.0.0"}, {"nics": [{"privateIp": "Keep"}]}])
def test_another_word_is_told_with_those_that_count(document: Document, target: Document) -> None:
    document["waves"][0]["machines"][0]["target"] = target
    with pytest.raises(InvalidPlan) as invalid:
        to_plan(document)
    assert (
        "an IPv4 address such as 10.0.2.15, keep (that of its source), or dynamic"
        in invalid.value.facts.errors[0].message
    )
