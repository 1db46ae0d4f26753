"""Events: each once, oldest first. And waves, beside them."""

from collections.abc import Callable
from datetime import datetime

import pytest

from shared.ledger import events, waves
from shared.models import Place
from shared.states import WaveState

pytestmark = pytest.mark.usefixtures("store")

At = Callable[[int], datetime]


def place(now: datetime, machine: str = "a") -> Place:
    return Place(migration="m.1", wave="w1", machine=machine, phase="p", now=now)


def test_an_event_written_twice_is_one_event(at: At) -> None:
    for _ in range(2):
        events.write(place(at(1)), "failover-started", "Failover started.", data={"job": "j"})

    written, _ = events.page("m.1")

    assert [(one.what, one.at, one.data) for one in written] == [("failover-started", at(1), {"job": "j"})]


def test_events_of_one_moment_are_told_apart(at: At) -> None:
    events.write(place(at(1), "a"), "x", "")
    events.write(place(at(1), "b"), "x", "")
    events.write(place(at(1), "b"), "y", "")

    assert len(events.page("m.1")[0]) == 3


def test_events_are_paged_oldest_first(at: At) -> None:
    for minute in (3, 1, 2):
        events.write(place(at(minute)), f"e{minute}", "")

    first, token = events.page("m.1", "", 2)
    second, end = events.page("m.1", token, 2)

    assert [one.what for one in first + second] == ["e1", "e2", "e3"]
    assert end == ""


def test_events_of_one_machine_are_paged_alone(at: At) -> None:
    for minute in range(6):
        events.write(place(at(minute), "ab"[minute % 2]), f"e{minute}", "")

    first, token = events.page("m.1", "", 2, machine="b")
    second, _ = events.page("m.1", token, 2, machine="b")

    assert [one.what for one in first + second] == ["e1", "e3", "e5"]


def test_a_wave_is_made_by_its_first_change_and_deaf_to_late_twins(at: At) -> None:
    waves.change(place(at(2)), state=WaveState.CUTTING_OVER, counts={"CutOver": 1})
    waves.change(place(at(1)), state=WaveState.REPLICATING)
    waves.change(place(at(3)), done=True)

    (wave,) = waves.list("m.1")
    assert (wave.wave, wave.state, wave.done, wave.counts) == ("w1", WaveState.CUTTING_OVER, True, {"CutOver": 1})
    assert waves.get("m.1", "w9") is None
