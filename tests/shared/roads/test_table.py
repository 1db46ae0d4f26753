"""The table of roads names phases of the itinerary, in their order."""

import pytest

from shared.itinerary import STEPS
from shared.roads.table import ROADS, RoadRow, road_name, row_of


@pytest.mark.parametrize("row", ROADS, ids=lambda row: f"{row.scenario}-{row.mode}")
def test_a_road_walks_the_itinerary_in_order(row: RoadRow) -> None:
    assert list(row.phases) == [phase for phase in STEPS if phase in row.phases]
    assert row_of(row.scenario, row.mode) is row


def test_there_is_no_road_for_a_mode_that_a_scenario_does_not_know() -> None:
    assert row_of("azure-to-azure", "agentless") is None


def test_a_road_is_named_with_its_mode_where_there_are_several() -> None:
    assert road_name("vmware-to-azure", "agentless") == "vmware-to-azure (agentless)"
    assert road_name("azure-to-azure", "appliance") == "azure-to-azure"
