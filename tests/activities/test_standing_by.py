"""Standing by: the copy of a machine that waits is looked at, and what is wrong with it is told at once."""

from typing import Any

import pytest

from activities.standing_by import stand_by, stand_by_again, stop_standing_by
from shared import overview, waits
from shared.ledger import events
from shared.pacing import STANDBY
from shared.requests import Look, at
from shared.states import MachineState
from shared.waits import WaitKind
from tests.activities.ferry import Ferry
from tests.activities.watcher import KEY, tick
from tests.clouds import VAULT

ITEMS = "*replicationProtectedItems/read"
HOUR = 3_600


@pytest.fixture
def waiting(prepared: Ferry) -> Ferry:
    """Two machines that are in step and wait for their cutover; nobody else waits for anything in the vault."""
    prepared.walk("web1", "db1", until="test_failover")
    for name in ("web1", "db1"):
        prepared.stands(name, state=MachineState.READY_FOR_CUTOVER)
    tick(prepared)
    prepared.cloud.ask("DELETE", "log")
    return prepared


def said(ferry: Ferry, what: str) -> list[str]:
    return [one.text for one in events.page(ferry.migration, size=500)[0] if one.what == what]


def standing(ferry: Ferry) -> list[str]:
    return sorted(row.machine for row in waits.of_watch(KEY) if row.kind == WaitKind.STANDBY)


def test_lag_health_and_the_last_recovery_point_are_live_while_a_machine_waits(waiting: Ferry) -> None:
    before = waiting.row("web1").recovery_point_at
    waiting.cloud.later(HOUR)
    ticked = tick(waiting)
    row = waiting.row("web1")
    assert before
    assert row.recovery_point_at
    assert row.recovery_point_at > before
    assert (row.health, row.unfit, row.lag_seconds is not None) == ("Normal", "", True)
    assert ticked.announcements == (), "nobody is woken by it"


def test_one_listing_in_a_quarter_of_an_hour_serves_all_who_wait(waiting: Ferry) -> None:
    ticked = tick(waiting)
    for _ in range(6):
        waiting.cloud.later(STANDBY / 3)
        ticked = tick(waiting, ticked)
    assert len(waiting.cloud.log(ITEMS)) == 1 + 2


def test_a_copy_that_gets_no_recovery_points_is_an_event_long_before_the_window_and_stands_at_the_top(
    waiting: Ferry,
) -> None:
    waiting.cloud.fault("no-recovery-points", match="*web1*", times=None)
    ticked = tick(waiting)
    for _ in range(8):
        waiting.cloud.later(HOUR)
        ticked = tick(waiting, ticked)
    (event,) = said(waiting, "copy-unfit")
    assert event.startswith("web1 could not be cut over now: ")
    assert waiting.row("db1").unfit == ""
    (top,) = overview.migration(waiting.migration, waiting.cloud.now()).attention
    assert top.startswith("web1 could not be cut over now: ")


def test_a_copy_that_is_well_again_is_told_once(waiting: Ferry) -> None:
    waiting.cloud.fault("no-recovery-points", match="*web1*", times=None)
    ticked = tick(waiting)
    for _ in range(6):
        waiting.cloud.later(HOUR)
        ticked = tick(waiting, ticked)
    waiting.cloud.ask("DELETE", "faults")
    for _ in range(6):
        waiting.cloud.later(HOUR)
        ticked = tick(waiting, ticked)
    assert said(waiting, "copy-fit") == ["the copy of web1 is fit for a cutover again"]
    assert overview.migration(waiting.migration, waiting.cloud.now()).attention == ()


def test_a_replication_that_somebody_removed_is_told_with_the_way_out(waiting: Ferry) -> None:
    waiting.unprotect("web1")
    waiting.cloud.later(HOUR)
    tick(waiting)
    (event,) = said(waiting, "copy-unfit")
    assert f"python -m cli cancel {waiting.migration} --machine web1, then retry it" in event


def test_what_the_watcher_writes_never_makes_a_flow_that_is_a_moment_older_deaf(waiting: Ferry) -> None:
    asked: Look = waiting.look("web1", "quiesce", owner="walk")
    waiting.cloud.later(HOUR)
    tick(waiting)
    assert waiting.ask("enter", asked).settled
    assert waiting.row("web1").state == MachineState.CUTTING_OVER


def test_nobody_looks_at_the_copy_of_a_machine_that_cuts_over_and_again_when_it_was_stopped(waiting: Ferry) -> None:
    look: Any = waiting.look("web1", "quiesce", owner="walk")
    assert standing(waiting) == ["db1", "web1"]
    waiting.ask("enter", look)
    assert standing(waiting) == ["db1"]
    waiting.stands("web1", failed_in="quiesce", state=MachineState.FAILED, owner="")
    stand_by_again(waiting.place("web1", "quiesce"))
    assert standing(waiting) == ["db1", "web1"]
    waiting.stands("web1", marks={"failoverAsked": waiting.cloud.now()})
    stop_standing_by(waiting.place("web1"), VAULT)
    stand_by_again(at(look, Look, now=waiting.cloud.now()))
    assert standing(waiting) == ["db1"]


def test_standing_by_twice_is_standing_by_once(waiting: Ferry) -> None:
    for _ in range(2):
        stand_by(waiting.place("web1"), VAULT, waiting.row("web1").item_id)
    assert standing(waiting) == ["db1", "web1"]
