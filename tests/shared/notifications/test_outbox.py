"""What happens is told once, to those who want to hear it; where nobody is told storage is not asked at all."""

from datetime import timedelta

import pytest

from shared.notifications.outbox import tell
from shared.notifications.outbox_row import TABLE, Notice
from shared.notifications.topics import Topic
from tests.shared.notifications.conftest import SHOP, started


def notices() -> list[Notice]:
    return [row.notice for row in TABLE.of(SHOP.migration) if row.notice is not None]


def test_a_thing_that_is_told_twice_is_one_notice(ops, wake_ups_sent):
    started()

    for _ in range(2):
        tell(SHOP, Topic.FAILED, "round 1", text="no quota is left")

    (notice,) = notices()
    assert (notice.machine, notice.wave, notice.text, notice.at) == ("shop-web1", "shop", "no quota is left", SHOP.now)
    assert wake_ups_sent == [("finance.1", 20.0)]


def test_a_process_that_knows_nothing_of_the_first_tells_it_as_the_same(ops, storage, monkeypatch):
    started()
    tell(SHOP, Topic.FAILED, "round 1", machines=("shop-web1", "shop-db1"))
    monkeypatch.setattr("shared.storage.last_seen._tables", {})

    tell(SHOP, Topic.FAILED, "round 1", machines=("shop-web1", "shop-db1"))
    tell(SHOP, Topic.FAILED, "round 1", machines=("shop-web1",))

    assert ["shop-db1", "shop-web1"] == sorted(each.machine for each in notices())


def test_what_happens_again_is_told_again(ops):
    started()
    tell(SHOP, Topic.FAILED, "round 1")
    tell(SHOP.replace(now=SHOP.now + timedelta(hours=1)), Topic.FAILED, "round 2")

    assert len(notices()) == 2


@pytest.mark.parametrize(
    "words",
    [
        {},  # no channel at all
        {"channels": "ops:webhook"},  # one that neither the app nor the plan tells
        {
            "channels": "ops:webhook",
            "tell": "ops",
            "channel_ops_events": "expired,reminder",
        },  # one that wants other things
    ],
)
def test_where_nobody_is_told_nothing_is_asked_of_the_table(configure, storage, wake_ups_sent, words):
    configure(**words)
    started()

    tell(SHOP, Topic.FAILED, "round 1")

    assert "outbox" not in storage.rows
    assert wake_ups_sent == []


def test_a_gate_says_who_may_decide_as_the_plan_or_the_role_has_it(ops):
    started(gates={"approvers": ["azferry.owner"]})

    tell(SHOP, Topic.GATE_OPENED, "1", gate="cutover")
    tell(SHOP, Topic.GATE_OPENED, "2", gate="install-agent")
    tell(SHOP, Topic.ENDED, "1")

    assert {each.gate: each.who for each in notices()} == {
        "cutover": ("azferry.owner",),
        "install-agent": ("azferry.operator",),
        "": (),
    }
