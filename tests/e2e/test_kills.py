"""The host is killed in every phase; what comes of a migration is the same, and nothing is done twice."""

from collections import Counter

import pytest

from shared.itinerary import ITINERARY
from tests.e2e.killing import first_of_each, ledger_of, play
from tests.e2e.stack_harness import PROTECTED, plan, states, wave

pytestmark = pytest.mark.timeout(600)
THE_HOST_DIES = True

# phases of waves and cohorts, or not asked for by most plans
NEVER_BEGUN = {"approval", "await_window", "accept_test_vm", "accept", "protect_target", "decommission_source"}
BEGINNINGS = {f"{step.phase.replace('_', '-')}-began" for step in ITINERARY if step.phase not in NEVER_BEGUN}
IN_BETWEEN = {
    "decided-cutover",
    "plan-test",
    "plan-failover",
    "manual-action",
    "recovery-point",
    "protect-target-began",
    "protect-submitted",
}
ASKED_FOR = {"accept-test-vm-began", "accept-began", "protect-target-began"}
PLANNED = {"mode": "recoveryPlan"}
LOOK = {"name": "look", "manual": "See that they run.", "during": ["testFailover", "failover"]}
GATED = {"test": "auto", "cutover": "manual"}
WATCHED = {"gates": GATED | {"test": "manual"}, "acceptance": {"timer": "PT2H"}}


def submitted(field, operation, *machines):
    """How often an operation was taken for each machine."""
    taken = [each for each in field.log(operation=operation) if each["status"] == 202]
    return Counter(machine for each in taken for machine in machines if machine in _object(each["path"]))


def _object(path):
    """The last name in the path of an item or a plan."""
    return next((part for part in reversed(path.lower().split("/")) if "killed" in part), "")


def test_a_host_killed_in_every_phase_comes_to_the_same_end_and_does_nothing_twice(field, monkeypatch):
    migration = field.start(
        plan(
            "killed",
            wave("planned", "m1", "m2", gates=GATED, test=PLANNED, cutover={**PLANNED, "actions": [LOOK]}),
            wave("single", "m3", **WATCHED, cutover={"mode": "machine"}, protectTarget=PROTECTED),
        )
    )
    with ledger_of(field, monkeypatch):
        picture, killed = play(
            field, migration, first_of_each(lambda kind: kind in BEGINNINGS | IN_BETWEEN | ASKED_FOR)
        )
    assert states(picture) == dict.fromkeys(("m1", "m2", "m3"), "Finalized")
    assert picture.migration.outcome == "Succeeded"
    assert set(killed) >= BEGINNINGS
    assert {"plan-test", "plan-failover", "manual-action"} | ASKED_FOR <= set(killed)
    # m1 and m2 went by one recovery plan, m3 by itself; a run of a plan is one request for all its machines
    for run in ("testFailover", "unplannedFailover"):
        plans = submitted(field, f"*/replicationRecoveryPlans/{run}/action", "ferry-killed")
        assert plans == {"ferry-killed": 1}, run
        assert submitted(field, f"*/replicationProtectedItems/{run}/action", "m1", "m2", "m3") == {"m3": 1}, run
    resumed = [each for each in field.log(operation="*/replicationJobs/resume/action") if each["status"] == 202]
    assert len(resumed) == 2, "one manual action in the rehearsal, one in the cutover"
    once = {"m1": 1, "m2": 1, "m3": 1}
    assert submitted(field, "*/replicationProtectedItems/remove/action", "m1", "m2", "m3") == once
    # m3 is protected once more, to another region
    assert submitted(field, "*/replicationProtectedItems/write", "m1", "m2", "m3") == once | {"m3": 2}
    assert field.what(migration).count("target-protected") == 1
