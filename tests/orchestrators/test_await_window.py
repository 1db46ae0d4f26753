"""Await window: an open window first, then a free place, and both at once before anything begins."""

from orchestrators.await_window import await_window
from shared.contracts.cohorts import Cohort, WindowPollResult
from shared.contracts.requests import PollResult, where
from shared.contracts.rounds import Member
from tests.orchestrators.happy_path import HOUR, PLAN, happy_stage
from tests.play import START

MEMBERS = (Member(name="db1"), Member(name="web1"))
COHORT = Cohort(**where(PLAN.replace(wave="shop", phase="cohort-1")), number=1, machines=MEMBERS, owner="flow")


def test_no_place_is_taken_while_the_window_is_awaited():
    def opens_later(wire):
        return WindowPollResult(settled=stage.now >= START + 12 * HOUR, machines=MEMBERS, patience=12 * 3600)

    stage = happy_stage(poll_window=opens_later)
    opening = stage.play(await_window, COHORT)

    assert MEMBERS == opening.machines
    assert "take_slots" not in stage.journal[: stage.journal.index("poll_window") + 1]
    assert ["poll_dependencies", "poll_window", "poll_window", "take_slots", "begin_cutover"] == stage.journal


def test_only_those_that_the_window_lets_in_take_places_and_begin():
    stage = happy_stage(poll_window=lambda wire: WindowPollResult(settled=True, machines=MEMBERS[:1]))
    stage.play(await_window, COHORT)

    calls = dict(stage.calls)
    assert 1 == calls["take_slots"].get("count", 1)
    assert [{"name": "db1"}] == calls["take_slots"]["machines"] == calls["begin_cutover"]["machines"]


def test_a_window_that_closed_while_a_place_was_awaited_is_awaited_again_and_the_place_given_back():
    def second_time(wire):
        return PollResult(settled=stage.journal.count("begin_cutover") > 1)

    stage = happy_stage(begin_cutover=second_time)
    stage.play(await_window, COHORT)

    once = ["poll_window", "take_slots", "begin_cutover"]
    assert ["poll_dependencies", *once, "free_slots", *once] == stage.journal
