"""Tags that Azure would refuse are told with the plan, each at its place."""

from typing import Any

import pytest

from shared.plan.reader import to_plan
from shared.plan.rules.tags import together
from shared.problems import InvalidPlan


def faults(document: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidPlan) as raised:
        to_plan(document)
    return {fault.pointer: fault.message for fault in raised.value.facts.errors}


def with_tags(document: dict[str, Any], **tags: Any) -> dict[str, Any]:
    return document | {"target": document["target"] | tags}


def test_every_name_that_azure_refuses_is_told_at_its_place(document: dict[str, Any]) -> None:
    tags = {"cost<centre>": "x", "a/b?": "y", "windows-team": "z", "Env": "one", "env": "two", "good": "~"}
    messages = faults(with_tags(document, tags=tags))
    assert set(messages) == {
        "/target/tags/cost<centre>",
        "/target/tags/a~1b?",
        "/target/tags/windows-team",
        "/target/tags/env",
    }
    assert "has < > in its name" in messages["/target/tags/cost<centre>"]
    assert "has / ? in its name" in messages["/target/tags/a~1b?"]
    assert "keeps for itself" in messages["/target/tags/windows-team"]
    assert "is 'Env' to Azure" in messages["/target/tags/env"]


@pytest.mark.parametrize("kind", ["tags", "diskTags", "nicTags"])
def test_tags_of_single_machines_are_looked_at_as_those_of_the_plan(document: dict[str, Any], kind: str) -> None:
    document["waves"][0]["machines"][0]["target"] = {kind: {"Microsoft.x": "1"}}
    assert list(faults(document)) == [f"/waves/0/machines/0/target/{kind}/Microsoft.x"]


def test_the_limit_of_fifty_counts_all_that_one_resource_gets(document: dict[str, Any]) -> None:
    crowded = with_tags(document, tags={f"t{n}": "" for n in range(30)}, diskTags={f"d{n}": "" for n in range(20)})
    to_plan(crowded)
    crowded["waves"][0]["machines"][0]["target"] = {"tags": {"t29": "", "one-more": ""}}
    messages = faults(crowded)
    assert list(messages) == ["/waves/0/machines/0/target/diskTags"]
    assert "makes 51 tags" in messages["/waves/0/machines/0/target/diskTags"]


def test_the_same_tag_for_plan_and_machine_is_one(document: dict[str, Any]) -> None:
    document = with_tags(document, tags={"Env": "one"})
    document["waves"][0]["machines"][0]["target"] = {"tags": {"env": "two"}}
    plan = to_plan(document)
    assert together(plan.target.tags, plan.waves[0].machines[0].target.tags) == {"env": "two"}
