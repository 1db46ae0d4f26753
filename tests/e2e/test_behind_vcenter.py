"""VMware machines through a configuration server: the vCenter is added, they arrive, and the host may be killed on the way."""

import pytest

from local.world.model import World
from shared.ids import protected_item_name
from tests.e2e import stack_harness as fields
from tests.e2e.killing import first_of_each, ledger_of, play
from tests.e2e.stack_harness import states, wave
from tests.e2e.test_kills import BEGINNINGS

pytestmark = pytest.mark.timeout(600)
THE_HOST_DIES = True
AS_RECORDED = True

SERVER = "ferry-config1"
NAMES = ("vm1", "vm2", "vm3", "vm4")
ADD = "*replicationvCenters/write"
DIFFERENT = {"vcenter-asked", "failover-submitted"}  # what no other road does, and what cannot be repeated
FAULTS = {"throttle": {"retryAfter": 60}, "server-error": {"status": 503}, "drop-before": {}, "drop-after": {}}


def around():
    """A vCenter with a few small machines, and a configuration server that keeps the accounts."""
    document = fields.world(0).model_dump(mode="json", by_alias=True)
    small = {"vcenter": "vc.corp.local", "disks": [{"sizeGb": 60, "usedGb": 2}], "bootSeconds": 30}
    machines = [{"name": name, "ip": f"10.5.1.{number + 4}", **small} for number, name in enumerate(NAMES)]
    server = {"name": SERVER, "kind": "configurationServer", "accounts": ["root", "reader"]}
    azure = document["azure"] | {"legacyProviders": True}
    return World.model_validate({"azure": azure, "premises": {"server": server, "machines": machines}})


def behind(name, *machines, **more):
    """A plan with a vault of its own, into which the server registers and to which it is told of the vCenter."""
    listed = [{"name": each, "source": {"name": each}} for each in machines]
    return {
        "name": name,
        "scenario": "vmware-to-azure",
        "replication": {
            "mode": "configurationServer",
            "appliance": {"name": SERVER, "runAsAccount": "root"},
            "agent": {"install": "push"},
        },
        "source": {"vmware": {"vcenter": "vc.corp.local", "account": "reader"}},
        "target": fields.target(f"rsv-{name}"),
        "acknowledge": [{"concern": "replication-mode-retired", "reason": "these are its last machines"}],
        "waves": [wave("one", *listed, **more)],
    }


def done_once(field, migration, *machines):
    """Tell for each verb how often it had an effect on each machine's item."""
    items = [protected_item_name(migration, each).lower() for each in machines]
    effects = [each for each in field.log() if each["effect"] and not each["effect"].startswith("refused")]
    verbs = ("write", "unplannedFailover/action", "remove/action")
    return {
        verb: [
            sum(
                each["operation"].endswith(f"/replicationProtectedItems/{verb}")
                and item in each["path"].lower().split("/")
                for each in effects
            )
            for item in items
        ]
        for verb in verbs
    }


def added(field, name):
    """How often a vCenter was added in a plan's vault."""
    return sum(
        f"/rsv-{name}/" in each["path"].lower() and not each["effect"].startswith("refused")
        for each in field.log(operation=ADD)
        if each["effect"]
    )


@pytest.mark.soak  # tests/activities/roads/test_vcenter.py walks the whole road, too
@pytest.mark.parametrize(
    ("name", "kinds", "machines", "gates"),
    [
        ("short", DIFFERENT, ("vm1",), {"test": "skip", "cutover": "auto"}),
        ("long", DIFFERENT | BEGINNINGS, ("vm2", "vm3"), {"test": "auto", "cutover": "manual"}),
    ],
)
def test_a_host_killed_on_the_way_comes_to_the_same_end_and_does_nothing_twice(
    field, monkeypatch, name, kinds, machines, gates
):
    migration = field.start(behind(name, *machines, gates=gates, cutover={"mode": "machine"}))
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, first_of_each(lambda kind: kind in kinds))
    assert states(picture) == dict.fromkeys(machines, "Finalized")
    assert picture.migration.outcome == "Succeeded"
    assert set(killed) >= {kind for kind in kinds if not kind.startswith("open-security-groups")}
    assert added(field, name) == 1
    assert done_once(field, migration, *machines) == dict.fromkeys(
        ("write", "unplannedFailover/action", "remove/action"), [1] * len(machines)
    )
    on = {each["name"] for each in field.control.get("machines").json()["machines"] if each["poweredOn"]}
    assert on & set(machines) == set()


@pytest.mark.soak
def test_throttling_errors_and_lost_connections_cost_time_only(field):
    for operation in (ADD, "*/unplannedFailover/action"):
        for kind, more in FAULTS.items():
            field.fault(kind, operation=operation, **more)
    migration = field.start(behind("rough", "vm4", cutover={"mode": "machine"}))
    assert states(field.play(migration)) == {"vm4": "Finalized"}
    happened = " ".join(each["fault"] for each in field.log() if each["fault"])
    assert [kind for kind in FAULTS if kind not in happened] == []
    assert added(field, "rough") == 1
    assert done_once(field, migration, "vm4")["unplannedFailover/action"] == [1]
