"""The whole road from EC2 to Azure, through the product's own doors."""

from collections import Counter

import pytest

from tests.e2e.field import plan, states, wave

pytestmark = pytest.mark.timeout(300)

FINALIZED = "Finalized"


def test_a_fleet_arrives_in_azure_and_every_machine_moved_once(field):
    migration = field.start(plan("fleet", wave("first", "m1", "m2"), wave("second", "m3", dependsOn=["first"])))
    picture = field.play(migration)
    assert states(picture) == {"m1": FINALIZED, "m2": FINALIZED, "m3": FINALIZED}
    assert picture.migration.outcome == "Succeeded"
    assert all(one.downtime_seconds for one in picture.machines)
    assert set(field.power("m1", "m2", "m3").values()) == {"stopped"}
    removals = [one for one in field.log(operation="*/replicationProtectedItems/remove/action") if one["status"] == 202]
    assert Counter(one["path"].rpartition("/")[0].lower() for one in removals).most_common(1)[0][1] == 1
    assert len(removals) == 3
