"""VMware machines without agents, as migration items: the road walks, and holds when it is killed or turned back."""

import pytest

from local.world.model import World
from shared.ids import protected_item_name
from tests.e2e import field as fields
from tests.e2e.field import field_in, nobody, states, waits_at, wave
from tests.e2e.killing import first_of_each, ledger_of, play

pytestmark = pytest.mark.timeout(600)

NAMES = tuple(f"vm{number}" for number in range(1, 7))
ITEM = "*/replicationMigrationItems"


def vcenter_world():
    """A vCenter with a few machines, and Azure Migrate's appliance."""
    told = fields.world(0).model_dump(mode="json", by_alias=True)
    disks = [{"sizeGb": 40, "usedGb": 2}, {"sizeGb": 20, "usedGb": 1}]
    machines = [
        {"name": name, "ip": f"10.5.1.{number + 4}", "vcenter": "vc.corp.local", "disks": disks, "bootSeconds": 30}
        for number, name in enumerate(NAMES)
    ]
    server = {"name": "ferry-migrate", "kind": "agentless"}
    return World.model_validate({"azure": told["azure"], "premises": {"machines": machines, "server": server}})


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


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    with field_in(tmp_path_factory.mktemp("stack"), vcenter_world()) as running:
        yield running


def taken(field, verb, migration, *names):
    """How often an operation was taken for the items of these machines."""
    asked = [one["path"].lower() for one in field.log(operation=f"{ITEM}/{verb}") if one["status"] == 202]
    items = [protected_item_name(migration, name).lower() for name in names]
    return [sum(item in path.split("/") for path in asked) for item in items]


def powered_on(field, *names):
    """Whether the sources run."""
    listed = field.control.get("machines").raise_for_status().json()["machines"]
    on = {one["name"]: one["poweredOn"] for one in listed}
    return {name: on[name] for name in names}


def test_machines_without_agents_arrive_in_azure_and_replication_ends(field):
    migration = field.start(without_agents("few", wave("one", *named("vm1", "vm2"))))
    picture = field.play(migration)
    assert states(picture) == {"vm1": "Finalized", "vm2": "Finalized"}
    assert picture.migration.outcome == "Succeeded"
    assert all(one.downtime_seconds for one in picture.machines)
    assert powered_on(field, "vm1", "vm2") == {"vm1": False, "vm2": False}
    for verb in ("write", "testMigrate/action", "testMigrateCleanup/action", "migrate/action", "delete"):
        assert taken(field, verb, migration, "vm1", "vm2") == [1, 1], verb
    told = field.what(migration, "vm1")
    assert "proof-left-to-failover" in told
    assert "replication-removed" in told
