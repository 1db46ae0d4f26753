"""What a plan wants removed behind its machines asks for its rights, and for no others."""

import pytest

from shared.azure.rights import wanted
from shared.plan.model import Plan
from shared.roads.plan_rights import features_of
from tests.activities.migration_harness import plan_of

DELETE, RUN = "Microsoft.Compute/disks/delete", "Microsoft.Compute/virtualMachines/runCommand/action"


@pytest.mark.parametrize(
    ("left_overs", "actions"),
    [
        ({}, set()),
        ({"replicaDisks": "remove"}, {DELETE}),
        ({"mobilityService": "remove"}, {RUN}),
        ({"replicaDisks": "remove", "mobilityService": "remove"}, {DELETE, RUN}),
    ],
)
def test_each_asks_for_its_own_right(left_overs: dict[str, str], actions: set[str]) -> None:
    document = plan_of("web1", finish={"leftOvers": left_overs})
    document["waves"][0]["gates"]["test"] = "skip"  # a clean-up of a test deletes disks, too
    features = features_of(Plan.model_validate(document), vault_exists=True)

    assert actions == {DELETE, RUN} & set(wanted("target", features))
    assert "Microsoft.Compute/disks/read" in wanted("target", features)
