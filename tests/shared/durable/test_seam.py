"""The seam: what a reply, a refusal, busy and a fault come to in an orchestrator."""

from datetime import timedelta
from itertools import pairwise

import azure.functions as func
import pytest

from shared.durable.fan_out import BRANCH, branch, fan_out
from shared.durable.seam import Activity, Blueprint, Context, Phase, Waits, call, outcome, retrying, run
from shared.durable.waiting import event_or_patience
from shared.models import Done, Model, Request
from shared.problems import Busy, CloudRefused, Problem, Refused
from tests.play import START, Stage


class Number(Request):
    value: int = 0


class Square(Model):
    value: int = 0


SQUARE = Activity("square", Number, Square)
CHILD = Phase("child", Number, Square)


def square(context: Context, request: Number) -> Waits[Square]:
    return (yield from call(context, SQUARE, request))


def squared(wire: dict) -> Square:
    return Square(value=wire.get("value", 0) ** 2)


def test_a_reply_comes_back_typed():
    assert Square(value=9) == Stage(square=squared).play(square, Number(value=3))


def test_every_request_carries_the_orchestrators_clock():
    stage = Stage(square=squared)

    stage.play(square, Number(value=3))

    assert START.isoformat().replace("+00:00", "Z") == stage.calls[0][1]["now"]


def test_a_refusal_comes_back_as_the_problem_that_was_raised():
    def refuse(wire):
        raise CloudRefused("no cores left", code="28031", causes="quota", advice="raise the quota")

    with pytest.raises(CloudRefused, match="no cores left") as caught:
        Stage(square=refuse).play(square, Number())

    assert (
        caught.value.facts.code,
        caught.value.facts.causes,
        caught.value.facts.advice,
    ) == ("28031", "quota", "raise the quota")


def test_busy_is_slept_off_and_the_naps_grow_to_an_hour():
    moments = []

    def busy_for_five_hours(wire):
        moments.append(stage.now)
        if stage.now - START < timedelta(hours=5):
            raise Busy("throttled", after=timedelta(seconds=10))
        return Square(value=1)

    stage = Stage(square=busy_for_five_hours)

    assert Square(value=1) == stage.play(square, Number())
    naps = [later - earlier for earlier, later in pairwise(moments)]
    assert timedelta(seconds=10) == naps[0]
    assert timedelta(hours=1) == max(naps)


def test_busy_for_ever_becomes_a_refusal_that_names_the_activity():
    def busy(wire):
        raise Busy("throttled")

    with pytest.raises(Refused, match="square found the service busy") as caught:
        Stage(square=busy).play(square, Number())

    assert caught.value.facts.id == "still-busy"


def test_a_fault_is_a_problem_when_it_is_taken_as_an_outcome():
    def crash(wire):
        raise ZeroDivisionError("boom")

    def body(context, request):
        ended = yield from outcome(call(context, SQUARE, request))
        return Done() if isinstance(ended, Problem) and "boom" in ended.facts.detail else None

    assert Done() == Stage(square=crash).play(body, Number())


def test_a_child_runs_under_the_id_it_is_given():
    def parent(context, request):
        return (yield from run(context, CHILD, request, "plan.1.child"))

    stage = Stage(square=squared, children={"child": (CHILD, square)})

    assert Square(value=16) == stage.play(parent, Number(value=4))
    assert "plan.1.child" in stage.instances


@pytest.mark.parametrize("count", [0, 1, 64, 65, 1_000, 5_000])
def test_a_fan_out_answers_in_order_and_no_orchestrator_has_more_than_64_children(count):
    def parent(context, request):
        requests = [(f"child.{number}", Number(value=number)) for number in range(count)]
        answers = yield from fan_out(context, CHILD, requests)
        return Done() if [answer.value for answer in answers] == [n**2 for n in range(count)] else None

    stage = Stage(square=squared, children={"child": (CHILD, square), "branch": (BRANCH, branch)})

    assert Done() == stage.play(parent, Number())


def test_one_refusal_in_a_fan_out_does_not_stop_the_others():
    def refuse_odd(wire):
        if wire["value"] % 2:
            raise Refused("odd")
        return squared(wire)

    def parent(context, request):
        answers = yield from fan_out(context, CHILD, [(f"c{n}", Number(value=n)) for n in range(1, 5)])
        return Done() if [getattr(a, "value", None) or str(a) for a in answers] == ["odd", 4, "odd", 16] else None

    assert Done() == Stage(square=refuse_odd, children={"child": (CHILD, square)}).play(parent, Number())


def test_an_event_that_comes_in_time_leaves_no_timer_open():
    def body(context, request):
        came = yield from event_or_patience(context, "hello", timedelta(days=3))
        return Done() if came else None

    stage = Stage()
    stage.tell("root", "hello", after=timedelta(hours=1))

    assert Done() == stage.play(body, Number())
    assert timedelta(hours=1) == stage.now - START


def test_patience_ends_after_a_day_at_most():
    def body(context, request):
        came = yield from event_or_patience(context, "hello", timedelta(days=3))
        return None if came else Done()

    stage = Stage()

    assert Done() == stage.play(body, Number())
    assert timedelta(days=1) == stage.now - START


def test_a_fault_is_tried_again_alike_by_either_generation_of_the_sdk():
    ours, next_ones = retrying("1"), retrying("2")

    assert (5_000, 4) == (ours.first_retry_interval_in_milliseconds, ours.max_number_of_attempts)
    assert (timedelta(seconds=5), 4) == (next_ones.first_retry_interval, next_ones.max_number_of_attempts)


def test_a_blueprint_brings_nothing_of_the_sdks_own():
    """What 2.x calls when a blueprint is made; with its own answer the names of eighty blueprints collide."""
    bp = Blueprint()
    bp._register_builtin_http_functions()  # noqa: SLF001 - the SDK calls it
    app = func.FunctionApp()
    app.register_functions(bp)

    assert [] == app.get_functions()
