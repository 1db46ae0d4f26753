"""Durable timers and external events: due, past, cancelled, open; early, late, twice."""

import asyncio
from datetime import timedelta

import pytest

from tests.local.host.durable.lone_clock import LoneClock

HOUR = timedelta(hours=1)


def echo(value):
    return value


def race(context):
    timer = context.create_timer(context.current_utc_datetime + HOUR)
    event = context.wait_for_external_event("go")
    first = yield context.task_any([event, timer])
    if first == timer:
        return "late"
    timer.cancel()
    return event.result


def test_a_timer_fires_at_its_moment(make_lab):
    def flow(context):
        yield context.create_timer(context.current_utc_datetime + HOUR)
        return context.current_utc_datetime.isoformat()

    assert make_lab(flow).output("flow") == "2026-01-01T01:00:00+00:00"


def test_a_timer_in_the_past_fires_at_once(make_lab):
    def flow(context):
        yield context.create_timer(context.current_utc_datetime - HOUR)
        return context.current_utc_datetime.isoformat()

    assert make_lab(flow).output("flow") == "2026-01-01T00:00:00+00:00"


def test_the_clock_jumps_once_for_each_moment(make_lab):
    def flow(context):
        for _ in range(24):
            yield context.create_timer(context.current_utc_datetime + HOUR)

    lab = make_lab(flow)
    for made in [lab.create("flow") for _ in range(10)]:
        lab.end(made)

    assert 24 <= lab.clock.jumps <= 240


def test_timers_due_together_fire_in_the_order_they_were_made(make_lab):
    def flow(context):
        start = context.current_utc_datetime
        timers = [context.create_timer(start + HOUR) for _ in range(20)]
        yield context.task_all(timers)

    lab = make_lab(flow)
    made = lab.create("flow")
    lab.end(made)

    assert [row for row in lab.rows(made) if row.startswith("TmF")] == [f"TmF@{number}" for number in range(20)]


def test_a_cancelled_timer_lets_the_instance_end(make_lab):
    lab = make_lab(race)
    lab.clock.hold()
    made = lab.create("race")
    lab.send(made, "go", "now")

    assert lab.end(made)["output"] == "now"
    assert lab.clock.jumps == 0


def test_an_open_timer_keeps_the_instance_running(make_lab):
    def forgetful(context):
        timer = context.create_timer(context.current_utc_datetime + HOUR)
        event = context.wait_for_external_event("go")
        yield context.task_any([event, timer])
        return context.current_utc_datetime.isoformat()

    lab = make_lab(forgetful)
    lab.clock.hold()
    made = lab.create("forgetful")
    lab.until_waiting(made)
    lab.send(made, "go")
    lab.until_waiting(made)
    held = lab.status(made)["runtimeStatus"]
    lab.clock.release()

    assert held == "Running"
    assert lab.end(made)["output"] == "2026-01-01T00:00:00+00:00"
    assert lab.clock.jumps == 1


def test_an_open_timer_keeps_a_failed_orchestrator_running(make_lab):
    def failing(context):
        timer = context.create_timer(context.current_utc_datetime + HOUR)
        yield context.task_any([context.call_activity("echo", 1), timer])
        raise ValueError("after all")

    lab = make_lab(failing, echo)
    lab.clock.hold()
    made = lab.create("failing")
    lab.until_waiting(made)
    held = lab.status(made)["runtimeStatus"]
    lab.clock.release()

    assert held == "Running"
    assert lab.end(made)["output"] == "Orchestrator function 'failing' failed: after all"


def test_a_cancelled_timer_leaves_the_heap(make_lab):
    def flow(context):
        timer = context.create_timer(context.current_utc_datetime + HOUR)
        yield context.task_any([context.call_activity("echo", 1), timer])
        timer.cancel()
        yield context.wait_for_external_event("never")

    lab = make_lab(flow, echo)
    lab.until_waiting(lab.create("flow"))

    assert lab.next_due is None
    assert lab.clock.jumps == 0


def test_an_event_in_time_wins_and_a_late_one_is_a_timeout(make_lab):
    lab = make_lab(race)
    made = lab.create("race")

    assert lab.end(made)["output"] == "late"


def test_an_event_before_the_wait_is_kept(make_lab):
    def flow(context):
        yield context.create_timer(context.current_utc_datetime + HOUR)
        return (yield context.wait_for_external_event("early"))

    lab = make_lab(flow)
    lab.clock.hold()
    made = lab.create("flow")
    lab.send(made, "early", {"a": 1})
    lab.clock.release()

    assert lab.end(made)["output"] == {"a": 1}


def test_noise_and_duplicates_of_events_do_no_harm(make_lab):
    def flow(context):
        return [(yield context.wait_for_external_event("e0")), (yield context.wait_for_external_event("e1"))]

    lab = make_lab(flow)
    made = lab.create("flow")
    for name in ("noise", "e0", "e0", "noise"):
        lab.send(made, name, 0)
    lab.send(made, "e1", 1)

    assert lab.end(made)["output"] == [0, 1]


def test_all_events_that_wait_are_read_in_one_turn(make_lab):
    def flow(context):
        yield context.wait_for_external_event("start")
        return (yield context.task_all([context.wait_for_external_event(f"e{number}") for number in range(100)]))

    lab = make_lab(flow)
    made = lab.create("flow")
    lab.until_waiting(made)
    names = ["start", *(f"e{number}" for number in range(100))]

    async def send_all() -> None:
        await asyncio.gather(*(lab.engine.raise_event(made, name, "1") for name in names))

    lab.do(send_all())
    lab.end(made)

    assert lab.rows(made).count("(") < len(names) / 2


def test_an_event_of_another_case_goes_to_the_walk_but_not_to_the_code(make_lab):
    # The extension matches names without case, the SDK with it: both are kept as they are.
    def flow(context):
        return (yield context.wait_for_external_event("Go"))

    lab = make_lab(flow)
    made = lab.create("flow")
    lab.send(made, "go", 1)
    lab.until_waiting(made)

    assert lab.status(made)["runtimeStatus"] == "Running"


def test_an_event_as_text_arrives_as_text(make_lab):
    def flow(context):
        return (yield context.wait_for_external_event("go"))

    lab = make_lab(flow)
    made = lab.create("flow")
    lab.send(made, "go", '{"hello": "world"}')

    assert lab.end(made)["output"] == '{"hello": "world"}'


@pytest.mark.parametrize("days", [1, 30])
def test_no_jump_goes_past_the_horizon(make_lab, days):
    from datetime import UTC, datetime  # noqa: PLC0415 - only here

    def flow(context):
        yield context.create_timer(context.current_utc_datetime + timedelta(days=5))

    lab = make_lab(flow, clock=LoneClock(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1 + days, tzinfo=UTC)))
    made = lab.create("flow")

    if days < 5:
        lab.until(lambda: lab.clock.now().day == 2)
        lab.until_waiting(made)
        assert lab.status(made)["runtimeStatus"] == "Running"
    else:
        assert lab.end(made)["runtimeStatus"] == "Completed"
