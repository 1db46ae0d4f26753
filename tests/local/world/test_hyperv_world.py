"""A world of Hyper-V hosts: derived from a plan, told to the simulator, registered as a person would."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from local.simulator.options import Options
from local.simulator.server import running
from local.world.build import Places, build, world_for
from local.world.derive import derive
from local.world.hyperv import register_hosts
from shared.plan.reader import read_plan

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
VAULT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/rsv"


def plan(**source: Any) -> dict[str, Any]:
    machines = [{"name": "web1", "source": {"name": "WEB1"}}, {"name": "db1", "source": {"name": "DB1"}}]
    return {
        "scenario": "hyperv-to-azure",
        "source": {"hyperv": source},
        "target": {
            "subscriptionId": SUBSCRIPTION,
            "region": "westeurope",
            "resourceGroup": "rg",
            "network": {"vnet": "vnet"},
            "cacheStorageAccount": "cache",
            "vault": {"name": "rsv"},
        },
        "waves": [{"name": "one", "machines": machines}],
    }


@pytest.fixture
def simulator() -> Any:
    with running(Options("skipping")) as served, httpx.Client(base_url=served.url) as control:
        yield control


def test_a_derived_world_has_the_machines_of_the_plan_on_its_hosts(simulator: httpx.Client) -> None:
    world = derive(plan(site="hq", hosts=["hv1", "hv2"]))
    assert build(world, Places("", "", str(simulator.base_url))) == {}
    rows = simulator.get("/control/machines").json()["machines"]
    assert sorted((row["name"], row["hyperv"]) for row in rows) == [("DB1", "hv2"), ("WEB1", "hv1")]


def test_hosts_cannot_register_before_their_site_is_made(simulator: httpx.Client) -> None:
    world = derive(plan(site="hq"))
    build(world, Places("", "", str(simulator.base_url)))
    with pytest.raises(httpx.HTTPStatusError):
        register_hosts(str(simulator.base_url), world.hyperv, VAULT)


def test_a_vmm_server_brings_its_clouds_and_networks() -> None:
    vmm = {"server": "vmm1", "clouds": ["Gold", "Silver"], "networks": {"Prod": "vnet"}, "storage": {"Fast": "id"}}
    side = derive(plan(vmm=vmm)).hyperv
    assert side.vmm
    assert (side.vmm.name, [each.name for each in side.vmm.networks]) == ("vmm1", ["Prod"])
    assert [each.cloud for each in side.machines] == ["Gold", "Silver"]


@pytest.mark.parametrize("name", ["hyperv-to-azure", "hyperv-to-azure.vmm"])
def test_each_machine_of_an_example_is_in_its_world(name: str) -> None:
    path = Path(__file__).parents[3] / "examples" / f"{name}.yaml"
    plan = read_plan(path.read_bytes(), "application/yaml")
    side = world_for(path, yaml.safe_load(path.read_text())).hyperv
    assert {machine.source.name for _, machine in plan.entries()} == {each.name for each in side.machines}
    assert plan.source.hyperv
    assert plan.source.hyperv.server == (side.vmm.name if side.vmm else side.site)
    assert not {each.cloud for each in side.machines} - {"", *plan.source.hyperv.clouds}
