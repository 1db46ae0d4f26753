"""Machines that wait for each other: no neighbour costs them their window."""

import pytest

from tests.e2e.stack_harness import plan, states, wave

pytestmark = pytest.mark.timeout(600)

STRAIGHT = {"test": "skip", "cutover": "auto"}


def test_without_a_gate_those_that_are_ready_go_in_their_window_and_the_last_in_its_own(field):
    windows = [{"start": "+PT4H", "length": "PT2H", "every": "daily"}]
    stall = field.fault("stalled-replication", match="m3", times=None)
    late = wave("one", "m1", "m2", "m3", gates=STRAIGHT, cutover={"mode": "machine", "windows": windows})
    migration = field.start(plan("alone", late))

    def held(picture):
        return {
            each.name: (each.waiting_for, each.release)
            for each in picture.machines
            if "the other machines of wave one" in each.waiting_for
        }

    waiting = held(field.play(migration, until=lambda picture: len(held(picture)) == 2))
    assert sorted(waiting) == ["m1", "m2"]
    for said, release in waiting.values():
        assert ", at most until the window opens at" in said
        assert release == f"python -m cli cutover {migration} --wave one"

    first = field.play(migration, until=lambda picture: states(picture)["m1"] == states(picture)["m2"] == "Finalized")
    assert states(first)["m3"] == "InitialSync"
    assert "replication-stalled" in field.what(migration, "m3")
    field.mend(stall)
    last = field.play(migration)
    assert (set(states(last).values()), last.migration.outcome) == ({"Finalized"}, "Succeeded")
    assert "replication-goes-on" in field.what(migration, "m3")
    assert {each.serving for each in last.machines} == {"target"}
    assert min(each.downtime_seconds for each in last.machines) > 60
