"""Delivery to a real receiver on loopback: at least once, in order, with pauses that grow; whoever is down delays nobody else."""

from datetime import timedelta

import pytest

from shared.notifications import delivery
from shared.notifications.composing import compose
from shared.notifications.delivery import deliver
from shared.notifications.judgement import PAUSES
from shared.notifications.outbox import tell
from shared.notifications.outbox_row import DEAD, TABLE, WAITS, Dispatch
from shared.notifications.topics import Topic
from tests.shared.notifications.conftest import AT, KEY, SHOP, started
from tests.storage_in_memory import Died

LATER = AT + timedelta(minutes=5)


def dispatches(where: str = "") -> list[Dispatch]:
    return [row.dispatch for row in TABLE.of(SHOP.migration, where) if row.dispatch is not None]


def machines(listener) -> list[list[str]]:
    return [each.json["data"]["machines"] for each in listener.heard]


def fail(name: str, minutes: int = 0, cause: str = "") -> None:
    scope = SHOP.replace(machine=name, now=AT + timedelta(minutes=minutes))
    tell(
        scope,
        Topic.FAILED,
        "round 1",
        cause=cause,
        text=f"{name} failed",
        command=f"azferry retry finance.1 --machine {name}",
    )


@pytest.fixture
def two(configure, ops):
    """A second channel beside ops, whose receiver nobody reaches."""
    configure(
        channels="ops:webhook,down:webhook",
        tell="down,ops",
        channel_down_url="http://127.0.0.1:9/",
        channel_down_key=KEY,
    )
    return ops


def test_a_message_is_delivered_once_and_then_waits_no_more(ops):
    started()
    fail("shop-web1")

    first, second = deliver(SHOP.migration, LATER), deliver(SHOP.migration, LATER)

    assert (first.delivered, second.delivered, first.again) == (1, 0, None)
    assert machines(ops) == [["shop-web1"]]
    (dispatch,) = dispatches()
    assert (dispatch.delivered, dispatch.tries) == (LATER, 1)


def test_machines_of_one_cause_are_told_of_together_with_a_command_for_all(ops):
    started()
    for number, name in enumerate(("shop-web1", "shop-db1", "shop-web2")):
        fail(name, number, "quota-exceeded")
    fail("shop-db2", 1, "agent-missing")

    deliver(SHOP.migration, LATER)

    assert sorted(machines(ops)) == [["shop-db1", "shop-web1", "shop-web2"], ["shop-db2"]]
    commands = [each.json["data"]["command"] for each in ops.heard]
    assert commands == [
        "azferry retry finance.1 --machines shop-db1,shop-web1,shop-web2",
        "azferry retry finance.1 --machine shop-db2",
    ]


def test_messages_come_in_the_order_of_what_happened(ops):
    started()
    for minutes, name in ((3, "c"), (1, "a"), (2, "b")):
        fail(name, minutes)

    deliver(SHOP.migration, LATER)

    assert machines(ops) == [["a"], ["b"], ["c"]]


def test_who_waits_for_a_later_try_holds_up_what_comes_after_it(ops):
    started()
    fail("a", 1)
    fail("b", 2)
    ops.answers.append((500, {}))

    first = deliver(SHOP.migration, LATER)
    deliver(SHOP.migration, LATER + timedelta(seconds=30))
    assert machines(ops) == [["a"]]
    assert first.again == LATER + PAUSES[0]

    deliver(SHOP.migration, LATER + PAUSES[0])

    assert machines(ops) == [["a"], ["a"], ["b"]]
    assert ops.heard[0].json["id"] == ops.heard[1].json["id"] != ops.heard[2].json["id"]


def test_a_receiver_that_is_down_delays_no_other(two):
    started()
    fail("a")

    done = deliver(SHOP.migration, LATER)

    assert (done.delivered, done.again) == (1, LATER + PAUSES[0])
    assert machines(two) == [["a"]]
    (waiting,) = dispatches(WAITS)
    assert waiting.receiver == "down"
    assert waiting.failure == "127.0.0.1 cannot be reached (ConnectionRefusedError)"


def test_pauses_grow_until_it_is_given_up_and_shown(two):
    started()
    fail("a")
    now, waits = LATER, []
    for _ in range(len(PAUSES) + 1):
        again = deliver(SHOP.migration, now).again
        waits.append(again - now if again else None)
        now = again or now

    assert waits == [*PAUSES, None]
    (dead,) = dispatches(DEAD)
    assert (dead.given_up, dead.tries) == (now, len(PAUSES) + 1)
    assert dead.failure.endswith(f", {len(PAUSES) + 1} times")
    assert dispatches(WAITS) == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((410, {}), "it answered with 410: it wants no more messages"),
        (
            (301, {"location": "http://169.254.169.254/"}),
            "it answered with 301, a redirect: they are not followed; name its final address",
        ),
        ((422, {}), "it answered with 422"),
    ],
)
def test_an_answer_that_no_other_try_would_change_ends_it_and_the_next_goes_on(ops, answer, why):
    started()
    fail("a", 1)
    fail("b", 2)
    ops.answers.append(answer)

    done = deliver(SHOP.migration, LATER)

    assert (done.dead, done.delivered) == (1, 1)
    assert machines(ops) == [["a"], ["b"]]
    assert [each.failure for each in dispatches(DEAD)] == [why]


def test_a_receiver_that_asks_for_time_gets_it(ops):
    started()
    fail("a")
    ops.answers.append((429, {"retry-after": "3600"}))

    assert deliver(SHOP.migration, LATER).again == LATER + timedelta(hours=1)


@pytest.mark.parametrize("write", range(1, 6))
def test_wherever_a_host_dies_everything_is_told_at_least_once_under_one_id(ops, storage, write):
    """Writes: the notice's and dispatch's transaction, the try, its end; the request lies between the last two."""
    started()
    fail("a")
    storage.die_before(write)
    try:
        deliver(SHOP.migration, LATER)
    except Died:
        storage.dies = 0

    deliver(SHOP.migration, LATER + delivery.LOST_AFTER)

    assert machines(ops)[-1] == ["a"]
    assert len(ops.heard) <= 2
    assert len({each.json["id"] for each in ops.heard}) == 1
    assert [each.delivered is not None for each in dispatches()] == [True]


def test_two_hosts_at_once_send_it_once(ops, storage):
    started()
    fail("a")
    compose(SHOP.migration)

    def meanwhile() -> None:
        deliver(SHOP.migration, LATER)

    ops.before_answer = meanwhile

    deliver(SHOP.migration, LATER)

    assert len(ops.heard) == 1


def test_a_channel_that_is_not_there_any_more_is_a_dead_letter_that_says_so(ops, configure):
    started()
    fail("a")
    compose(SHOP.migration)
    configure(channels="other:webhook")

    assert deliver(SHOP.migration, LATER).dead == 1
    assert dispatches(DEAD)[0].failure == "there is no channel ops: AZFERRY_CHANNELS does not name it"


def test_machines_that_wait_at_gates_of_their_own_are_one_message_whatever_each_is_told(ops):
    started()
    for name in ("shop-web1", "shop-db1"):
        command = f'azferry confirm finance.1 --gate install-agent --machine {name} --comment "done"'
        tell(
            SHOP.replace(machine=name),
            Topic.GATE_OPENED,
            "1",
            gate="install-agent",
            text=f"see to {name}",
            command=command,
        )

    deliver(SHOP.migration, LATER)

    (heard,) = ops.heard
    data = heard.json["data"]
    assert data["machines"] == ["shop-db1", "shop-web1"]
    assert data["command"].startswith("azferry confirm finance.1 --gate install-agent --machines shop-db1,shop-web1 ")
    assert data["text"].endswith("(and so for 1 more: the page tells each)")


def test_what_was_told_is_not_told_again_with_what_comes_later(ops):
    started()
    fail("shop-web1", cause="quota-exceeded")
    deliver(SHOP.migration, LATER)
    fail("shop-db1", 1, "quota-exceeded")
    deliver(SHOP.migration, LATER)

    assert machines(ops) == [["shop-web1"], ["shop-db1"]]
