"""The people of a rehearsal at gates: what they say is taken, also where the world says no more than when."""

from datetime import UTC, datetime, timedelta

from cli.answers import GateSeen, MigrationSeen
from local.stack.api_client import Picture
from local.stack.scripted_operators import ANYBODY, People
from local.world.model import Release

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Heard:
    """A door that keeps what it is told."""

    def __init__(self):
        self.decisions = []

    def decide(self, migration, decision):
        self.decisions.append((migration, decision))


def standing_at(*gates):
    waiting = tuple(GateSeen(name=name, machine="m1", since=NOON) for name in gates)
    return Picture(MigrationSeen.model_validate({"id": "shop.1", "gates": waiting}))


def people(*releases):
    return People(Heard(), releases, errand=lambda _migration, _wave: None)


def test_a_release_without_a_comment_is_told_with_one_as_some_verdicts_need_it():
    acting = people(Release(gate="install-agent", by="ann"), Release(gate="test", comment="looked at it"))

    acting.act(standing_at("install-agent", "test"), NOON + timedelta(minutes=10))

    decisions = [(decision.decision, decision.by, decision.comment) for _, decision in acting.door.decisions]
    assert [("confirm", "ann", ANYBODY.comment), ("approve", "operator", "looked at it")] == decisions


def test_nobody_acts_before_the_time_that_the_world_says_and_nobody_acts_twice():
    acting, picture = people(Release(after=timedelta(hours=2))), standing_at("test")

    assert [] == acting.act(picture, NOON + timedelta(hours=1))
    assert NOON + timedelta(hours=2) == acting.next_due(picture, NOON)
    assert ["operator: approve at gate test"] == acting.act(picture, NOON + timedelta(hours=2))
    assert [] == acting.act(picture, NOON + timedelta(hours=3))
