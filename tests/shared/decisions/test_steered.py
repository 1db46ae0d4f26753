"""What follows a command: whom it wakes, and the round that it begins."""

import asyncio

import pytest

from shared.contracts.rounds import Round
from shared.coordination.waits import WaitKind
from shared.decisions.steered import CommandOutcome, follow, outside, wake
from shared.ids import root_of
from shared.ledger import migrations
from shared.models import Announcement
from shared.problems import NotFound
from tests.activities.migration_harness import FakeClient

pytestmark = pytest.mark.usefixtures("store")


def test_only_the_waits_of_the_kinds_and_machines_named_are_woken(migration, waits):
    waits("a", WaitKind.GATE)
    waits("b", WaitKind.GATE)
    waits("b", WaitKind.WINDOW)
    waits("c", WaitKind.GATE, instance="")

    everybody = wake(migration, (WaitKind.GATE,))
    announced = wake(migration, machines=["b"])

    assert [each.event for each in everybody] == ["a", "b"], "a row without a waiter wakes nobody"
    assert [each.event for each in announced] == ["b", "b"]
    assert wake(migration, (WaitKind.RESUME,)) == ()


def test_a_migration_that_is_not_there_is_told_with_the_command_that_lists_them():
    with pytest.raises(NotFound) as raised:
        migrations.existing("nobody.1")

    assert "azferry list" in raised.value.facts.advice


def test_who_speaks_from_outside_belongs_to_no_round(decision):
    assert (outside("m.1", decision, "a", "w").round, outside("m.1", decision).now) == (0, decision.at)


@pytest.mark.parametrize(
    ("purpose", "root"), [("migrate", "migrate"), ("rollback", "roll_back"), ("cancel", "roll_back")]
)
def test_the_round_is_started_before_those_who_make_way_are_woken(purpose, root):
    client = FakeClient()
    begin = Round(migration="acme.1", round=2, purpose=purpose)

    asyncio.run(follow(client, CommandOutcome(announcements=(Announcement(instance="walk", event="go"),), begin=begin)))

    assert [each[:2] for each in client.started] == [(root, root_of("acme.1", 2, purpose))]
    assert client.raised == [("walk", "go")]
