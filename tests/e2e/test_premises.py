"""The roads from a vCenter and from physical servers, side by side in one plan: pushed agents, and the hands of people."""

import pytest

from local.world.model import World
from shared.ids import protected_item_name
from tests.e2e import stack_harness as fields
from tests.e2e.killing import first_of_each, ledger_of, play
from tests.e2e.stack_harness import UNATTENDED, plan, states, target, wave
from tests.e2e.test_kills import BEGINNINGS, IN_BETWEEN

pytestmark = pytest.mark.timeout(600)
THE_HOST_DIES = True
SETTINGS = UNATTENDED

FINALIZED = "Finalized"
FAIL_OVER = "*/replicationProtectedItems/unplannedFailover/action"
PUSHED = {"appliance": {"runAsAccount": "linux"}, "agent": {"install": "push"}}
BY_HAND = {"agent": {"install": "manual"}}
SCRIPTS = {"stopServices": "systemctl stop shop", "startServices": "systemctl start shop"}


def around():
    """VMs v1 to v6, of which vCenter cannot shut v2 down, and servers s1 to s5 without an agent."""
    document = fields.world(1).model_dump(mode="json", by_alias=True)
    small = {"disks": [{"sizeGb": 60, "usedGb": 2}], "bootSeconds": 30}
    vms = [{"name": f"v{n}", "ip": f"10.5.1.{n}", "vcenter": "vc.corp.local", **small} for n in range(1, 7)]
    vms[1]["shutdown"] = "fails"
    servers = [{"name": f"s{n}", "ip": f"10.5.2.{n}", **small} for n in range(1, 6)]
    document["premises"] = {"server": {"name": "ferry-appliance"}, "machines": [*vms, *servers]}
    return World.model_validate(document | {"aws": {}})


def named(*names, **more):
    return [{"name": each, "source": {"name": each}, **more} for each in names]


def vms(*names, **more):
    """A wave of VMs that go as the plan does."""
    return wave("vms", *named(*names), cutover={"mode": "machine"}, **more)


def servers(*names, **more):
    """A wave of servers with a road of its own, whose services a person stops."""
    own = {"scenario": "physical-to-azure", "replication": BY_HAND, "scripts": SCRIPTS}
    return wave("servers", *named(*names), cutover={"mode": "machine"}, **own, **more)


def premises(name, *waves, **more):
    parts = {"scenario": "vmware-to-azure", "source": {}, "replication": PUSHED, "target": target(f"rsv-{name}")}
    return plan(name, *waves, **(parts | more))


def on(field):
    """The machines that are on."""
    return {each["name"] for each in field.control.get("machines").json()["machines"] if each["poweredOn"]}


def test_vms_and_servers_arrive_side_by_side_and_all_sources_are_off(field):
    migration = field.start(premises("both", vms("v2"), servers("s1")))
    picture = field.play(migration)
    assert states(picture) == dict.fromkeys(("v2", "s1"), FINALIZED)
    assert picture.migration.outcome == "Succeeded"
    assert on(field) & {"v2", "s1"} == set()
    assert all(each.downtime_seconds for each in picture.machines)
    vm, server = field.what(migration, "v2"), field.what(migration, "s1")
    assert vm.index("failover-submitted") < vm.index("source-left-running") < vm.index("source-stopped")
    assert server.index("source-stopped") < server.index("failed-over")
    assert {"source-read", "agent-registered", "stop-services-confirmed", "shut-down-source-confirmed"} <= set(server)


@pytest.mark.soak
def test_a_host_killed_in_every_phase_comes_to_the_same_end_and_does_nothing_twice(field, monkeypatch):
    migration = field.start(premises("killed", vms("v3"), servers("s3")))
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, first_of_each(lambda kind: kind in BEGINNINGS))
    assert states(picture) == {"v3": FINALIZED, "s3": FINALIZED}
    assert set(killed) >= {kind for kind in BEGINNINGS - IN_BETWEEN if not kind.startswith("open-security-groups")}
    items = [protected_item_name(migration, each) for each in ("v3", "s3")]
    for verb in ("write", "testFailover/action", "unplannedFailover/action", "remove/action"):
        requests = [
            each["path"].lower()
            for each in field.log(operation=f"*/replicationProtectedItems/{verb}")
            if each["status"] == 202
        ]
        assert [sum(item.lower() in path.split("/") for path in requests) for item in items] == [1, 1], verb


@pytest.mark.soak
@pytest.mark.parametrize(
    ("scenario", "phase"), [("EnableDr", "enable_replication"), ("UnplannedFailover", "fail_over")]
)
def test_what_fails_stops_its_machine_and_a_retry_goes_on_there(field, scenario, phase):
    name = "v4" if phase == "fail_over" else "s4"
    only = vms(name) if name == "v4" else servers(name)
    fault = field.fault("job-fails", scenario=scenario, times=1)
    migration = field.start(premises(f"retried-{name}", only))
    failed = field.play(migration)
    assert states(failed) == {name: "Failed"}
    assert failed.machines[0].failed_in == phase
    field.mend(fault)
    field.door.command(migration, "retry")
    assert states(field.play(migration)) == {name: FINALIZED}


@pytest.mark.soak
def test_a_wave_whose_vault_is_refused_fails_alone_and_a_retry_brings_it_and_those_behind_it_to_their_end(field):
    fault = field.fault("server-error", status=403, operation="*vaults/write", match="*/vaults/rsv-late*", times=None)
    behind = wave("behind", *named("v5"), dependsOn=["servers"], cutover={"mode": "machine"})
    migration = field.start(premises("partly", vms("v1"), servers("s2", target=target("rsv-late")), behind))
    where = {"v1": FINALIZED, "s2": "Failed", "v5": "ReadyForCutover"}
    stopped = field.play(migration, until=lambda picture: states(picture) == where)
    assert states(stopped) == where
    by_name = {each.name: each for each in stopped.machines}
    assert by_name["s2"].failed_in == "prepare_vault"
    assert "s2 of wave servers is Failed" in by_name["v5"].waiting_for
    assert not stopped.migration.outcome
    field.mend(fault)
    field.door.command(migration, "retry")
    picture = field.play(migration)
    assert states(picture) == dict.fromkeys(where, FINALIZED)
    assert picture.migration.outcome == "Succeeded"


@pytest.mark.soak
def test_where_nobody_retries_what_failed_the_outcome_says_so(field):
    fault = field.fault("server-error", status=403, operation="*vaults/write", match="*/vaults/rsv-never*", times=None)
    migration = field.start(premises("partial", vms("v6"), servers("s5", target=target("rsv-never"))))
    picture = field.play(migration)
    field.mend(fault)
    assert states(picture) == {"v6": FINALIZED, "s5": "Failed"}
    assert picture.migration.outcome == "PartiallySucceeded"
