"""Machines of a VMM server's clouds: clouds, networks and storage are mapped, each once, and the machines go there."""

from collections.abc import Callable

import pytest

from shared.problems import Refused
from shared.roads.target_names import network_id
from shared.site_recovery import vmm
from shared.sources.hyperv.source_adapter import places_of
from tests.activities.crash_injection import Dying
from tests.activities.hosts import hyperv_plan
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths, effects, patiently
from tests.clouds import VAULT, request_id

SERVER = {
    "server": "vmm1",
    "clouds": ["Gold", "Silver"],
    "networks": {"Prod": "vnet-prod"},
    "storage": {"Fast": "/subscriptions/s"},
}
MAPPED = (
    "*/replicationProtectionContainerMappings/write",
    "*/replicationNetworkMappings/write",
    "*/replicationStorageClassificationMappings/write",
)


def begin(ferry: MigrationHarness, **changes: object) -> MigrationHarness:
    ferry.begin(plan=hyperv_plan("web1", "db1", source={"vmm": SERVER | changes}))
    return ferry


def test_a_machine_of_a_cloud_goes_all_the_way(ferry: MigrationHarness) -> None:
    begin(ferry).prepare()
    assert [len(effects(ferry, each)) for each in MAPPED] == [2, 1, 1]
    ferry.walk("web1", "db1")
    assert len(effects(ferry, "*/plannedFailover/action")) == 2
    assert ferry.row("db1").target_vm_id.endswith("/virtualMachines/db1")


def test_each_mapping_is_asked_for_once_whatever_dies(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    begin(ferry).prepare(until="set_replication_policy")
    ferry.ask("ensure_policy", ferry.look(phase="set_replication_policy"))
    ferry.cloud.later(120)
    for turn in range(1, 5):
        look = ferry.look(phase="set_replication_policy", tag=f"ensure_mapping{turn}")
        after_many_deaths(dying, lambda same=look: patiently(ferry, "ensure_mapping", same))
        ferry.cloud.later(120)
    assert not ferry.ask("ensure_mapping", ferry.look(phase="set_replication_policy", tag="ensure_mapping5")).more
    assert [len(effects(ferry, each)) for each in MAPPED] == [2, 1, 1]
    assert [each.recovery_network_id.rpartition("/")[2] for each in vmm.list_network_mappings(VAULT)] == ["vnet-prod"]


def test_a_network_that_somebody_mapped_otherwise_is_refused_and_not_taken_for_the_plans(
    ferry: MigrationHarness,
) -> None:
    begin(ferry).prepare(until="set_replication_policy")
    assert ferry.plan
    fabric = places_of(ferry.plan)[0].fabric
    network = next(each for each in vmm.list_networks(VAULT, fabric) if each.friendly_name == "Prod")
    vmm.map_network(VAULT, fabric, network, network_id(ferry.plan, test=True), request_id("by hand"))
    ferry.ask("ensure_policy", ferry.look(phase="set_replication_policy"))
    ferry.cloud.later(120)
    for turn in (1, 2):  # the two clouds
        patiently(ferry, "ensure_mapping", ferry.look(phase="set_replication_policy", tag=f"ensure_mapping{turn}"))
        ferry.cloud.later(120)
    with pytest.raises(Refused) as refused:
        ferry.ask("ensure_mapping", ferry.look(phase="set_replication_policy", tag="ensure_mapping3"))
    assert refused.value.facts.id == "vmm-network-mapped-otherwise"
    assert "vnet-test, the plan wants vnet-prod" in refused.value.facts.detail


@pytest.mark.parametrize(
    ("change", "concern"),
    [({"clouds": ["Gold", "Bronze"]}, "cloud-missing"), ({"networks": {"Test": "vnet-test"}}, "vmm-name-unknown")],
)
def test_a_name_that_vmm_does_not_know_is_refused(
    ferry: MigrationHarness, change: dict[str, object], concern: str
) -> None:
    begin(ferry)
    assert ferry.world
    assert ferry.world.hyperv.vmm
    begun = ferry.world.hyperv.vmm
    ferry.take_in(hyperv_plan("web1", "db1", source={"vmm": SERVER | change}) | {"name": "other"})
    assert begun.clouds == ("Gold", "Silver")
    with pytest.raises(Refused) as refused:
        ferry.prepare()
    assert refused.value.facts.id == concern
