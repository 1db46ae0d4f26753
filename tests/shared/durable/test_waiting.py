"""Waiting: looks become rarer the longer the wait, and what is due at a moment is looked at then."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from shared.contracts.contracts import POLL_JOB
from shared.contracts.requests import Poll, PollResult, scoped_as
from shared.durable.seam import Context, Waits
from shared.durable.waiting import until
from shared.models import Done, Scope
from shared.scheduling.patience import grown
from tests.orchestrators.happy_path import MACHINE
from tests.play import Stage

WEEK, HOUR, MINUTE = timedelta(days=7), timedelta(hours=1), timedelta(minutes=1)
ROWS_OF_A_LOOK = 8  # two steps of the orchestrator, each between its two marks: task, timer, timer's end, task's end


def looks_within(wait: timedelta, **options: Any) -> list[timedelta]:
    """When somebody who waits so long looks, counted from the wait's beginning; its looks ask for this patience."""
    seen: list[timedelta] = []
    stage = Stage()
    began = stage.now

    def look(_wire: dict[str, Any]) -> PollResult:
        seen.append(stage.now - began)
        return PollResult(settled=seen[-1] >= wait, **options)

    def waiting(context: Context, place: Scope) -> Waits[Done]:
        yield from until(context, POLL_JOB, scoped_as(place, Poll))
        return Done()

    stage = Stage(poll_job=look)
    began = stage.now
    stage.play(waiting, MACHINE)
    return seen


@pytest.mark.parametrize("patience", [10, 60, 300, 900])
def test_a_wait_of_a_week_costs_at_most_a_thousand_rows_of_history(patience: int) -> None:
    assert len(looks_within(WEEK, patience=patience)) * ROWS_OF_A_LOOK <= 1_000


def test_a_wait_of_a_year_is_bounded_too() -> None:
    assert len(looks_within(52 * WEEK, patience=60)) <= 500


def test_what_is_downtime_is_looked_at_quickly_at_first() -> None:
    looks = looks_within(9 * MINUTE, patience=10)
    assert looks[:10] == [timedelta(seconds=11 * turn) for turn in range(10)]
    assert looks[-1] - looks[-2] <= timedelta(seconds=29)


def test_nothing_is_seen_later_than_an_eighth_of_the_wait_and_four_hours_in_its_first_week() -> None:
    looks = looks_within(WEEK, patience=60)
    assert looks[-1] >= WEEK
    for before, after in pairwise(looks):
        assert after - before <= max(MINUTE, min(before / 8, 4 * HOUR)) + timedelta(seconds=2)


def test_a_look_comes_an_eighth_of_the_wait_late_at_most() -> None:
    assert grown(MINUTE, 8 * HOUR) == HOUR


def test_who_asks_for_more_patience_has_it() -> None:
    assert grown(timedelta(days=1), HOUR) == timedelta(days=1)


def test_what_is_due_at_a_moment_is_looked_at_then_however_long_it_was_waited_for() -> None:
    looks = looks_within(WEEK, patience=3_600, exact=True)
    assert {after - before for before, after in pairwise(looks)} == {HOUR + timedelta(seconds=1)}
