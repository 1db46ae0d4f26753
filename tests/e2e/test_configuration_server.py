"""The road of the guides, through a configuration server: it holds what the other road holds, killed, faulty or turned back."""

import pytest

from local.world.model import World
from shared.ids import protected_item_name
from tests.e2e import stack_harness as fields
from tests.e2e.killing import first_of_each, ledger_of, play
from tests.e2e.stack_harness import UNATTENDED, nobody, plan, states, waits_at, wave
from tests.e2e.test_kills import BEGINNINGS, IN_BETWEEN
from tests.e2e.troubles import QUOTA

pytestmark = pytest.mark.timeout(600)
THE_HOST_DIES = True
SETTINGS = UNATTENDED

SERVER = "ferry-config1"
# Where this road does what cannot be repeated and other roads do not; the soak test kills in every phase.
DIFFERENT = {"install-agent-began", "plan-failover"}
ADD = "*discoverProtectableItem/action"
PLAN_RUN = "*/replicationRecoveryPlans/unplannedFailover/action"
FAULTS = {
    "throttle": {"retryAfter": 60},
    "server-error": {"status": 503},
    "drop-before": {},
    "drop-after": {},
}


def around():
    """The usual world with a configuration server in the place of the appliance."""
    document = fields.world().model_dump(mode="json", by_alias=True)
    aws = document["aws"]
    aws["instances"][-1] |= {"name": SERVER, "image": "windows-2016"}
    aws["appliance"] = {"name": SERVER, "instance": SERVER, "kind": "configurationServer", "accounts": ["pusher"]}
    document["azure"]["legacyProviders"] = True
    return World.model_validate(document)


def classic(name, *waves, **more):
    """A plan whose machines go through the configuration server, which pushes their agents."""
    replication = {
        "mode": "configurationServer",
        "appliance": {"name": SERVER, "runAsAccount": "pusher"},
        "agent": {"install": "push"},
    }
    known = [{"concern": "replication-mode-retired", "reason": "these are its last machines"}]
    return plan(name, *waves, replication=replication, acknowledge=known, **more)


def added(field):
    """The requests that added a machine, whether or not the answer arrived."""
    return [each for each in field.log(operation=ADD) if each["effect"] and not each["effect"].startswith("refused")]


@pytest.mark.parametrize(
    ("name", "kinds", "machines"),
    [
        ("short", DIFFERENT, ("m1",)),
        pytest.param("long", BEGINNINGS | IN_BETWEEN, ("m3", "m4"), marks=pytest.mark.soak),
    ],
)
def test_a_host_killed_on_the_way_comes_to_the_same_end_and_does_nothing_twice(
    field, monkeypatch, name, kinds, machines
):
    gates = {"test": "auto", "cutover": "manual" if name == "long" else "auto"}
    before = len(added(field))
    migration = field.start(classic(name, wave("one", *machines, gates=gates, cutover={"mode": "recoveryPlan"})))
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, first_of_each(lambda kind: kind in kinds))
    assert states(picture) == dict.fromkeys(machines, "Finalized")
    assert picture.migration.outcome == "Succeeded"
    assert set(killed) >= kinds - IN_BETWEEN | {"plan-failover"}
    plans = [
        each["path"] for each in field.log(operation=PLAN_RUN) if each["status"] == 202 and f"-{name}" in each["path"]
    ]
    assert len(plans) == 1
    assert len(added(field)) == before + len(machines)
    items = [protected_item_name(migration, each) for each in machines]
    for verb in ("write", "testFailover/action", "remove/action"):
        assert field.taken(f"*/replicationProtectedItems/{verb}", *items) == [1] * len(machines), verb


@pytest.mark.soak
@pytest.mark.parametrize(
    ("scenario", "machine", "phase"),
    [
        ("DiscoverPhysicalMachine", "m5", "install_agent"),
        ("EnableDr", "m6", "enable_replication"),
        ("UnplannedFailover", "m7", "fail_over"),
    ],
)
def test_a_job_that_failed_stops_its_machine_and_a_retry_finishes(field, scenario, machine, phase):
    field.fault("job-fails", scenario=scenario, **QUOTA)
    migration = field.start(classic(f"fails-{scenario[:8].lower()}", wave("one", machine, cutover={"mode": "machine"})))
    failed = field.play(migration)
    assert states(failed) == {machine: "Failed"}
    [seen] = failed.machines
    assert (seen.failed_in, seen.problem.code, seen.problem.advice) == (phase, "28031", QUOTA["recommendedAction"])
    field.door.command(migration, "retry")
    finished = field.play(migration)
    assert (states(finished), finished.migration.outcome) == ({machine: "Finalized"}, "Succeeded")


@pytest.mark.soak
def test_throttling_errors_and_lost_connections_cost_time_only(field):
    for operation in ("*/write", ADD, "*/unplannedFailover/action", "*/remove/action"):
        for kind, more in FAULTS.items():
            field.fault(kind, operation=operation, **more)
    before = len(added(field))
    migration = field.start(classic("rough", wave("one", "m8", cutover={"mode": "machine"})))
    picture = field.play(migration)
    assert states(picture) == {"m8": "Finalized"}
    happened = " ".join(each["fault"] for each in field.log() if each["fault"])
    assert [kind for kind in FAULTS if kind not in happened] == []
    item = protected_item_name(migration, "m8")
    assert field.taken("*/replicationProtectedItems/unplannedFailover/action", item) <= [1]
    assert len(added(field)) == before + 1


@pytest.mark.soak
def test_before_the_failover_a_rollback_keeps_replication_and_a_retry_goes_on(field):
    migration = field.start(classic("early", wave("one", "m9", gates={"test": "skip", "cutover": "manual"})))
    field.play(migration, nobody("cutover"), until=waits_at("cutover"))
    field.door.command(migration, "rollback", ["m9"], comment="not today")
    back = field.play(migration, nobody("cutover"))
    assert (states(back), field.power("m9")) == ({"m9": "ReadyForCutover"}, {"m9": "running"})
    assert field.taken("*/remove/action", protected_item_name(migration, "m9")) == [0]
    field.door.command(migration, "retry", ["m9"])
    assert states(field.play(migration)) == {"m9": "Finalized"}


@pytest.mark.soak
def test_after_the_failover_a_rollback_restores_the_source_and_fences_the_target(field):
    gates = {"test": "skip", "cutover": "auto"}
    wanted = wave("one", "m10", gates=gates, cutover={"mode": "machine"}, acceptance={"timer": "P1D"})
    migration = field.start(classic("late", wanted))
    field.play(migration, nobody("accept"), until=waits_at("accept"))
    assert field.power("m10") == {"m10": "stopped"}
    field.door.command(migration, "rollback", ["m10"], comment="the customers complain")
    back = field.play(migration, nobody("accept"))
    assert (states(back), field.power("m10")) == ({"m10": "RolledBack"}, {"m10": "running"})
    fenced = [
        each for each in field.log(operation="*/virtualMachines/deallocate/action") if "/m10/" in each["path"].lower()
    ]
    assert len(fenced) == 1
    left = fenced[0]["path"].removesuffix("/deallocate")
    field.control.delete("resources", params={"id": left}).raise_for_status()  # as docs/rollback.md says
    field.door.command(migration, "retry", ["m10"])
    assert states(field.play(migration)) == {"m10": "Finalized"}, "a new full copy"
