"""Waits: armed once, found by watch and by migration, settled only if nobody armed them again."""

from collections.abc import Callable
from datetime import datetime

import pytest

from shared.coordination import waits
from shared.coordination.waits import Wait, WaitKind
from shared.models import Announcement

pytestmark = pytest.mark.usefixtures("store")

At = Callable[[int], datetime]


def wait(name: str, watch: str = "vault.1", **more: object) -> Wait:
    return Wait.model_validate(
        {"watch": watch, "id": name, "instance": "i", "event": "e1", "migration": "m.1", "kind": WaitKind.JOB, **more}
    )


def test_a_vault_has_one_watch_however_its_id_is_spelt() -> None:
    assert waits.watch_key("/subscriptions/A/vaults/V") == waits.watch_key("/Subscriptions/a/vaults/v")
    assert waits.watch_key("/subscriptions/A/vaults/V") != waits.watch_key("/subscriptions/A/vaults/W")


def test_an_armed_wait_is_found_by_its_watch_and_by_its_migration() -> None:
    first, second = wait("a"), wait("b", "gate.m.1", kind=WaitKind.GATE)
    other = wait("c", migration="m.2")
    for each in (first, second, other):
        waits.arm(each)

    assert waits.of_watch("vault.1") == (first, other)
    assert waits.of_migration("m.1") == (second, first)
    assert waits.of_migration("m.9") == ()
    assert first.announcement == Announcement(instance="i", event="e1")


def test_those_for_whom_nobody_waits_are_left_out_where_they_are_not_wanted() -> None:
    awaited, kept = wait("a"), wait("b", kind=WaitKind.STANDBY)
    for each in (awaited, kept):
        waits.arm(each)

    assert waits.of_watch("vault.1", standing_by=False) == (awaited,)
    assert waits.of_watch("vault.1") == (awaited, kept)


def test_arming_again_replaces_the_event() -> None:
    waits.arm(wait("a"))
    waits.arm(wait("a", event="e2"))

    assert [each.event for each in waits.of_watch("vault.1")] == ["e2"]


def test_a_late_twin_does_not_bring_back_an_old_event(at: At) -> None:
    waits.arm(wait("a", event="e2", stamp=at(2)))
    waits.arm(wait("a", event="e1", stamp=at(1)))

    assert [each.event for each in waits.of_watch("vault.1")] == ["e2"]


def test_a_wait_is_taken_back_once_or_twice() -> None:
    waits.arm(wait("a"))
    waits.disarm("vault.1", "a")
    waits.disarm("vault.1", "a")

    assert waits.of_watch("vault.1") == ()


def test_settled_waits_are_gone_and_others_stay() -> None:
    for name in "abc":
        waits.arm(wait(name))
    settled = [each for each in waits.of_watch("vault.1") if each.id != "b"]

    waits.settle("vault.1", settled)
    waits.settle("vault.1", settled)

    assert [each.id for each in waits.of_watch("vault.1")] == ["b"]


def test_what_a_machine_waited_for_is_forgotten_and_the_others_wait_on() -> None:
    for name, migration in (("a", "m.1"), ("b", "m.1"), ("c", "m.2")):
        waits.arm(wait(name, machine=name, migration=migration))
    waits.arm(wait("whole", machine=""))

    waits.forget("vault.1", "m.1", "a")
    assert [each.id for each in waits.of_watch("vault.1")] == ["b", "c", "whole"]
    waits.forget("vault.1", "m.1")
    assert [each.id for each in waits.of_watch("vault.1")] == ["c"]


def test_a_wait_that_was_armed_again_meanwhile_stays() -> None:
    waits.arm(wait("a"))
    settled = waits.of_watch("vault.1")
    waits.arm(wait("a", event="e2"))

    waits.settle("vault.1", settled)

    assert [each.event for each in waits.of_watch("vault.1")] == ["e2"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2])
def test_who_died_while_arming_is_repaired_by_running_again(dying: Callable, write: int, after: bool) -> None:
    with dying(write, after=after) as died:
        waits.arm(wait("a"))
    assert died == [True]

    waits.arm(wait("a"))

    assert waits.of_migration("m.1") == waits.of_watch("vault.1") == (wait("a"),)


def test_who_died_while_settling_many_is_repaired_by_running_again(dying: Callable) -> None:
    for number in range(130):
        waits.arm(wait(f"w{number:03}"))
    settled = waits.of_watch("vault.1")
    with dying(2, after=False) as died:
        waits.settle("vault.1", settled)
    assert died == [True]
    assert len(waits.of_watch("vault.1")) == 30

    waits.settle("vault.1", settled)

    assert waits.of_watch("vault.1") == ()


def test_many_arm_while_others_settle_and_none_is_lost(together: Callable) -> None:
    for number in range(8):
        waits.arm(wait(f"w{number}"))
    settled = waits.of_watch("vault.1")

    def act(number: int) -> None:
        if number % 2:
            waits.settle("vault.1", settled)
        else:
            waits.arm(wait(f"w{number // 2}", event="e2"))

    assert together(act, list(range(16))) == [None] * 16

    assert {each.id: each.event for each in waits.of_watch("vault.1")} == {f"w{number}": "e2" for number in range(8)}
