"""Every road of the table has its object, and no road is walked that stands in none."""

import pytest

from shared.plan.model import Plan
from shared.plan.replication import Replication
from shared.problems import Refused
from shared.roads.registry import ROADS, road_of
from shared.roads.table import ROADS as TABLE
from shared.roads.table import RoadRow

TARGET = {"subscriptionId": "00000000-0000-0000-0000-000000000001", "region": "westeurope", "resourceGroup": "rg"}
WAVES = [{"name": "one", "machines": [{"name": "web1", "source": {"name": "web1"}}]}]


def plan(scenario: str, mode: str) -> Plan:
    made = Plan.model_validate({"name": "p", "scenario": scenario, "target": TARGET | NETWORK, "waves": WAVES})
    return made.model_copy(update={"replication": Replication.model_validate({"mode": mode})})


NETWORK = {"network": {"vnet": "v", "testVnet": "t"}, "cacheStorageAccount": "stcache", "vault": {"name": "rsv-ferry"}}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.scenario}-{row.mode}")
def test_a_row_of_the_table_has_an_object_with_its_provider_and_its_source(row: RoadRow) -> None:
    road = road_of(plan(row.scenario, row.mode))

    assert road.provider.name == row.provider
    assert type(road.source).__module__.split(".")[2] == row.source


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.scenario}-{row.mode}")
def test_a_road_registers_a_server_exactly_where_its_phases_say_so(row: RoadRow) -> None:
    road = road_of(plan(row.scenario, row.mode))

    assert (road.server is not None) == ("register_appliance" in row.phases)
    assert road.source.sees_network == ("open_security_groups" in row.phases)
    assert road.brings_mobility_service == ("install_agent" in row.phases)


def test_there_is_no_object_without_a_row() -> None:
    assert set(ROADS) == {(row.scenario, row.mode) for row in TABLE}


def test_a_road_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused, match="azure-to-azure in mode agentless cannot be walked"):
        road_of(plan("azure-to-azure", "agentless"))
