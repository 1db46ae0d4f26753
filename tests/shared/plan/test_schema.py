"""The JSON Schema accepts exactly what the reader's schema part accepts, and explains itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from shared.plan.error_messages import pattern_words
from shared.plan.hashing import plan_hash, to_document
from shared.plan.reader import by_schema, to_plan
from shared.plan.schema import EXAMPLE, plan_schema

VALIDATOR = Draft202012Validator(plan_schema())


def accepted(document: Any) -> bool:
    try:
        by_schema(document)
    except ValidationError:
        return False
    return True


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(plan_schema())


def test_the_example_in_the_schema_is_a_valid_plan() -> None:
    assert to_plan(EXAMPLE).name == "finance"
    assert VALIDATOR.is_valid(EXAMPLE)


VALUES: list[Any] = [
    None, True, "true", 0, 1, 7, 8, 5.0, 1.5, -1, "", "x", "X y", "PT1H", "P1DT", "P1Y", "10%", "101%", "+PT2H",
    "2026-12-01T22:00", [], ["shop"], {}, {"tags": {}}, {"tags": {"A": "b"}}, {"service": "x", "tcp": 1}, {"tcp": 1},
    {"instanceId": "i-0aaa1111", "name": ""}, "recoveryPlan", "WindowsServer", "10.0.0.4", "rg.", "vnet-", "*",
]  # fmt: skip
FIELDS = ["name", "launch", "size", "tags", "expires", "timer", "length", "protectTarget", "aws", "zone", "tcp", "http"]


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))
    if isinstance(data, dict):
        yield from ((*path, field) for field in FIELDS)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(st.data())
def test_schema_and_reader_agree(document: dict[str, Any], data: st.DataObject) -> None:
    changed = json.loads(json.dumps(document))
    *way, last = data.draw(st.sampled_from(list(places(changed))))
    spot: Any = changed
    for step in way:
        spot = spot[step]
    spot[last] = data.draw(st.sampled_from(VALUES) | st.text(max_size=8))
    assume("\n" not in str(spot[last]))  # Python's `$` differs from JSON Schema's

    assert VALIDATOR.is_valid(changed) is accepted(changed)


def subschemas(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for child in part.values():
            yield from subschemas(child)
    elif isinstance(part, list):
        for child in part:
            yield from subschemas(child)


def test_every_field_is_described() -> None:
    fields = [field for part in subschemas(plan_schema()) for field in part.get("properties", {}).values()]

    assert len(fields) > 80
    assert [field for field in fields if "description" not in field] == []


def test_every_pattern_of_a_field_is_explained_in_words() -> None:
    patterns = {part["pattern"] for part in subschemas(plan_schema()) if isinstance(part.get("pattern"), str)}
    own_words = {pattern for pattern in patterns if pattern.startswith("^P(") or "%" in pattern}

    assert [pattern for pattern in patterns - own_words if pattern_words(pattern).startswith("of the form")] == []


def test_a_plan_written_out_is_read_back_the_same(document: dict[str, Any]) -> None:
    plan = to_plan(document)

    assert to_plan(to_document(plan)) == plan


def test_the_hash_does_not_depend_on_order_or_on_defaults(document: dict[str, Any]) -> None:
    other = dict(reversed(document.items())) | {"finish": {"decommission": {"mode": "keep", "grace": "P2W"}}}

    assert plan_hash(to_plan(other)) == plan_hash(to_plan(document))


@pytest.mark.parametrize("change", [{"name": "other"}, {"limits": {"replicating": 39}}])
def test_another_plan_has_another_hash(document: dict[str, Any], change: dict[str, Any]) -> None:
    assert plan_hash(to_plan(document | change)) != plan_hash(to_plan(document))
