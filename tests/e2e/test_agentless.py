"""VMware machines without agents, as migration items: the road walks, and holds when it is killed or turned back."""

import pytest

from local.world.model import World
from shared.ids import protected_item_name
from shared.roads.table import row_of
from tests.e2e import stack_harness as fields
from tests.e2e.killing import first_of_each, ledger_of, play
from tests.e2e.stack_harness import UNATTENDED, nobody, states, waits_at, wave
from tests.e2e.test_kills import NEVER_BEGUN
from tests.e2e.troubles import QUOTA

pytestmark = pytest.mark.timeout(600)
THE_HOST_DIES = True
SETTINGS = UNATTENDED

NAMES = tuple(f"vm{number}" for number in range(1, 9))
ITEM = "*/replicationMigrationItems"
MIGRATE = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationMigrationItems/migrate/action"
WALKED = row_of("vmware-to-azure", "agentless").phases
BEGINNINGS = {f"{phase.replace('_', '-')}-began" for phase in WALKED if phase not in NEVER_BEGUN}
IN_BETWEEN = {"decided-cutover", "proof-left-to-failover"}
WAITING = {"test": "skip", "cutover": "manual"}
FAULTS = {"throttle": {"retryAfter": 60}, "server-error": {"status": 503}, "drop-before": {}, "drop-after": {}}


def around():
    """A vCenter with a few machines, and Azure Migrate's appliance."""
    document = fields.world(0).model_dump(mode="json", by_alias=True)
    disks = [{"sizeGb": 40, "usedGb": 2}, {"sizeGb": 20, "usedGb": 1}]
    machines = [
        {"name": name, "ip": f"10.5.1.{number + 4}", "vcenter": "vc.corp.local", "disks": disks, "bootSeconds": 30}
        for number, name in enumerate(NAMES)
    ]
    server = {"name": "ferry-migrate", "kind": "agentless"}
    return World.model_validate({"azure": document["azure"], "premises": {"machines": machines, "server": server}})


def without_agents(name, *waves, **more):
    """A plan whose machines are copied from their snapshots."""
    return {
        "name": name,
        "scenario": "vmware-to-azure",
        "replication": {"mode": "agentless", "appliance": {"name": "ferry-migrate"}},
        "target": fields.TARGET,
        "limits": {"failureTolerance": "100%"},
        **more,
        "waves": list(waves),
    }


def named(*names):
    """Machines of a plan, by the names that vCenter shows."""
    return [{"name": name, "source": {"name": name}} for name in names]


def taken(field, verb, migration, *names):
    """How often an operation was taken for the items of these machines."""
    return field.taken(f"{ITEM}/{verb}", *(protected_item_name(migration, name) for name in names))


def powered_on(field, *names):
    """Whether the sources run."""
    listed = field.control.get("machines").raise_for_status().json()["machines"]
    on = {each["name"]: each["poweredOn"] for each in listed}
    return {name: on[name] for name in names}


def test_machines_without_agents_arrive_in_azure_and_replication_ends(field):
    migration = field.start(without_agents("few", wave("one", *named("vm1", "vm2"))))
    picture = field.play(migration)
    assert states(picture) == {"vm1": "Finalized", "vm2": "Finalized"}
    assert picture.migration.outcome == "Succeeded"
    assert all(each.downtime_seconds for each in picture.machines)
    assert powered_on(field, "vm1", "vm2") == {"vm1": False, "vm2": False}
    for verb in ("write", "testMigrate/action", "testMigrateCleanup/action", "migrate/action", "delete"):
        assert taken(field, verb, migration, "vm1", "vm2") == [1, 1], verb
    happened = field.what(migration, "vm1")
    assert "proof-left-to-failover" in happened
    assert "replication-removed" in happened


@pytest.mark.soak
def test_a_host_killed_in_every_phase_comes_to_the_same_end_and_does_nothing_twice(field, monkeypatch):
    gated = {"test": "auto", "cutover": "manual"}
    migration = field.start(without_agents("killed", wave("one", *named("vm3"), gates=gated)))
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, first_of_each(lambda kind: kind in BEGINNINGS | IN_BETWEEN))
    assert states(picture) == {"vm3": "Finalized"}
    assert set(killed) >= BEGINNINGS
    for verb in ("write", "testMigrate/action", "testMigrateCleanup/action", "migrate/action", "delete"):
        assert taken(field, verb, migration, "vm3") == [1], verb


@pytest.mark.soak
@pytest.mark.parametrize(
    ("scenario", "machine", "phase"),
    [("EnableMigration", "vm4", "enable_replication"), ("Migrate", "vm5", "fail_over")],
)
def test_a_job_that_failed_stops_its_machine_and_a_retry_finishes(field, scenario, machine, phase):
    field.fault("job-fails", scenario=scenario, **QUOTA)
    migration = field.start(without_agents(f"fails-{scenario.lower()}"[:30], wave("one", *named(machine))))
    failed = field.play(migration)
    assert states(failed) == {machine: "Failed"}
    [seen] = failed.machines
    assert (seen.failed_in, seen.problem.code, seen.problem.advice) == (phase, "28031", QUOTA["recommendedAction"])
    field.door.command(migration, "retry")
    finished = field.play(migration)
    assert (states(finished), finished.migration.outcome) == ({machine: "Finalized"}, "Succeeded")


@pytest.mark.soak
def test_lost_answers_and_throttling_cost_time_only(field):
    for verb in ("write", "testMigrate/action", "migrate/action", "delete"):
        for kind, more in FAULTS.items():
            field.fault(kind, operation=f"{ITEM}/{verb}", **more)
    migration = field.start(without_agents("rough", wave("one", *named("vm6"))))
    assert states(field.play(migration)) == {"vm6": "Finalized"}
    happened = " ".join(each["fault"] for each in field.log() if each["fault"])
    assert [kind for kind in FAULTS if kind not in happened] == []
    assert field.done(protected_item_name(migration, "vm6").lower())[MIGRATE] == 1


@pytest.mark.soak
def test_before_the_migration_a_rollback_keeps_replication_and_a_retry_goes_on(field):
    migration = field.start(without_agents("early", wave("one", *named("vm7"), gates=WAITING)))
    field.play(migration, nobody("cutover"), until=waits_at("cutover"))
    field.door.command(migration, "rollback", ["vm7"], comment="not today")
    back = field.play(migration, nobody("cutover"))
    assert (states(back), powered_on(field, "vm7")) == ({"vm7": "ReadyForCutover"}, {"vm7": True})
    assert taken(field, "delete", migration, "vm7") == [0]
    field.door.command(migration, "retry", ["vm7"])
    assert states(field.play(migration)) == {"vm7": "Finalized"}


@pytest.mark.soak
def test_after_the_migration_a_rollback_fences_the_target_and_a_person_starts_the_source(field):
    gates = {"test": "skip", "cutover": "auto"}
    wanted = wave("one", *named("vm8"), gates=gates, acceptance={"timer": "P1D"})
    migration = field.start(without_agents("late", wanted))
    field.play(migration, nobody("accept"), until=waits_at("accept"))
    assert powered_on(field, "vm8") == {"vm8": False}
    field.door.command(migration, "rollback", ["vm8"], comment="the customers complain")
    waiting = field.play(migration, nobody("accept"), nobody("start-source"), until=waits_at("start-source"))
    assert [each.state for each in waiting.machines] == ["AwaitingUserAction"]
    fenced = [each for each in field.log(operation="*/virtualMachines/deallocate/action") if "/vm8/" in each["path"]]
    assert len(fenced) == 1, "the target is off before anybody is asked to start the source"
    field.control.post("power", json={"ip": "10.5.1.11", "on": True}).raise_for_status()
    back = field.play(migration, nobody("accept"))
    assert states(back) == {"vm8": "RolledBack"}
    assert taken(field, "delete", migration, "vm8") == [1]
    left = fenced[0]["path"].removesuffix("/deallocate")
    field.control.delete("resources", params={"id": left}).raise_for_status()  # as docs/rollback.md says
    field.door.command(migration, "retry", ["vm8"])
    assert states(field.play(migration)) == {"vm8": "Finalized"}, "a new full copy"
