"""Await window: an open window first, then a free place, and both at once before anything begins."""

from orchestrators.await_window import await_window
from shared.requests import Cohort, Member, Opening, Seen, at
from tests.orchestrators.happy import HOUR, PLAN, happy_stage
from tests.play import START

MEMBERS = (Member(name="db1"), Member(name="web1"))
COHORT = at(PLAN.but(wave="shop", phase="cohort-1"), Cohort, number=1, machines=MEMBERS, owner="flow")


def test_no_place_is_taken_while_the_window_is_awaited():
    def opens_later(wire):
        return Opening(settled=stage.now >= START + 12 * HOUR, machines=MEMBERS, patience=12 * 3600)

    stage = happy_stage(look_window=opens_later)
    opening = stage.play(await_window, COHORT)

    assert MEMBERS == opening.machines
    assert "take_slots" not in stage.journal[: stage.journal.index("look_window") + 1]
    assert ["look_dependencies", "look_window", "look_window", "take_slots", "begin_cutover"] == stage.journal


def test_only_those_that_the_window_lets_in_take_places_and_begin():
    stage = happy_stage(look_window=lambda wire: Opening(settled=True, machines=MEMBERS[:1]))
    stage.play(await_window, COHORT)

    asked = dict(stage.asked)
    assert 1 == asked["take_slots"].get("count", 1)
    assert [{"name": "db1"}] == asked["take_slots"]["machines"] == asked["begin_cutover"]["machines"]


def test_a_window_that_closed_while_a_place_was_awaited_is_awaited_again_and_the_place_given_back():
    def second_time(wire):
        return Seen(settled=stage.journal.count("begin_cutover") > 1)

    stage = happy_stage(begin_cutover=second_time)
    stage.play(await_window, COHORT)

    once = ["look_window", "take_slots", "begin_cutover"]
    assert ["look_dependencies", *once, "free_slots", *once] == stage.journal
