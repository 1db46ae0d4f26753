"""The road from Hyper-V hosts: it holds what the other roads hold, killed, faulty or turned back."""

import pytest

from local.world.model import World
from shared.ids import protected_item_name
from tests.e2e import stack_harness as fields
from tests.e2e.killing import first_of_each, ledger_of, play
from tests.e2e.stack_harness import UNATTENDED, nobody, plan, states, waits_at, wave
from tests.e2e.test_kills import BEGINNINGS, IN_BETWEEN

pytestmark = pytest.mark.timeout(600)
THE_HOST_DIES = True
SETTINGS = UNATTENDED

SITE, HOSTS = "hq", ("hv1.corp.example", "hv2.corp.example")
NOT_WALKED = {"open-security-groups-began", "check-connectivity-began", "install-agent-began"}
# Where this road does what cannot be repeated and other roads do not; the soak test kills in every phase.
DIFFERENT = {"site", "plan-failover"}
PLAN_RUN = "*/replicationRecoveryPlans/plannedFailover/action"
FAILOVER = "*/replicationProtectedItems/plannedFailover/action"


def around():
    """The usual Azure, and a few machines on two hosts."""
    machines = [
        {
            "name": name,
            "host": HOSTS[number % 2],
            "ip": f"10.0.2.{20 + number}",
            "image": ("ubuntu-22.04", "windows-2019")[number % 2],
            "disks": [{"sizeGb": 60, "usedGb": 2}],
            "bootSeconds": 30,
        }
        for number, name in enumerate(fields.MACHINES[:9])
    ]
    azure = fields.world().model_dump(mode="json", by_alias=True)["azure"]
    return World.model_validate({"azure": azure, "hyperv": {"site": SITE, "hosts": HOSTS, "machines": machines}})


def hosted(name, *names, **more):
    """A plan of one wave of these machines."""
    machines = [{"name": each, "source": {"name": each.upper()}} for each in names]
    source = {"hyperv": {"site": SITE, "hosts": list(HOSTS)}}
    return plan(name, wave("one", *machines, **more), scenario="hyperv-to-azure", source=source)


def runs(field, name):
    """Whether a machine runs on its host."""
    rows = field.control.get("machines").raise_for_status().json()["machines"]
    return next(row["poweredOn"] for row in rows if row["name"] == name)


@pytest.mark.parametrize(
    ("name", "kinds", "machines"),
    [
        ("hosted", DIFFERENT, ("m1",)),
        pytest.param("hosts", (BEGINNINGS | IN_BETWEEN) - NOT_WALKED, ("m2", "m3"), marks=pytest.mark.soak),
    ],
)
def test_a_host_killed_on_the_way_comes_to_the_same_end_and_does_nothing_twice(
    field, monkeypatch, name, kinds, machines
):
    gates = {"test": "auto", "cutover": "manual" if name == "hosts" else "auto"}
    migration = field.start(hosted(name, *machines, gates=gates, cutover={"mode": "recoveryPlan"}))
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, first_of_each(lambda kind: kind in kinds))
    assert states(picture) == dict.fromkeys(machines, "Finalized")
    assert picture.migration.outcome == "Succeeded"
    assert "plan-failover" in killed
    plans = [
        each["path"] for each in field.log(operation=PLAN_RUN) if each["status"] == 202 and f"-{name}-" in each["path"]
    ]
    assert len(plans) == 1
    items = [protected_item_name(migration, each) for each in machines]
    for verb in ("write", "testFailover/action", "remove/action"):
        assert field.taken(f"*/replicationProtectedItems/{verb}", *items) == [1] * len(machines), verb
    assert not any(runs(field, each) for each in machines)
    assert sum(field.taken("*/replicationFabrics/write", SITE)) == 1


@pytest.mark.soak
@pytest.mark.parametrize(
    ("scenario", "machine", "phase"),
    [("EnableDr", "m4", "enable_replication"), ("PlannedFailover", "m5", "fail_over")],
)
def test_a_job_that_fails_stops_the_machine_where_it_is_and_a_retry_goes_on(field, scenario, machine, phase):
    field.fault("job-fails", scenario=scenario, code="28031", match=machine)
    cutover = {"mode": "machine"}
    migration = field.start(
        hosted(f"bad-{machine}", machine, gates={"test": "skip", "cutover": "auto"}, cutover=cutover)
    )
    stopped = field.play(migration)
    assert states(stopped) == {machine: "Failed"}
    assert stopped.machines[0].failed_in == phase
    field.door.command(migration, "retry", [machine])
    assert states(field.play(migration)) == {machine: "Finalized"}


@pytest.mark.soak
def test_a_source_that_cannot_be_shut_down_runs_on_and_a_retry_moves_it(field):
    field.control.patch("machines/m6", json={"shutdown": "fails"}).raise_for_status()
    migration = field.start(hosted("stubborn", "m6", gates={"test": "skip", "cutover": "auto"}))
    assert states(field.play(migration)) == {"m6": "Failed"}
    assert runs(field, "m6")
    field.control.patch("machines/m6", json={"shutdown": "ok"}).raise_for_status()
    field.door.command(migration, "retry", ["m6"])
    assert states(field.play(migration)) == {"m6": "Finalized"}
    assert not runs(field, "m6")


@pytest.mark.soak
def test_before_the_failover_a_rollback_keeps_replication_and_a_retry_goes_on(field):
    migration = field.start(hosted("early", "m7", gates={"test": "skip", "cutover": "manual"}))
    field.play(migration, nobody("cutover"), until=waits_at("cutover"))
    field.door.command(migration, "rollback", ["m7"], comment="not today")
    back = field.play(migration, nobody("cutover"))
    assert (states(back), runs(field, "m7")) == ({"m7": "ReadyForCutover"}, True)
    assert field.taken("*/remove/action", protected_item_name(migration, "m7")) == [0]
    field.door.command(migration, "retry", ["m7"])
    assert states(field.play(migration)) == {"m7": "Finalized"}
