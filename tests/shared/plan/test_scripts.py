"""Scripts of a plan: what an agent would not take is refused before anything begins."""

from typing import Any

import pytest

from shared.plan.reader import to_plan
from shared.problems import InvalidPlan
from tests.activities.migration_harness import plan_of


def faults(**wave: Any) -> list[tuple[str, str]]:
    document = plan_of("web1")
    document["waves"][0] |= wave
    try:
        to_plan(document)
    except InvalidPlan as wrong:
        return [(fault.pointer, fault.message) for fault in wrong.facts.errors]
    return []


@pytest.mark.parametrize("text", ["echo \u20ac\n" * 1_500, "#!/bin/sh\n" + "\u20ac" * 16_000, "x" * 16_384])
def test_what_agents_take_is_taken(text: str) -> None:
    assert faults(scripts={"stopServices": text}) == []


def test_a_script_that_is_too_large_is_refused_in_words() -> None:
    ((where, message),) = faults(scripts={"stopServices": "\u20ac" * 16_000})
    assert where == "/waves/0/scripts/stopServices"
    assert message.startswith("this script would take 9")
    assert "agents take 64,000" in message
    ((where, message),) = faults(scripts={"startServices": "x" * 200_000})
    assert message == "must have at most 16384 characters"


def test_checks_run_as_one_script() -> None:
    ((where, message),) = faults(verify=[{"command": "x" * 4_096}] * 16)
    assert where == "/waves/0/verify"
    assert "run as one script, would take" in message


def test_no_script_holds_a_nul() -> None:
    ((_, message),) = faults(scripts={"stopServices": "echo a\0b"})
    assert "is not text without control characters" in message
