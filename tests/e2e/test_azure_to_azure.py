"""The road from one Azure region to another: walked whole, killed on the way, with a source that does not shut down."""

import json

import pytest

from local.world.model import World
from shared.ids import protected_item_name
from tests.e2e import stack_harness as fields
from tests.e2e.killing import first_of_each, ledger_of, play
from tests.e2e.stack_harness import SUBSCRIPTION, TARGET, UNATTENDED, nobody, states, waits_at, wave
from tests.e2e.test_kills import BEGINNINGS, IN_BETWEEN
from tests.e2e.troubles import QUOTA

pytestmark = pytest.mark.timeout(600)
THE_HOST_DIES = True
SETTINGS = UNATTENDED

FROM = "northeurope"
VMS = tuple(f"vm{number}" for number in range(1, 10))
STUBBORN = "vm2"  # cannot be shut down from outside
ON_A_SERVER = {
    "register-appliance-began",
    "install-agent-began",
    "open-security-groups-began",
}


def around():
    """The usual target, and small VMs in another region with their cache account beside them."""
    document = fields.world().model_dump(mode="json", by_alias=True)
    document["azure"]["accounts"] = [{"name": "stcache", "group": "rg-source", "location": FROM}]
    vms = [
        {
            "name": name,
            "region": FROM,
            "disks": [{"name": f"{name}-os", "sizeGb": 30, "usedGb": 1, "osDisk": True}],
            "nics": [{"privateIp": f"10.4.0.{number + 4}"}],
            "bootSeconds": 30,
            "shutdown": "fails" if name == STUBBORN else "ok",
        }
        for number, name in enumerate(VMS)
    ]
    return World.model_validate({"azureVms": vms, "azure": document["azure"]})


def between(name, *waves, **more):
    """A plan of machines that go to another region."""
    source = {"azure": {"subscriptionId": SUBSCRIPTION, "region": FROM, "resourceGroup": "rg-source"}}
    return fields.plan(name, *waves, scenario="azure-to-azure", source=source, target=TARGET, **more)


def vm(name, **more):
    """A machine of such a plan."""
    return {"name": name, "source": {"name": name}, **more}


def power(field, name):
    """The power of a source VM."""
    return field.control.get(f"vms/{name}").raise_for_status().json()["power"]


def test_vms_move_to_another_region_and_a_source_that_stays_up_is_deallocated(field):
    scripts = {"stopServices": "systemctl stop shop", "startServices": "systemctl start shop"}
    wanted = wave("one", vm("vm1", scripts=scripts), vm(STUBBORN), cutover={"mode": "recoveryPlan"})
    migration = field.start(between("moving", wanted))
    picture = field.play(migration)
    assert (states(picture), picture.migration.outcome) == ({"vm1": "Finalized", STUBBORN: "Finalized"}, "Succeeded")
    assert "stop-services-ended" in field.what(migration, "vm1")
    assert "source-left-running" in field.what(migration, STUBBORN)
    assert "source-left-running" not in field.what(migration, "vm1")
    items = [protected_item_name(migration, each) for each in ("vm1", STUBBORN)]
    for verb in ("write", "testFailover/action", "failoverCommit/action", "remove/action"):
        assert field.taken(f"*/replicationProtectedItems/{verb}", *items, unless="PATCH") == [1, 1], verb
    made = [each["path"] for each in field.log(operation="*/replicationFabrics/write") if each["status"] == 202]
    assert len(made) == 2
    off = [each for each in field.log(operation="*/virtualMachines/deallocate/action") if each["status"] == 202]
    assert [each["path"].split("/")[-2] for each in off] == [STUBBORN]


def test_a_plan_sent_again_after_a_partial_success_tells_what_became_of_it_and_advises_nothing_that_would_delete_it(
    field,
):
    others = wave("one", vm("vm8"), vm("vm9"), gates={"test": "skip", "cutover": "auto"}, cutover={"mode": "machine"})
    field.fault("job-fails", scenario="EnableDr", match="*vm9*")
    first = field.start(between("rest", others))
    partly = field.play(first)
    assert (states(partly), partly.migration.outcome) == ({"vm8": "Finalized", "vm9": "Failed"}, "PartiallySucceeded")

    again = field.start(between("rest", others))
    refused = field.play(again)
    assert set(states(refused).values()) == {"Failed"}
    rows = {name: field.door.machine(again, name) for name in ("vm8", "vm9")}
    against = {
        name: {each["id"] for each in row["concerns"] if each["category"] == "critical"} for name, row in rows.items()
    }
    assert against == {"vm8": {"migrated-before"}, "vm9": {"replicated-by-earlier-migration"}}
    expected = {
        name: json.dumps([each for each in row["concerns"] if each["category"] == "critical"])
        for name, row in rows.items()
    }
    assert f"vm8 was migrated by {first} and serves as vm8" in expected["vm8"]
    assert f"azferry retry {first} --machine vm9" in expected["vm9"]
    assert power(field, "vm8") == "deallocated"

    field.door.command(first, "retry", ["vm9"])
    whole = field.play(first)
    assert (set(states(whole).values()), whole.migration.outcome) == ({"Finalized"}, "Succeeded")
    assert {each.serving for each in whole.machines} == {"target"}
    items = [protected_item_name(first, each) for each in ("vm8", "vm9")]
    assert field.taken("*/replicationProtectedItems/unplannedFailover/action", *items) == [1, 1]


@pytest.mark.soak
def test_a_host_killed_in_every_phase_comes_to_the_same_end_and_does_nothing_twice(field, monkeypatch):
    gates = {"test": "auto", "cutover": "manual"}
    migration = field.start(
        between("killed", wave("one", vm("vm3"), vm("vm4"), gates=gates, cutover={"mode": "machine"}))
    )
    kinds = (BEGINNINGS | IN_BETWEEN) - ON_A_SERVER
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, first_of_each(lambda kind: kind in kinds))
    assert states(picture) == {"vm3": "Finalized", "vm4": "Finalized"}
    assert set(killed) >= {"assess-began", "enable-replication-began", "fail-over-began", "complete-migration-began"}
    items = [protected_item_name(migration, each) for each in ("vm3", "vm4")]
    for verb in ("write", "testFailover/action", "unplannedFailover/action", "failoverCommit/action", "remove/action"):
        assert field.taken(f"*/replicationProtectedItems/{verb}", *items, unless="PATCH") == [1, 1], verb


@pytest.mark.soak
@pytest.mark.parametrize(
    ("scenario", "machine", "phase", "state"),
    [
        ("EnableDr", "vm5", "enable_replication", "Failed"),
        ("UnplannedFailover", "vm6", "fail_over", "Failed"),
        ("CommitFailover", "vm7", "complete_migration", "CutOver"),  # it serves in Azure all the same
    ],
)
def test_a_job_that_failed_stops_its_machine_and_a_retry_finishes(field, scenario, machine, phase, state):
    field.fault("job-fails", scenario=scenario, **QUOTA)
    name = f"fails-{scenario[:8].lower()}"
    migration = field.start(between(name, wave("one", vm(machine), cutover={"mode": "machine"})))
    failed = field.play(migration)
    assert states(failed) == {machine: state}
    [seen] = failed.machines
    assert (seen.failed_in, seen.problem.code) == (phase, "28031")
    field.door.command(migration, "retry")
    finished = field.play(migration)
    assert (states(finished), finished.migration.outcome) == ({machine: "Finalized"}, "Succeeded")


@pytest.mark.soak
def test_after_the_failover_a_rollback_starts_the_source_and_fences_the_target(field):
    gates = {"test": "skip", "cutover": "auto"}
    wanted = wave("one", vm("vm8"), gates=gates, cutover={"mode": "machine"}, acceptance={"timer": "P1D"})
    migration = field.start(between("late", wanted))
    field.play(migration, nobody("accept"), until=waits_at("accept"))
    field.door.command(migration, "rollback", ["vm8"], comment="the customers complain")
    back = field.play(migration, nobody("accept"))
    assert states(back) == {"vm8": "RolledBack"}
    assert {"target-fenced", "source-back"} <= set(field.what(migration, "vm8"))


@pytest.mark.soak
def test_before_the_failover_a_rollback_keeps_replication_and_a_retry_goes_on(field):
    migration = field.start(between("early", wave("one", vm("vm9"), gates={"test": "skip", "cutover": "manual"})))
    field.play(migration, nobody("cutover"), until=waits_at("cutover"))
    field.door.command(migration, "rollback", ["vm9"], comment="not today")
    back = field.play(migration, nobody("cutover"))
    assert (states(back), power(field, "vm9")) == ({"vm9": "ReadyForCutover"}, "running")
    field.door.command(migration, "retry", ["vm9"])
    assert states(field.play(migration)) == {"vm9": "Finalized"}
