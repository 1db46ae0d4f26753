"""What goes wrong in Azure reaches the operator with its code and advice, and a retry finishes the migration."""

import pytest

from tests.e2e.field import plan, states, wave

pytestmark = pytest.mark.timeout(300)

FINALIZED = "Finalized"
QUOTA = {
    "code": "28031",
    "possibleCauses": "The quota of the region is used up.",
    "recommendedAction": "Raise the quota.",
}
SCENARIOS = {
    "EnableDr": ("m1", "enable_replication"),
    "TestFailover": ("m2", "test_failover"),
    "UnplannedFailover": ("m3", "fail_over"),
    "DisableDr": ("m4", "complete_migration"),
}


@pytest.mark.parametrize(
    "scenario",
    [
        "UnplannedFailover",
        *(pytest.param(one, marks=pytest.mark.soak) for one in SCENARIOS if one != "UnplannedFailover"),
    ],
)
def test_a_job_that_failed_stops_its_machine_with_code_and_advice_and_a_retry_finishes(field, scenario):
    machine, phase = SCENARIOS[scenario]
    field.fault("job-fails", scenario=scenario, **QUOTA)
    cutover = {"mode": "machine"}
    migration = field.start(plan(f"fails-{scenario.lower()}", wave("one", machine, cutover=cutover)))
    failed = field.play(migration)
    assert failed.migration.outcome == "Failed"
    assert states(failed) == {machine: "Failed"}
    [seen] = failed.machines
    assert (seen.failed_in, seen.problem.code) == (phase, "28031")
    assert seen.problem.causes == QUOTA["possibleCauses"]
    assert seen.problem.advice == QUOTA["recommendedAction"]
    assert f"retry {migration}" in seen.release
    field.door.command(migration, "retry")
    finished = field.play(migration)
    assert states(finished) == {machine: FINALIZED}
    assert finished.migration.outcome == "Succeeded"


def test_throttling_errors_and_lost_connections_on_the_way_cost_time_only(field):
    for operation in ("*/write", "*/testFailover/action", "*/unplannedFailover/action", "*/remove/action", "*/read"):
        field.fault("throttle", operation=operation, retryAfter=60)
        field.fault("server-error", operation=operation, status=503)
        field.fault("drop-before", operation=operation)
        field.fault("drop-after", operation=operation)
    migration = field.start(plan("rough", wave("one", "m5", cutover={"mode": "machine"})))
    picture = field.play(migration)
    assert states(picture) == {"m5": FINALIZED}
    faults = [one["fault"] for one in field.log() if one["fault"]]
    assert {
        kind for kind in ("throttle", "server-error", "drop-before", "drop-after") if any(kind in one for one in faults)
    }
    effects = [one["effect"] for one in field.log(operation="*/replicationProtectedItems/unplannedFailover/action")]
    assert len([effect for effect in effects if "m5" in effect]) == 1
