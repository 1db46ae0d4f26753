"""What differs between two plans is told by names, and only some of it can be taken over."""

from typing import Any

import pytest

from shared.plan.differences import differences, forbidden
from shared.plan.model import Plan
from tests.activities.migration_harness import plan_of

WINDOW = {"start": "+PT2H", "length": "PT4H"}


def plan(**wave: Any) -> Plan:
    document = plan_of("a", "b")
    document["waves"][0] |= wave
    return Plan.model_validate(document)


def test_the_same_plan_differs_nowhere_in_whatever_order_its_machines_stand() -> None:
    backwards = list(reversed(plan_of("a", "b")["waves"][0]["machines"]))

    assert differences(plan(), plan(machines=backwards)) == ()


def test_windows_are_told_as_a_whole_with_both_values() -> None:
    (found,) = differences(plan(cutover={"windows": [WINDOW]}), plan(cutover={"windows": [WINDOW | {"capacity": 3}]}))

    assert (found.path, found.pointer) == ("waves/first/cutover/windows", "/waves/0/cutover/windows")
    assert (found.before, found.after) == ([WINDOW], [WINDOW | {"capacity": 3}])
    assert list(forbidden([found])) == []


@pytest.mark.parametrize(
    "wave",
    [
        {"gates": {"cutover": "auto"}},
        {"cutover": {"mode": "recoveryPlan"}},
        {"name": "other"},
    ],
)
def test_what_belongs_to_another_plan_is_refused_with_its_place(wave: dict[str, Any]) -> None:
    before = plan(gates={"cutover": "manual"}, cutover={})
    faults = list(forbidden(differences(before, plan(**{"gates": {"cutover": "manual"}, "cutover": {}} | wave))))

    assert faults
    assert all(fault.pointer.startswith("/waves") for fault in faults)
    assert "only limits; cutover" in faults[0].message


def test_windows_of_machines_behind_tags_are_refused_as_nobody_knows_whose_they_are() -> None:
    tagged: dict[str, Any] = {"source": {"tags": {"Wave": "1"}}}
    found = differences(plan(machines=[tagged]), plan(machines=[tagged | {"windows": [WINDOW]}]))

    assert len(list(forbidden(found))) == 1


def test_scripts_are_told_in_their_order_by_length_and_hash_and_never_by_their_text() -> None:
    first, second = ({"name": name, "when": "both", "script": f"TOKEN={name}"} for name in ("a", "b"))
    (found,) = differences(plan(targetScripts=[first, second]), plan(targetScripts=[second, first]))

    assert (found.path, found.needs_approver, list(forbidden([found]))) == ("waves/first/targetScripts", True, [])
    assert [each["name"] for each in found.after] == ["b", "a"]
    assert "TOKEN" not in found.model_dump_json()
    assert differences(plan(targetScripts=[first]), plan(targetScripts=[first | {"script": "TOKEN=c"}]))
