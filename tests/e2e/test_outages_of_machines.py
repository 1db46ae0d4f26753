"""How long a machine served nowhere is counted however its outage ends: by a retry, by a way back, or in Azure."""

from datetime import datetime

import pytest

from tests.e2e.stack_harness import QUICK, UNATTENDED, plan, states, wave

pytestmark = pytest.mark.timeout(600)
SETTINGS = UNATTENDED

STRAIGHT = {"test": "skip", "cutover": "auto"}
FORTY_MINUTES = 2_400  # longer than the window


def moment(text):
    return datetime.fromisoformat(text)


def test_of_five_one_fails_twice_and_its_downtime_is_the_longest(field):
    field.fault("job-fails", scenario="UnplannedFailover", match="m3", times=2, code="28092")
    five = wave("one", *(f"m{number}" for number in range(1, 6)), gates=STRAIGHT, cutover={"mode": "recoveryPlan"})
    migration = field.start(plan("five", five))
    picture = field.play(migration)
    assert states(picture) == {f"m{number}": "Failed" if number == 3 else "Finalized" for number in range(1, 6)}
    (sentence,) = picture.migration.attention
    assert sentence.startswith("1 machine serves nowhere: m3 for ")
    down = field.door.machine(migration, "m3")
    assert (down["serving"], down["outageSeconds"]) == ("nowhere", down["downtimeSeconds"])

    field.door.command(migration, "retry", ["m3"])
    moved = field.play(migration)
    assert (set(states(moved).values()), moved.migration.attention) == ({"Finalized"}, ())
    downtimes = {each.name: each.downtime_seconds for each in moved.machines}
    assert downtimes["m3"] > max(seconds for name, seconds in downtimes.items() if name != "m3")
    after = field.door.machine(migration, "m3")
    (outage,) = after["outages"]
    assert (outage["began"], outage["servedBy"]) == (down["outages"][0]["began"], "target")


def test_a_window_that_closes_under_a_failover_takes_the_machine_back_and_both_outages_count(field):
    field.jobs_take(QUICK, **{"UnplannedFailover.FailoverTask": FORTY_MINUTES / QUICK})
    windows = [{"start": "+PT2H", "length": "PT31M", "overrun": "rollback", "every": "daily"}]
    migration = field.start(
        plan("closes", wave("one", "m6", gates=STRAIGHT, cutover={"mode": "machine", "windows": windows}))
    )
    back = field.play(migration)
    assert field.power("m6") == {"m6": "running"}
    row = field.door.machine(migration, "m6")
    (outage,) = row["outages"]
    lasted = (moment(outage["ended"]) - moment(outage["began"])).total_seconds()
    assert (row["serving"], outage["servedBy"]) == ("source", "source")
    assert row["downtimeSeconds"] == int(lasted) > FORTY_MINUTES
    assert back.migration.outcome == "RolledBack"
