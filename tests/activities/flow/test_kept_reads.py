"""A reading that is interrupted goes on where it was, and says that it came further."""

from datetime import timedelta

import pytest

from activities.flow.kept_reads import KeptReads
from shared.contracts.requests import PollResult
from shared.durable.seam import Activity, call
from shared.models import Request, Scope
from shared.problems import Busy, CloudRefused
from tests.activities.migration_harness import MigrationHarness
from tests.play import START, Stage


class Clouds:
    """Each of these reads is busy so many times before it answers."""

    def __init__(self, busy: dict[str, int]) -> None:
        self.busy, self.reads = dict(busy), list[str]()

    def read(self, name: str) -> tuple[str, ...]:
        self.reads.append(name)
        if self.busy.get(name):
            self.busy[name] -= 1
            raise Busy(f"{name} is busy", timedelta(seconds=5))
        return (name,)


def reading(place: Scope, clouds: Clouds, *names: str) -> list[tuple[str, ...] | None]:
    kept = KeptReads.of(place)

    def whole() -> list[tuple[str, ...] | None]:
        return [kept.known(name, tuple[str, ...], lambda name=name: clouds.read(name)) for name in names]

    return kept.whole(place, whole)


def test_what_was_read_is_not_asked_for_again(ferry: MigrationHarness) -> None:
    place, clouds = Scope(migration="acme.1"), Clouds({"sizes": 2})
    for progressed in (True, False):
        with pytest.raises(Busy) as busy:
            reading(place, clouds, "vault", "sizes", "rights")
        assert busy.value.progressed == progressed
    assert reading(place, clouds, "vault", "sizes", "rights") == [("vault",), ("sizes",), ("rights",)]
    assert clouds.reads == ["vault", "sizes", "sizes", "sizes", "rights"]


def test_a_later_reading_of_the_round_asks_anew(ferry: MigrationHarness) -> None:
    place, clouds = Scope(migration="acme.1"), Clouds({"sizes": 1})
    with pytest.raises(Busy):
        reading(place, clouds, "vault", "sizes")
    reading(place, clouds, "vault", "sizes")
    reading(place, clouds, "vault", "sizes")
    assert clouds.reads == ["vault", "sizes", "sizes", "vault", "sizes"]


def test_what_the_cloud_refuses_to_tell_is_unknown_and_stays_so(ferry: MigrationHarness) -> None:
    kept = KeptReads()

    def refuse() -> tuple[str, ...]:
        raise CloudRefused("no right")

    assert kept.known("rights", tuple[str, ...], refuse) is None
    assert kept.known("rights", tuple[str, ...], lambda: ("not asked",)) is None


def test_patience_begins_anew_with_progress() -> None:
    tries: list[int] = []

    def busy(wire: dict[str, object]) -> PollResult:
        tries.append(1)
        if len(tries) <= 40:
            raise Busy("busy", timedelta(minutes=10), progressed=len(tries) % 2 == 0)
        return PollResult(settled=True)

    stage = Stage(read=busy)
    looked = Activity("read", Request, PollResult)

    assert stage.play(lambda context, request: call(context, looked, request), Request()).settled
    assert stage.now - START > timedelta(hours=6)
