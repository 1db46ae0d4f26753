"""Machines that wait for a window, for people or for each other: their copies are looked at, and no neighbour costs them their window."""

from datetime import datetime, timedelta

import httpx
import pytest

from tests.e2e.stack_harness import UNATTENDED, nobody, plan, states, waits_at, wave

pytestmark = pytest.mark.timeout(600)
SETTINGS = UNATTENDED

STRAIGHT = {"test": "skip", "cutover": "auto"}
ASKED = {"test": "skip", "cutover": "manual"}
FINALIZED = "Finalized"
OPENS = 30  # hours: more than a day from when the silence is told


def unprotect(field, name):
    """Remove a machine's replication as somebody does in the portal."""
    (item,) = {
        each["path"]
        for each in field.log(operation="*/replicationProtectedItems/write")
        if each["path"].lower().rpartition("/")[2].endswith(f"-{name}") and each["status"] == 202
    }
    url = f"{field.stack.places.simulator}{item}?api-version=2025-08-01"
    httpx.delete(url, headers={"Authorization": "Bearer x"}, trust_env=False).raise_for_status()


def says(words):
    """Tell whether the top of the migration says something."""
    return lambda picture: any(words in each for each in picture.migration.attention)


def all_wait(many):
    """Tell whether so many machines wait at a gate."""
    return lambda picture: any(len(each.pending) == many for each in picture.gates)


def test_without_a_gate_those_that_are_ready_go_in_their_window_and_the_last_in_its_own(field):
    windows = [{"start": start, "length": "PT2H"} for start in ("+PT4H", "+PT7H")]
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
    for text, release in waiting.values():
        assert ", at most until the window opens at" in text
        assert release == f"azferry cutover {migration} --wave one"

    first = field.play(migration, until=lambda picture: states(picture)["m1"] == states(picture)["m2"] == "Finalized")
    assert states(first)["m3"] == "InitialSync"
    assert "replication-stalled" in field.what(migration, "m3")
    field.mend(stall)
    last = field.play(migration)
    assert (set(states(last).values()), last.migration.outcome) == ({"Finalized"}, "Succeeded")
    assert "replication-goes-on" in field.what(migration, "m3")
    assert {each.serving for each in last.machines} == {"target"}
    assert min(each.downtime_seconds for each in last.machines) > 60


def test_an_appliance_that_falls_silent_is_told_a_day_before_the_window_and_costs_nobody_the_window(field):
    windows = [{"start": f"+PT{OPENS}H", "length": "PT4H"}]
    waiting = wave("one", "m4", "m5", gates=STRAIGHT, cutover={"mode": "machine", "windows": windows})
    migration = field.start(plan("silent", waiting))
    field.play(migration, until=lambda picture: set(states(picture).values()) == {"ReadyForCutover"})
    silence = [
        field.fault(kind, match=name, times=None)
        for kind in ("no-recovery-points", "stalled-replication")
        for name in ("m4", "m5")
    ]
    seen = field.play(migration, until=says("m4, m5 could not be cut over now: critical health: 325091: No crash"))
    assert {each.serving for each in seen.machines} == {"source"}
    for name in ("m4", "m5"):
        (late, silent) = [
            each for each in field.door.events(migration) if (each.get("machine"), each["what"]) == (name, "copy-unfit")
        ]
        assert f"{name} could not be cut over now: too far behind: its copy lags" in late["text"]
        assert f"{name} could not be cut over now: critical health" in silent["text"]
        assert datetime.fromisoformat(silent["at"]) <= seen.migration.started_at + timedelta(hours=OPENS - 24)

    for each in silence:
        field.mend(each)
    field.play(migration, until=lambda _: all("copy-fit" in field.what(migration, name) for name in ("m4", "m5")))
    done = field.play(migration)
    assert (set(states(done).values()), done.migration.outcome, done.migration.attention) == (
        {FINALIZED},
        "Succeeded",
        (),
    )


def test_a_replication_that_was_removed_is_told_while_people_are_waited_for_with_the_commands_that_bring_it_back(field):
    migration = field.start(plan("removed", wave("one", "m6", "m7", gates=ASKED, cutover={"mode": "machine"})))
    operators = nobody("cutover")
    field.play(migration, operators, until=all_wait(2))
    unprotect(field, "m7")
    picture = field.play(migration, operators, until=says("m7 could not be cut over now: not protected"))
    assert f"azferry cancel {migration} --machine m7, then retry it" in " ".join(picture.migration.attention)
    assert field.what(migration, "m7").count("copy-unfit") == 1
    assert "copy-unfit" not in field.what(migration, "m6")

    field.door.command(migration, "cancel", ["m7"], comment="its replication is gone")
    field.play(migration, operators, until=lambda picture: states(picture)["m7"] == "Cancelled")
    field.door.command(migration, "retry", ["m7"])
    field.play(migration, operators, until=all_wait(2))
    done = field.play(migration)
    assert (set(states(done).values()), done.migration.attention) == ({FINALIZED}, ())


def test_a_retry_replicates_anew_where_the_replication_was_removed_before_the_cutover(field):
    migration = field.start(plan("gone", wave("one", "m8", gates=ASKED, cutover={"mode": "machine"})))
    field.play(migration, nobody("cutover"), until=waits_at("cutover"))
    unprotect(field, "m8")
    failed = field.play(migration)
    (machine,) = failed.machines
    assert (machine.state, machine.problem.id, machine.serving) == ("Failed", "not-protected", "source")
    assert machine.release == f"azferry retry {migration} --machine m8"
    field.door.command(migration, "retry", ["m8"])
    assert states(field.play(migration)) == {"m8": FINALIZED}
    assert "replicated-anew" in field.what(migration, "m8")
