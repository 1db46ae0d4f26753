"""Standing by: the copy of a machine that waits is looked at, and what is wrong with it is told at once."""

from typing import Any

import pytest

from activities.flow.waiting_copies import stand_by, stand_by_again, stop_standing_by
from shared.contracts.requests import Poll, where
from shared.coordination import waits
from shared.coordination.waits import WaitKind
from shared.ledger import events
from shared.ledger.machine_row import Mark
from shared.reporting import ledger_views
from shared.settings import settings
from shared.states import MachineState
from tests.activities.migration_harness import MigrationHarness
from tests.activities.watcher import KEY, tick
from tests.clouds import VAULT

ITEMS = "*replicationProtectedItems/read"
HOUR = 3_600


@pytest.fixture
def waiting(prepared: MigrationHarness) -> MigrationHarness:
    """Two machines that are in step and wait for their cutover; nobody else waits for anything in the vault."""
    prepared.walk("web1", "db1", until="start_test_failover")
    for name in ("web1", "db1"):
        prepared.stands(name, state=MachineState.READY_FOR_CUTOVER)
    tick(prepared)
    prepared.cloud.ask("DELETE", "log")
    return prepared


def texts_of(ferry: MigrationHarness, what: str) -> list[str]:
    return [each.text for each in events.page(ferry.migration, size=500)[0] if each.what == what]


def standing(ferry: MigrationHarness) -> list[str]:
    return sorted(row.machine for row in waits.of_watch(KEY) if row.kind == WaitKind.STANDBY)


def test_lag_health_and_the_last_recovery_point_are_live_while_a_machine_waits(waiting: MigrationHarness) -> None:
    before = waiting.row("web1").recovery_point_at
    waiting.cloud.later(HOUR)
    ticked = tick(waiting)
    row = waiting.row("web1")
    assert before
    assert row.recovery_point_at
    assert row.recovery_point_at > before
    assert (row.health, row.unfit_text, row.lag_seconds is not None) == ("Normal", "", True)
    assert ticked.announcements == (), "nobody is woken by it"


def test_one_listing_in_a_quarter_of_an_hour_serves_all_who_wait(waiting: MigrationHarness) -> None:
    ticked = tick(waiting)
    for _ in range(6):
        waiting.cloud.later(settings().copies_every / 3)
        ticked = tick(waiting, ticked)
    assert len(waiting.cloud.log(ITEMS)) == 1 + 2


def test_a_copy_that_gets_no_recovery_points_is_an_event_long_before_the_window_and_stands_at_the_top(
    waiting: MigrationHarness,
) -> None:
    waiting.cloud.fault("no-recovery-points", match="*web1*", times=None)
    ticked = tick(waiting)
    for _ in range(8):
        waiting.cloud.later(HOUR)
        ticked = tick(waiting, ticked)
    (event,) = texts_of(waiting, "copy-unfit")
    assert event.startswith("web1 could not be cut over now: ")
    assert waiting.row("db1").unfit is None
    (top,) = ledger_views.migration(waiting.migration, waiting.cloud.now()).attention
    assert top.startswith("web1 could not be cut over now: ")


def test_a_copy_that_is_well_again_is_told_once(waiting: MigrationHarness) -> None:
    waiting.cloud.fault("no-recovery-points", match="*web1*", times=None)
    ticked = tick(waiting)
    for _ in range(6):
        waiting.cloud.later(HOUR)
        ticked = tick(waiting, ticked)
    waiting.cloud.ask("DELETE", "faults")
    for _ in range(6):
        waiting.cloud.later(HOUR)
        ticked = tick(waiting, ticked)
    assert texts_of(waiting, "copy-fit") == ["the copy of web1 is fit for a cutover again"]
    assert ledger_views.migration(waiting.migration, waiting.cloud.now()).attention == ()


def test_a_replication_that_somebody_removed_is_told_with_the_way_out(waiting: MigrationHarness) -> None:
    waiting.unprotect("web1")
    waiting.cloud.later(HOUR)
    tick(waiting)
    (event,) = texts_of(waiting, "copy-unfit")
    assert f"azferry cancel {waiting.migration} --machine web1, then retry it" in event


def test_what_the_watcher_writes_never_makes_a_flow_that_is_a_moment_older_deaf(waiting: MigrationHarness) -> None:
    poll: Poll = waiting.look("web1", "quiesce", owner="walk")
    waiting.cloud.later(HOUR)
    tick(waiting)
    assert waiting.ask("enter", poll).settled
    assert waiting.row("web1").state == MachineState.CUTTING_OVER


def test_nobody_looks_at_the_copy_of_a_machine_that_cuts_over_and_again_when_it_was_stopped(
    waiting: MigrationHarness,
) -> None:
    look: Any = waiting.look("web1", "quiesce", owner="walk")
    assert standing(waiting) == ["db1", "web1"]
    waiting.ask("enter", look)
    assert standing(waiting) == ["db1"]
    waiting.stands("web1", failed_in="quiesce", state=MachineState.FAILED, owner="")
    stand_by_again(waiting.place("web1", "quiesce"))
    assert standing(waiting) == ["db1", "web1"]
    waiting.stands("web1", marks={Mark.FAILOVER_ASKED: waiting.cloud.now()})
    stop_standing_by(waiting.place("web1"), VAULT)
    stand_by_again(Poll(**where(look.replace(now=waiting.cloud.now()))))
    assert standing(waiting) == ["db1"]


def test_standing_by_twice_is_standing_by_once(waiting: MigrationHarness) -> None:
    for _ in range(2):
        stand_by(waiting.place("web1"), VAULT, waiting.row("web1").item_id)
    assert standing(waiting) == ["db1", "web1"]
