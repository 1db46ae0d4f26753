"""The road from VMM's clouds: its fabric comes with the server, its networks and storage are mapped, killed or not."""

import pytest

from local.world.model import World
from shared.ids import protected_item_name
from tests.e2e import stack_harness as fields
from tests.e2e.killing import first_of_each, ledger_of, play
from tests.e2e.stack_harness import nobody, plan, states, wave
from tests.e2e.test_hyperv import runs

pytestmark = [pytest.mark.timeout(600), pytest.mark.soak]
THE_HOST_DIES = True
AS_RECORDED = True

SERVER, CLOUDS = "vmm1.corp.example", ("Gold", "Silver")
ACCOUNT = (
    f"/subscriptions/{fields.SUBSCRIPTION}/resourceGroups/rg-target/providers/Microsoft.Storage/storageAccounts/stcache"
)
MAPPINGS = (
    "replicationProtectionContainerMappings",
    "replicationNetworkMappings",
    "replicationStorageClassificationMappings",
)
CANCEL = "*/failoverCancel/action"
DIFFERENT = {"register-appliance-began", "set-replication-policy-began", "enable-replication-began", "fail-over-began"}


def around():
    """The usual Azure, and a VMM server with two clouds and a few machines in them."""
    machines = [
        {
            "name": name,
            "host": "hv1.corp.example",
            "cloud": CLOUDS[number % 2],
            "ip": f"10.0.2.{20 + number}",
            "disks": [{"sizeGb": 60, "usedGb": 2}],
            "bootSeconds": 30,
        }
        for number, name in enumerate(fields.MACHINES[:4])
    ]
    azure = fields.world().model_dump(mode="json", by_alias=True)["azure"]
    network = {"name": "Prod", "logicalNetwork": "Backbone", "subnets": ["10.0.0.0/16"]}
    vmm = {"name": SERVER, "clouds": CLOUDS, "networks": [network], "storageClassifications": ["Fast"]}
    return World.model_validate({"azure": azure, "hyperv": {"vmm": vmm, "machines": machines}})


def clouds(name, *names, **more):
    """A plan of one wave of these machines, by way of a vault of its own."""
    machines = [{"name": each, "source": {"name": each.upper()}} for each in names]
    vmm = {"server": SERVER, "clouds": list(CLOUDS), "networks": {"Prod": "vnet-prod"}, "storage": {"Fast": ACCOUNT}}
    parts = {"scenario": "hyperv-to-azure", "source": {"hyperv": {"vmm": vmm}}, "target": fields.target(f"rsv-{name}")}
    return plan(name, wave("one", *machines, **more), **parts)


def mapped(field, vault):
    """How many container, network and storage mappings were asked for in a vault."""
    paths = [each["path"] for each in field.log() if each["method"] == "PUT" and each["status"] == 202]
    return [sum(f"/{vault}/" in path and f"/{kind}/" in path for path in paths) for kind in MAPPINGS]


def test_a_host_killed_where_this_road_differs_comes_to_the_same_end_and_maps_everything_once(field, monkeypatch):
    names = ("m1", "m2")
    migration = field.start(clouds("vmm", *names, gates={"test": "auto", "cutover": "auto"}))
    with ledger_of(field, monkeypatch):
        picture, killed = play(
            field, migration, first_of_each(lambda kind: kind.endswith("-asked") or kind in DIFFERENT)
        )
    assert states(picture) == dict.fromkeys(names, "Finalized")
    assert picture.migration.outcome == "Succeeded"
    assert set(killed) >= DIFFERENT
    assert {"mapping", "network", "storage"} <= {kind.partition("-")[0] for kind in killed}
    assert mapped(field, "rsv-vmm") == [2, 1, 1]
    items = [protected_item_name(migration, each) for each in names]
    for verb in ("write", "testFailover/action", "remove/action"):
        assert field.taken(f"*/replicationProtectedItems/{verb}", *items) == [1, 1], verb
    assert not any(runs(field, each) for each in names)


def test_a_machine_whose_checks_fail_goes_back_with_its_replication_and_a_retry_moves_it(field):
    field.checks_end({"vm": "m3", "match": "*", "result": "failure"})
    checks = [{"command": "systemctl is-active erp", "timeout": "PT1M"}]
    wanted = clouds("back", "m3", gates={"test": "skip", "cutover": "auto"}, cutover={"mode": "machine"}, verify=checks)
    migration = field.start(wanted)
    failed = field.play(migration)
    assert [(each.state, each.failed_in) for each in failed.machines] == [("Failed", "verify")]
    field.door.command(migration, "rollback", ["m3"], comment="the checks fail")
    back = field.play(migration, nobody("cutover"), until=lambda picture: states(picture) == {"m3": "ReadyForCutover"})
    assert (states(back), runs(field, "m3")) == ({"m3": "ReadyForCutover"}, True)
    item = protected_item_name(migration, "m3")
    assert (field.taken(CANCEL, item), field.taken("*/remove/action", item)) == ([1], [0])
    field.checks_end()
    field.door.command(migration, "retry", ["m3"])
    assert states(field.play(migration)) == {"m3": "Finalized"}
    assert field.taken("*/replicationProtectedItems/write", item) == [1], "no new copy was made"
