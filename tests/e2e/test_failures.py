"""What goes wrong in a cloud reaches the operator with its code, causes and advice; a retry finishes the migration."""

from collections import Counter
from fnmatch import fnmatchcase

import pytest

from tests.e2e.stack_harness import UNATTENDED, plan, states, target, wave
from tests.e2e.troubles import Night, is_told

pytestmark = pytest.mark.timeout(300)
SETTINGS = UNATTENDED

IN_THE_WORLD = 20
FINALIZED, FAILED = "Finalized", "Failed"
# by a script, by jobs, by AWS, in a recovery plan, by its services; the soak test has one for each phase
FEW = ("m2", "m5", "m10", "m12", "m13", "m14")


def test_machines_fail_in_phases_of_their_own_and_one_retry_finishes_them_all(field):
    night = Night(field, FEW)
    night.break_everything()
    migration = field.start(night.plan())
    night.break_the_stop(migration)
    failed = field.play(migration)
    assert failed.migration.outcome == "PartiallySucceeded"
    assert {each.name: each.failed_in for each in failed.machines if each.state == FAILED} == night.phases()
    for machine in failed.machines:
        if machine.state == FAILED:
            is_told(machine, migration)
    assert set(field.power("m2", "m5", "m10").values()) == {"running"}
    night.mend()
    field.door.command(migration, "retry")
    finished = field.play(migration)
    assert states(finished) == dict.fromkeys(FEW, FINALIZED)
    assert finished.migration.outcome == "Succeeded"


WRITES = (  # each request of the road that changes something in Azure
    "Microsoft.RecoveryServices/vaults/write",
    "*/replicationPolicies/write",
    "*/replicationProtectionContainerMappings/write",
    "*/replicationProtectedItems/write",
    "*/replicationProtectedItems/testFailover/action",
    "*/replicationProtectedItems/testFailoverCleanup/action",
    "*/replicationRecoveryPlans/write",
    "*/replicationRecoveryPlans/unplannedFailover/action",
    "*/replicationJobs/resume/action",
    "*/replicationRecoveryPlans/delete",
    "*/replicationProtectedItems/remove/action",
)
READS = (
    "*/replicationProtectedItems/read",
    "*/replicationJobs/read",
    "*/recoveryPoints/read",
    "*/virtualMachines/read",
)
OBSTACLES = ("throttle", "server-error", "drop-before", "drop-after")


def test_throttling_errors_and_lost_connections_on_the_way_cost_time_only(field):
    effects = {"throttle": {"retryAfter": 60}, "server-error": {"status": 503}}
    ordered = {
        field.fault(kind, operation=operation, **effects.get(kind, {})): (kind, operation)
        for operation in (*WRITES, *READS)
        for kind in OBSTACLES
    }
    cutover = {"mode": "recoveryPlan", "actions": [{"name": "look", "manual": "See that it runs."}]}
    migration = field.start(plan("rough", wave("one", "m20", cutover=cutover), target=target("rsv-rough")))
    picture = field.play(migration)
    assert states(picture) == {"m20": FINALIZED}
    hits = field.hits()
    assert [fault for name, fault in ordered.items() if not hits[name]] == []
    done = Counter(each["operation"] for each in field.log() if "rough" in each["path"] and took_effect(each))
    assert {operation: done[operation] for operation in done if matches(operation)} == dict.fromkeys(
        filter(matches, done), 1
    )
    assert sum(done[operation] for operation in filter(matches, done)) == len(WRITES)


def took_effect(entry):
    """Whether it did something, be its answer lost or not."""
    return bool(entry["effect"]) and not entry["effect"].startswith("refused")


def matches(operation):
    return any(fnmatchcase(operation, wanted) for wanted in WRITES)
