"""Machines that wait for a window, for people or for each other: their copies are looked at, and no neighbour costs them their window."""

import httpx
import pytest

from tests.e2e.field import nobody, plan, states, waits_at, wave

pytestmark = pytest.mark.timeout(600)

STRAIGHT = {"test": "skip", "cutover": "auto"}
ASKED = {"test": "skip", "cutover": "manual"}


def unprotect(field, name):
    """Remove a machine's replication as somebody does in the portal."""
    (item,) = {
        one["path"]
        for one in field.log(operation="*/replicationProtectedItems/write")
        if one["path"].lower().rpartition("/")[2].endswith(f"-{name}") and one["status"] == 202
    }
    url = f"{field.stack.places.simulator}{item}?api-version=2025-08-01"
    httpx.delete(url, headers={"Authorization": "Bearer x"}, trust_env=False).raise_for_status()


def says(words):
    """Tell whether the top of the migration says something."""
    return lambda picture: any(words in said for said in picture.migration.attention)


def test_without_a_gate_those_that_are_ready_go_in_their_window_and_the_last_in_its_own(field):
    windows = [{"start": "+PT4H", "length": "PT2H", "every": "daily"}]
    stall = field.fault("stalled-replication", match="m3", times=None)
    late = wave("one", "m1", "m2", "m3", gates=STRAIGHT, cutover={"mode": "machine", "windows": windows})
    migration = field.start(plan("alone", late))

    def held(picture):
        return {
            one.name: (one.waiting_for, one.release)
            for one in picture.machines
            if "the other machines of wave one" in one.waiting_for
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
    assert {one.serving for one in last.machines} == {"target"}
    assert min(one.downtime_seconds for one in last.machines) > 60


def test_copies_that_no_cutover_could_be_made_from_are_told_while_people_are_waited_for(field):
    migration = field.start(plan("silent", wave("one", "m4", "m5", gates=ASKED, cutover={"mode": "machine"})))
    mine = nobody("cutover")
    field.play(migration, mine, until=lambda picture: any(len(one.pending) == 2 for one in picture.gates))
    silence = field.fault("no-recovery-points", match="m4", times=None)
    unprotect(field, "m5")
    field.play(migration, mine, until=says("m5 could not be cut over now: not protected"))
    field.play(migration, mine, until=says("m4 could not be cut over now: no recovery point: none came since"))
    assert [field.what(migration, name).count("copy-unfit") for name in ("m4", "m5")] == [1, 1]

    field.mend(silence)
    field.play(migration, mine, until=lambda _: "copy-fit" in field.what(migration, "m4"))
    field.door.command(migration, "cancel", ["m5"], comment="its replication is gone")
    field.play(migration, mine, until=lambda picture: states(picture)["m5"] == "Cancelled")
    field.door.command(migration, "retry", ["m5"])
    field.play(migration, mine, until=lambda picture: any(len(one.pending) == 2 for one in picture.gates))
    done = field.play(migration)
    assert (set(states(done).values()), done.migration.attention) == ({"Finalized"}, ())


def test_a_retry_replicates_anew_where_the_replication_was_removed_before_the_cutover(field):
    migration = field.start(plan("gone", wave("one", "m6", gates=ASKED, cutover={"mode": "machine"})))
    field.play(migration, nobody("cutover"), until=waits_at("cutover"))
    unprotect(field, "m6")
    failed = field.play(migration)
    (machine,) = failed.machines
    assert (machine.state, machine.problem.id, machine.serving) == ("Failed", "not-protected", "source")
    assert machine.release == f"python -m cli retry {migration} --machine m6"
    field.door.command(migration, "retry", ["m6"])
    assert states(field.play(migration)) == {"m6": "Finalized"}
    assert "replicated-anew" in field.what(migration, "m6")
