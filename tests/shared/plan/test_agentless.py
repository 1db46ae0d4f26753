"""What replication without agents has no way to do is told, each with its place in the plan."""

import pytest

from shared.plan.model import Plan
from shared.plan.road_sections import sections
from shared.plan.rules.agentless import agentless_fits
from tests.shared.plan.test_road_sections import document, wave


def faults(plan):
    return {fault.pointer: fault.message for fault in agentless_fits(Plan.model_validate(plan), None)}


def without_agents(*waves, **replication):
    agentless = document(*(waves or (wave("web"),)))
    return agentless | {"scenario": "vmware-to-azure", "replication": {"mode": "agentless", **replication}}


def test_a_plan_without_agents_that_asks_for_nothing_special_has_no_fault():
    assert faults(without_agents()) == {}


@pytest.mark.parametrize(
    ("cutover", "place"),
    [({"mode": "recoveryPlan"}, "mode"), ({"recoveryPoint": "latestProcessed"}, "recoveryPoint")],
)
def test_a_wave_is_moved_machine_by_machine_and_from_its_last_changes(cutover, place):
    assert list(faults(without_agents(wave("web"), wave("db", cutover=cutover)))) == [f"/waves/1/cutover/{place}"]


@pytest.mark.parametrize(
    ("policy", "place"),
    [({"recoveryPointRetention": "PT96H"}, "recoveryPointRetention"), ({"multiVmSync": True}, "multiVmSync")],
)
def test_its_policy_keeps_to_what_snapshots_can_do(policy, place):
    assert list(faults(without_agents() | {"policy": policy})) == [f"/policy/{place}"]


def test_what_is_said_of_snapshots_is_said_for_that_mode_only():
    plan = document(wave("web")) | {"replication": {"agentless": {"account": "vcenter"}}}
    assert list(faults(plan)) == ["/replication/agentless"]


def test_a_wave_of_another_road_in_the_same_plan_keeps_its_recovery_plan():
    mixed = without_agents(wave("web"), wave("ec2", scenario="aws-to-azure", cutover={"mode": "recoveryPlan"}))
    assert len(sections(Plan.model_validate(mixed))) == 2
    assert faults(mixed) == {}
