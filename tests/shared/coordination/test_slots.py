"""Places within limits: never too many, none lost, in order, whoever races and wherever a writer dies."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from threading import Event
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.coordination import slot_handover, slots, waits
from shared.coordination.slot_queue import (
    HOLDERS,
    PARTITION,
    TURNS,
    Holder,
    SlotRequest,
    Status,
    fits,
    holder_key,
    read_book,
    turn_key,
)
from shared.coordination.waits import Wait, WaitKind
from shared.models import Announcement
from shared.problems import Busy
from shared.storage.batch_writes import chunks
from shared.storage.rows import create

pytestmark = pytest.mark.usefixtures("store")

START = datetime(2026, 11, 21, tzinfo=UTC)
APP = {"app": 2}


def wait_of(holder: str, event: str = "slots:1") -> Wait:
    return Wait(
        watch="slot.app", id=f"{holder}.slot", instance=f"i-{holder}", event=event, migration="m.1", kind=WaitKind.SLOT
    )


def take(holder: str, limits: Mapping[str, int] = APP, minute: int = 0, count: int = 1, event: str = "slots:1") -> bool:
    return slots.take(limits, holder, wait_of(holder, event), START + timedelta(minutes=minute), count)


def announced_to(holder: str, event: str = "slots:1") -> Announcement:
    return Announcement(instance=f"i-{holder}", event=event)


def held() -> dict[str, int]:
    return dict(read_book().held())


def counted() -> dict[str, int]:
    """What the holders really have: must equal what the limits say."""
    have: Counter[str] = Counter()
    for each in slots.everything()[0]:
        if each.status != Status.QUEUED:
            have.update(dict.fromkeys(each.limits, each.count))
    return dict(have)


def test_a_place_is_taken_and_given_back() -> None:
    assert take("a")
    assert held() == {"app": 1}

    assert slots.free("a") == ()
    assert held() == {}
    assert list(slots.everything()[0]) == []


def test_who_takes_twice_has_one_place() -> None:
    assert take("a")
    assert take("a")

    assert held() == {"app": 1}


def test_who_finds_no_room_queues_and_is_waited_for() -> None:
    take("a")
    take("b")

    assert not take("c")

    assert held() == {"app": 2}
    assert [wait.id for wait in waits.of_migration("m.1")] == ["c.slot"]


def test_all_limits_are_taken_or_none() -> None:
    take("a", {"plan": 1})

    assert not take("b", {"app": 5, "plan": 1})

    assert held() == {"plan": 1}


def test_places_go_to_the_one_who_came_first() -> None:
    take("a")
    take("b")
    for minute, holder in enumerate(["c", "e", "d"]):
        take(holder, minute=minute)

    assert slots.free("a") == (announced_to("c"),)
    assert slots.free("b") == (announced_to("e"),)


def test_a_wake_up_cannot_be_stolen() -> None:
    take("a")
    take("b")
    take("c", minute=1)

    slots.free("a")

    assert not take("thief", minute=2)
    assert take("c", minute=3)
    assert held() == {"app": 2} == counted()


def test_a_confirmed_place_leaves_no_wait_and_nothing_unconfirmed() -> None:
    take("a", {"app": 1})
    take("b", {"app": 1}, minute=1)
    slots.free("a")
    assert slots.unconfirmed() == (announced_to("b"),)
    holders, unconfirmed = slots.everything()
    assert ([each.holder for each in holders], unconfirmed) == (["b"], (announced_to("b"),))

    take("b", {"app": 1}, minute=2)

    assert slots.unconfirmed() == ()
    assert waits.of_migration("m.1") == ()


def test_a_newer_event_is_the_one_that_wakes() -> None:
    take("a", {"app": 1})
    take("b", {"app": 1}, event="slots:1")
    take("b", {"app": 1}, event="slots:2")

    assert slots.free("a") == (announced_to("b", "slots:2"),)


def test_who_asks_again_keeps_its_turn() -> None:
    take("a", {"app": 1})
    take("b", {"app": 1}, minute=1)
    take("c", {"app": 1}, minute=2)
    take("b", {"app": 1}, minute=3, event="slots:2")

    assert slots.free("a") == (announced_to("b", "slots:2"),)


def test_who_leaves_the_queue_is_not_woken() -> None:
    take("a", {"app": 1})
    take("b", {"app": 1}, minute=1)
    take("c", {"app": 1}, minute=2)

    assert slots.free("b") == ()

    assert slots.free("a") == (announced_to("c"),)
    assert [wait.id for wait in waits.of_migration("m.1")] == ["c.slot"]


def test_a_reservation_that_is_given_back_is_handed_on() -> None:
    take("a", {"app": 1})
    take("b", {"app": 1}, minute=1)
    take("c", {"app": 1}, minute=2)
    slots.free("a")

    assert slots.free("b") == (announced_to("c"),)
    assert held() == {"app": 1} == counted()


def test_a_full_plan_does_not_block_another_plan() -> None:
    take("x1", {"app": 3, "x": 1})
    take("x2", {"app": 3, "x": 1}, minute=1)
    take("y1", {"app": 3}, minute=2)
    take("y2", {"app": 3}, minute=3)
    take("y3", {"app": 3}, minute=4)

    assert slots.free("y1") == (announced_to("y3"),)


def test_one_release_can_wake_many() -> None:
    take("cohort", {"app": 45}, count=45)
    for number in range(50):
        take(f"m{number:02}", {"app": 45}, minute=number)

    announcements = slots.free("cohort")

    assert sorted(each.instance for each in announcements) == [f"i-m{number:02}" for number in range(45)]
    assert held() == {"app": 45} == counted()


def test_a_cohort_larger_than_the_limit_goes_alone() -> None:
    take("a")
    assert not take("cohort", count=5, minute=1)

    assert slots.free("a") == (announced_to("cohort"),)
    assert not take("b", minute=2)


def test_a_large_cohort_is_not_overtaken_in_its_own_queue() -> None:
    take("a")
    take("b")
    take("cohort", count=2, minute=1)
    take("c", minute=2)

    assert slots.free("a") == ()
    assert not take("d", minute=3)
    assert slots.free("b") == (announced_to("cohort"),)


def test_freeing_nothing_is_fine() -> None:
    assert slots.free("nobody") == ()


# --- races ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["one process", "many processes"])
def racers(request: pytest.FixtureRequest, together: Callable, monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Threads of one process pass a turnstile; without it they race as processes do."""
    if request.param == "many processes":
        for each in (slots, slot_handover):
            monkeypatch.setattr(each, "ONE_AT_A_TIME", nullcontext())
    return together


def test_many_at_once_never_get_more_than_there_is(racers: Callable) -> None:
    limits = [{"app": 7, f"plan{number % 3}": 3} for number in range(30)]

    answers = racers(lambda number: take(f"h{number}", limits[number]), list(range(30)))

    assert answers.count(True) == 7
    assert answers.count(False) == 23
    assert held() == counted()
    assert max(count for name, count in held().items() if name != "app") <= 3


def test_the_same_holder_from_many_threads_has_one_place(racers: Callable) -> None:
    answers = racers(lambda _: take("a", {"app": 5}), list(range(12)))

    assert answers == [True] * 12
    assert held() == {"app": 1} == counted()


def test_takers_in_any_order_of_limits_do_not_deadlock(racers: Callable) -> None:
    orders = [{"x": 4, "y": 4}, {"y": 4, "x": 4}]

    answers = racers(lambda number: take(f"h{number}", orders[number % 2]), list(range(16)))

    assert answers.count(True) == 4
    assert held() == {"x": 4, "y": 4} == counted()


def test_everybody_gets_through_and_no_wake_up_is_lost(racers: Callable) -> None:
    """Whoever finds no room waits until a release names it; nobody looks by itself."""
    limits = {"app": 3, "plan": 2}
    bells = {f"i-h{crew}.{number}": Event() for crew in range(8) for number in range(4)}
    through: list[str] = []
    most: list[int] = []

    def live(crew: int) -> None:
        for number in range(4):
            holder = f"h{crew}.{number}"
            if not take(holder, limits):
                assert bells[f"i-{holder}"].wait(timeout=60)
                assert take(holder, limits)
            most.append(held()["plan"])
            through.append(holder)
            for each in slots.free(holder):
                bells[each.instance].set()

    assert racers(live, list(range(8))) == [None] * 8

    assert sorted(through) == sorted(f"h{crew}.{number}" for crew in range(8) for number in range(4))
    assert max(most) <= 2
    assert held() == {} == counted()
    assert list(slots.everything()[0]) == []


def just_after(monkeypatch: pytest.MonkeyPatch, where: ModuleType, name: str, act: Callable[[], object]) -> None:
    """Let another process act just after `name` was read in a module for the first time."""
    monkeypatch.setattr(where, "ONE_AT_A_TIME", nullcontext())
    real = getattr(where, name)
    pending = [act]

    def read(*arguments: Any) -> Any:
        seen = real(*arguments)
        if pending:
            pending.pop()()
        return seen

    monkeypatch.setattr(where, name, read)


def test_a_place_that_becomes_free_while_we_queue_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    take("a", {"app": 1})
    just_after(monkeypatch, slots, "read_book", lambda: slots.free("a"))

    assert take("b", {"app": 1})
    assert held() == {"app": 1} == counted()


def test_who_queues_while_a_place_is_given_back_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    take("a", {"app": 1})
    answers: list[bool] = []
    just_after(monkeypatch, slot_handover, "next_turns", lambda: answers.append(take("b", {"app": 1})))

    assert slots.free("a") == (announced_to("b"),)
    assert answers == [False]


def test_a_place_is_not_given_twice_by_two_releasers(monkeypatch: pytest.MonkeyPatch) -> None:
    take("a")
    take("b")
    take("c", minute=1)
    take("d", minute=2)
    announcements: list[Announcement] = []
    just_after(monkeypatch, slot_handover, "next_turns", lambda: announcements.extend(slots.free("b")))

    announcements.extend(slots.free("a"))

    assert sorted(each.instance for each in announcements) == ["i-c", "i-d"]
    assert held() == {"app": 2} == counted()


# --- writers that die ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2, 3, 4])
def test_a_taker_that_died_is_repaired_by_running_again(dying: Callable, write: int, after: bool) -> None:
    take("a", {"app": 1})
    with dying(write, after=after):
        take("b", {"app": 1}, minute=1)

    assert not take("b", {"app": 1}, minute=1)

    assert held() == {"app": 1} == counted()
    assert [wait.id for wait in waits.of_migration("m.1")] == ["b.slot"]
    assert slots.free("a") == (announced_to("b"),)
    assert take("b", {"app": 1}, minute=2)
    assert waits.of_migration("m.1") == ()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2])
def test_a_confirmer_that_died_is_repaired_by_running_again(dying: Callable, write: int, after: bool) -> None:
    take("a", {"app": 1})
    take("b", {"app": 1}, minute=1)
    slots.free("a")
    with dying(write, after=after) as died:
        take("b", {"app": 1}, minute=2)
    assert died == [True]

    assert take("b", {"app": 1}, minute=2)

    assert held() == {"app": 1} == counted()
    assert slots.unconfirmed() == ()
    assert waits.of_migration("m.1") == ()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2])
def test_a_releaser_that_died_wakes_the_same_ones_when_it_runs_again(dying: Callable, write: int, after: bool) -> None:
    take("cohort", {"app": 25}, count=25)
    for number in range(30):
        take(f"m{number:02}", {"app": 25}, minute=number)
    with dying(write, after=after) as died:
        slots.free("cohort")
    assert died == [True]

    announcements = slots.free("cohort")

    assert sorted(each.instance for each in announcements) == [f"i-m{number:02}" for number in range(25)]
    assert held() == {"app": 25} == counted()


@pytest.mark.usefixtures("losing_answers")
def test_lost_answers_cost_nothing_but_another_try() -> None:
    def insist(act: Callable[[], Any]) -> Any:
        for _ in range(20):
            try:
                return act()
            except Busy:
                continue
        raise AssertionError("it never ended")

    assert insist(lambda: take("a", {"app": 1}))
    assert not insist(lambda: take("b", {"app": 1}, minute=1))
    assert insist(lambda: slots.free("a")) == (announced_to("b"),)
    assert insist(lambda: take("b", {"app": 1}, minute=2))
    assert held() == {"app": 1} == counted()


# --- size ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("queued", [2_000, pytest.param(10_000, marks=pytest.mark.soak)])
def test_five_hundred_holders_and_thousands_in_the_queue(queued: int) -> None:
    limits = {"app": 500}
    rows = []
    for number in range(500 + queued):
        moment = START + timedelta(seconds=number)
        status = Status.HELD if number < 500 else Status.QUEUED
        name = f"h{number:05}"
        entry = Holder(holder=name, limits=limits, since=moment, wait=wait_of(name), status=status)
        if number < 510:  # whose turn never comes here needs no row of its own
            rows.append(create(PARTITION, holder_key(name), entry))
        if status == Status.QUEUED:
            turn = SlotRequest(holder=name, limits=limits, since=moment)
            rows.append(create(PARTITION, turn_key(turn), turn))
    for chunk in chunks(rows):
        assert HOLDERS.commit(chunk)
    assert HOLDERS.commit(read_book().moved({"app": 500}))

    assert slots.free("h00007") == (announced_to("h00500"),)
    assert slots.free("h00123") == (announced_to("h00501"),)
    assert not take("late", limits, minute=1_000)
    assert take("h00500", limits, minute=1_001)
    assert held() == {"app": 500}


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 5), min_size=1),
    st.integers(1, 8),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 6)),
)
def test_what_fits_is_within_every_limit_or_alone(limits: dict[str, int], count: int, taken: dict[str, int]) -> None:
    request = SlotRequest(holder="h", limits=limits, count=count)

    if fits(request, taken):
        assert all(taken.get(name, 0) + count <= room or not taken.get(name) for name, room in limits.items())
    else:
        assert any(taken.get(name, 0) + count > room for name, room in limits.items())


def test_turns_are_kept_in_order_of_arrival_whatever_their_names() -> None:
    take("a", {"app": 1})
    for minute, name in enumerate(["z", "y", "x"]):
        take(name, {"app": 1}, minute=minute)

    assert [found.row.holder for found in TURNS.between(PARTITION, "queue.", "queue/")] == ["z", "y", "x"]
