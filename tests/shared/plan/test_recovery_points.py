"""A machine may start from a point of its own, where its road and its way of cutting over have one."""

from typing import Any

import pytest

from shared.plan.reader import to_plan
from shared.problems import InvalidPlan

Document = dict[str, Any]
OWN = "/waves/1/machines/0/recoveryPoint"


def with_point(document: Document, point: Any, **cutover: Any) -> Document:
    """The plan of the design page; the machine of its second wave starts from this point."""
    document["waves"][1]["machines"][0]["recoveryPoint"] = point
    document["waves"][1]["cutover"] = cutover
    return document


def faults(document: Document) -> dict[str, str]:
    with pytest.raises(InvalidPlan) as caught:
        to_plan(document)
    return {fault.pointer: fault.message for fault in caught.value.facts.errors}


@pytest.mark.parametrize(
    "point",
    ["latestAppConsistent", "2026-12-01T18:00:00Z", "2026-12-01T18:00+01:00", "3f7c0a4e-9a77-4f51-8c31-1f0e6f2b7d11"],
)
def test_it_is_a_kind_or_a_moment_or_a_name(document: Document, point: str) -> None:
    plan = to_plan(with_point(document, point))
    assert plan.waves[1].machines[0].recovery_point == point


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ("yesterday", "is not a recovery point: latest, latestProcessed"),
        ("2026-12-01T18:00:00", "is not a recovery point"),
        ("2026-02-30T18:00:00Z", "is no moment of the calendar"),
    ],
)
def test_anything_else_is_told_with_its_place(document: Document, point: str, words: str) -> None:
    assert words in faults(with_point(document, point))[OWN]


def test_machines_of_a_recovery_plan_have_none_of_their_own(document: Document) -> None:
    assert "one kind of point for all" in faults(with_point(document, "latestProcessed", mode="recoveryPlan"))[OWN]


def test_nor_where_the_last_changes_are_sent_in_any_case(document: Document) -> None:
    document |= {"scenario": "vmware-to-azure", "replication": {"mode": "agentless"}}
    assert "latest without agents" in faults(with_point(document, "latestProcessed"))[OWN]


def test_hyperv_has_a_choice_in_an_unplanned_failover_and_no_shared_points(document: Document) -> None:
    machine = {"name": "web1", "source": {"name": "WEB1"}, "recoveryPoint": "latestProcessed"}
    document |= {
        "scenario": "hyperv-to-azure",
        "source": {"hyperv": {"site": "hq"}},
        "policy": {"multiVmSync": True},
        "waves": [
            {"name": "one", "machines": [machine]},
            {"name": "two", "cutover": {"failover": "unplanned"}, "machines": [machine | {"name": "web2"}]},
        ],
    }
    del document["replication"]
    found = faults(document)
    assert "failover: unplanned" in found["/waves/0/machines/0/recoveryPoint"]
    assert "/waves/1/machines/0/recoveryPoint" not in found
    assert "knows no groups" in found["/policy/multiVmSync"]
