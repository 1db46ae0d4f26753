"""Arming waits: one row per wait, whatever event it has by now."""

from datetime import timedelta

from activities.flow.wait_rows import arm, arm_vault, disarm, disarm_vault, gate_watch, later_than, wait_id, wake
from shared.coordination import waits
from shared.coordination.waits import WaitKind
from shared.models import Announcement
from tests.activities.migration_harness import MigrationHarness
from tests.clouds import VAULT


def test_each_look_puts_its_own_event_into_the_same_row(enlisted: MigrationHarness) -> None:
    for turn in (1, 2, 3):
        arm(enlisted.look("web1", "accept", turn), WaitKind.GATE, gate_watch(enlisted.migration))
    (row,) = waits.of_watch(gate_watch(enlisted.migration))
    assert row.event == "look:3"
    assert row.machine == "web1"


def test_a_look_that_comes_late_does_not_put_an_old_event_back(enlisted: MigrationHarness) -> None:
    old = enlisted.look("web1", "accept", 1)
    enlisted.cloud.later(60)
    arm(enlisted.look("web1", "accept", 2), WaitKind.GATE, "watch")
    arm(old, WaitKind.GATE, "watch")
    assert [row.event for row in waits.of_watch("watch")] == ["look:2"]


def test_waits_of_two_kinds_or_tags_at_one_place_are_two(enlisted: MigrationHarness) -> None:
    look = enlisted.look("web1", "accept")
    ids = {wait_id(look, WaitKind.GATE), wait_id(look, WaitKind.JOB), wait_id(look.replace(tag="two"), WaitKind.GATE)}
    assert len(ids) == 3


def test_disarmed_is_gone_and_twice_does_no_harm(enlisted: MigrationHarness) -> None:
    look = enlisted.look("web1", "accept")
    arm(look, WaitKind.GATE, "watch")
    disarm(look, WaitKind.GATE, "watch")
    disarm(look, WaitKind.GATE, "watch")
    assert waits.of_watch("watch") == ()


def test_a_wait_in_a_vault_brings_the_vault_and_its_subject(enlisted: MigrationHarness) -> None:
    look = enlisted.look("web1", "fail_over")
    arm_vault(look, WaitKind.JOB, VAULT, "job-1", urgent=True)
    (row,) = waits.of_watch(waits.watch_key(VAULT.id))
    assert (row.subject, row.urgent) == ("job-1", True)
    assert VAULT.model_validate_json(row.vault) == VAULT
    disarm_vault(look, WaitKind.JOB, VAULT)
    assert waits.of_watch(waits.watch_key(VAULT.id)) == ()


def test_waking_names_everybody_and_leaves_their_rows(enlisted: MigrationHarness) -> None:
    for machine in ("web1", "db1"):
        arm(enlisted.look(machine, "await_window"), WaitKind.WAVE, "watch")
    announced = {(each.instance, each.event) for each in wake("watch")}
    assert announced == {(row.instance, "look:1") for row in waits.of_watch("watch")}
    assert len(announced) == 2
    assert wake("nobody") == ()
    assert all(isinstance(each, Announcement) for each in wake("watch"))


def test_later_than_is_never_less_than_a_second(enlisted: MigrationHarness) -> None:
    now = enlisted.cloud.now()
    assert later_than(now - timedelta(hours=1), now) == 1
    assert later_than(now + timedelta(seconds=90), now) == 91
