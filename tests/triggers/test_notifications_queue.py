"""Wake-ups on a real queue: they lead to the outbox, come again when more is due, and are worth no poison queue."""

from datetime import UTC, datetime, timedelta

import azure.functions as func
import pytest
from azure.storage.queue import QueueClient

from shared.notifications import wake_ups
from shared.notifications.delivery import Delivered
from tests.triggers.conftest import with_settings
from triggers import notifications_queue

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Message(func.QueueMessage):
    def __init__(self, body, tried=1):
        super().__init__(id="m-1", body=body)
        self._tried = tried

    @property
    def dequeue_count(self):
        return self._tried


@pytest.fixture
def storage(azurite):
    return azurite.connection_string


@pytest.fixture
def queue(local, storage, unique):
    """The queue of wake-ups, which nobody made yet."""
    with_settings(local, AZFERRY_NOTIFICATIONS_QUEUE=f"n-{unique}", AZFERRY_CHANNELS="ops:webhook")
    local.setattr(wake_ups, "_sent", {})
    with QueueClient.from_connection_string(storage, f"n-{unique}") as client:
        yield client


def delivers(local, outcome):
    """Let a delivery come to this, and note for whom one was asked."""
    deliveries = []

    def deliver(migration, now):
        deliveries.append((migration, now))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    local.setattr(notifications_queue, "deliver", deliver)
    local.setattr(notifications_queue.clock, "now", lambda: AT)
    return deliveries


def test_a_wake_up_comes_through_a_queue_that_is_made_at_need_and_one_is_enough_for_a_while(queue):
    wake_ups.send("finance.1", timedelta())
    wake_ups.soon("finance.1")
    wake_ups.soon("finance.1")

    assert [each.content for each in queue.receive_messages()] == ["finance.1"]
    assert queue.get_queue_properties().approximate_message_count == 2


def test_on_the_local_stack_whose_clock_stands_until_it_comes_a_wake_up_is_hidden_for_a_moment_only(queue, local):
    hidden = []
    local.setattr(wake_ups, "_send", lambda _queue, _migration, seconds: hidden.append(seconds))
    wake_ups.soon("finance.1")
    with_settings(local, AZFERRY_CLOCK_URL="http://127.0.0.1:1/control/clock")
    wake_ups.soon("finance.2")

    assert hidden == [20, 2]


def test_it_leads_to_the_outbox_and_comes_again_when_more_is_due(queue, local):
    deliveries = delivers(local, Delivered(again=AT + timedelta(days=30)))

    notifications_queue.tell_people(Message(b"finance.1"))

    assert deliveries == [("finance.1", AT)]
    assert queue.get_queue_properties().approximate_message_count == 1
    assert list(queue.receive_messages()) == []


@pytest.mark.parametrize("body", [b"", b"../../etc", b"\xff\xfe", b'{"a": 1}', b"x" * 500])
def test_what_is_no_migration_is_passed_over(queue, local, body):
    deliveries = delivers(local, Delivered())

    notifications_queue.tell_people(Message(body))

    assert deliveries == []


def test_what_fails_is_tried_again_and_left_to_the_timer_in_the_end(queue, local, caplog):
    delivers(local, RuntimeError("storage is away"))

    with pytest.raises(RuntimeError):
        notifications_queue.tell_people(Message(b"finance.1", tried=4))
    notifications_queue.tell_people(Message(b"finance.1", tried=5))

    assert "the outbox of finance.1 could not be looked after; the timer will" in caplog.text


def test_storage_that_is_away_stops_nobody_who_tells(queue, local, caplog):
    local.setenv(
        "AZFERRY_STORAGE",
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:9/a",
    )
    with_settings(local)

    wake_ups.send("finance.1", timedelta())

    assert "no wake-up for the outbox of finance.1" in caplog.text
