"""The timer tells of outages that last too long, and wakes what waits; where nobody is told it asks nothing."""

from datetime import timedelta

from shared.ledger.machine_row import MachineRow
from shared.ledger.serving import Service, down
from shared.notifications.delivery import deliver
from shared.notifications.looking_after import look_after
from shared.notifications.outbox_row import TABLE
from tests.shared.notifications.conftest import AT, started

DOWN = MachineRow(
    migration="finance.1", name="shop-web1", wave="shop", service=down(AT)(Service()), waiting_for="the source to stop"
)


def outages() -> list[tuple[str, str]]:
    return [(row.notice.topic, row.notice.text) for row in TABLE.of("finance.1") if row.notice]


def test_an_outage_of_a_usual_cutover_is_not_told(ops, wake_ups_sent):
    started()

    assert look_after([DOWN], AT + timedelta(minutes=59)) == 0
    assert (outages(), wake_ups_sent) == ([], [])


def test_one_that_lasts_twice_as_long_as_expected_is_told_once(ops):
    started()
    for minutes in (61, 66, 71):
        look_after([DOWN], AT + timedelta(minutes=minutes))

    assert outages() == [("serves-nowhere", "neither on its source nor in Azure for 1 h 1 min: the source to stop")]


def test_what_waits_is_woken_even_if_its_wake_up_was_lost(ops, wake_ups_sent):
    started()
    look_after([DOWN], AT + timedelta(hours=2))
    wake_ups_sent.clear()

    assert look_after([], AT + timedelta(hours=2)) == 1
    assert wake_ups_sent == [("finance.1", 0.0)]


def test_what_is_due_later_is_left_alone_until_then(ops, wake_ups_sent):
    started()
    look_after([DOWN], AT + timedelta(hours=2))
    ops.answers.append((429, {"retry-after": "7200"}))
    deliver("finance.1", AT + timedelta(hours=2))
    wake_ups_sent.clear()

    assert look_after([], AT + timedelta(hours=3)) == 0
    assert look_after([], AT + timedelta(hours=4)) == 1
    assert wake_ups_sent == [("finance.1", 0.0)]


def test_where_nobody_is_told_the_timer_asks_nothing(configure, storage):
    configure()
    started()

    assert look_after([DOWN], AT + timedelta(hours=9)) == 0
    assert "outbox" not in storage.rows
