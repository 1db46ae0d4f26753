"""The walk by itself: what may come in any order must lead to the same place."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.host.durable.actions import Act, Refused
from local.host.durable.events import Kind, Message, moment
from local.host.durable.replay_cursor import Walk
from local.host.durable.step import Step

NOW = datetime(2026, 1, 1, tzinfo=UTC)
START = Message(Kind.EXECUTION_STARTED)


def activity(name: str = "a") -> dict[str, Any]:
    return {"actionType": int(Act.ACTIVITY), "functionName": name}


def retried(attempts: int) -> dict[str, Any]:
    options = {"firstRetryIntervalInMilliseconds": 1000, "maxNumberOfAttempts": attempts}
    return {"actionType": int(Act.ACTIVITY_RETRY), "functionName": "r", "retryOptions": options}


def wait(name: str) -> dict[str, Any]:
    return {"actionType": int(Act.WAIT), "externalEventName": name}


def compound(kind: Act, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"actionType": int(kind), "compoundActions": children}


leaves = st.one_of(st.just(activity()), st.integers(1, 3).map(retried), st.sampled_from("xyz").map(wait))
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(compound, st.just(Act.ANY), st.lists(inner, min_size=1, max_size=4))
        | st.builds(compound, st.just(Act.ALL), st.lists(inner, max_size=4))
    ),
    max_leaves=8,
)


def answer_for(walk: Walk, event_id: int, fails: bool) -> Message:
    leaf = walk.open[event_id]
    if leaf.fire_at is not None:
        return Message(Kind.TIMER_FIRED, event_id)
    return Message(Kind.TASK_FAILED if fails else Kind.TASK_COMPLETED, event_id)


@settings(deadline=None)
@given(st.lists(trees, max_size=5), st.data())
def test_every_list_is_walked_to_its_end_and_every_id_is_given_once(actions, data):
    walk, given_ids = Walk(), []
    Step(walk, actions, NOW).run([START])
    for _ in range(300):
        given_ids += [task.event_id for task in walk.scheduled]
        if walk.open:
            event_id = data.draw(st.sampled_from(sorted(walk.open)))
            message = answer_for(walk, event_id, data.draw(st.booleans()))
        elif walk.waits:
            message = Message(Kind.EVENT_RAISED, name=data.draw(st.sampled_from(sorted(walk.waits))))
        else:
            break
        Step(walk, actions, NOW).run([message])

    assert walk.is_exhausted(actions)
    assert given_ids == list(range(walk.next_id))


@settings(deadline=None)
@given(st.lists(trees, max_size=5), st.data())
def test_a_walk_read_back_goes_on_as_the_one_in_memory(actions, data):
    walk = Walk()
    Step(walk, actions, NOW).run([START])
    for _ in range(40):
        if not walk.open:
            break
        event_id = data.draw(st.sampled_from(sorted(walk.open)))
        message = answer_for(walk, event_id, data.draw(st.booleans()))
        other = Walk.load(walk.dump())
        Step(walk, actions, NOW).run([message])
        Step(other, actions, NOW).run([message])

        assert other.dump() == walk.dump()
        assert [task.event_id for task in other.scheduled] == [task.event_id for task in walk.scheduled]


@settings(deadline=None)
@given(st.integers(1, 8), st.permutations(range(8)))
def test_a_task_all_of_plain_tasks_ends_whatever_the_order(width, order):
    actions = [compound(Act.ALL, [activity() for _ in range(width)]), activity("after")]
    walk = Walk()
    Step(walk, actions, NOW).run([START])
    completions = [Message(Kind.TASK_COMPLETED, event_id) for event_id in order if event_id < width]
    Step(walk, actions, NOW).run(completions)

    assert [task.event_id for task in walk.scheduled] == [width]


def test_the_newest_of_two_waits_for_one_name_is_served_first():
    actions = [compound(Act.ANY, [wait("go"), activity()]), compound(Act.ALL, [wait("GO")]), activity("after")]
    walk = Walk()
    Step(walk, actions, NOW).run([START])
    Step(walk, actions, NOW).run([Message(Kind.TASK_COMPLETED, 0)])
    Step(walk, actions, NOW).run([Message(Kind.EVENT_RAISED, name="Go")])

    assert [task.action["functionName"] for task in walk.scheduled] == ["after"]
    assert walk.waits == {"go": ["0.0"]}


def test_a_timer_cancelled_before_it_was_walked_takes_an_id_and_is_not_open():
    timer = {"actionType": int(Act.TIMER), "fireAt": "2026-01-01T01:00:00.000000Z", "isCanceled": True}
    walk = Walk()
    Step(walk, [timer, activity()], NOW).run([START])

    assert [(task.event_id, task.is_cancelled) for task in walk.scheduled] == [(0, True), (1, False)]
    assert (list(walk.open), list(walk.cancelled)) == ([1], [0])


def test_a_cancelled_timer_still_fires_to_no_effect():
    timer = {"actionType": int(Act.TIMER), "fireAt": "2026-01-01T01:00:00.000000Z", "isCanceled": True}
    walk = Walk()
    Step(walk, [timer, activity()], NOW).run([START])
    kept = Walk.load(walk.dump())
    fired = Message(Kind.TIMER_FIRED, 0)

    assert kept.accepts(fired)
    Step(kept, [timer, activity()], NOW).run([fired])
    assert (kept.scheduled, list(kept.open), kept.accepts(fired)) == ([], [1], False)


def test_a_cancel_after_the_walk_completes_the_group_and_lets_it_go_on():
    timer = {"actionType": int(Act.TIMER), "fireAt": "2026-01-01T01:00:00.000000Z", "isCanceled": False}
    walk = Walk()
    Step(walk, [activity(), compound(Act.ALL, [timer])], NOW).run([START])
    Step(walk, [activity(), compound(Act.ALL, [timer])], NOW).run([Message(Kind.TASK_COMPLETED, 0)])
    cancelled = [activity(), compound(Act.ALL, [timer | {"isCanceled": True}]), activity("after")]
    Step(walk, cancelled, NOW).run([Message(Kind.EVENT_RAISED, name="noise")])

    assert walk.closed == [1]
    assert [task.event_id for task in walk.scheduled] == [2]


def test_late_and_repeated_completions_are_not_accepted():
    walk = Walk()
    Step(walk, [activity()], NOW).run([START])
    Step(walk, [activity()], NOW).run([Message(Kind.TASK_COMPLETED, 0)])

    assert not walk.accepts(Message(Kind.TASK_COMPLETED, 0))
    assert not walk.accepts(Message(Kind.TASK_COMPLETED, 7))


def test_the_pause_between_attempts_does_not_grow_unless_it_is_asked_to():
    walk, fire_at = Walk(), []
    Step(walk, [retried(4)], NOW).run([START])
    for _ in range(4):
        failed = Message(Kind.TASK_FAILED, max(walk.open))
        Step(walk, [retried(4)], NOW).run([failed])
        fire_at.append(walk.open[max(walk.open)].fire_at)
        Step(walk, [retried(4)], NOW).run([Message(Kind.TIMER_FIRED, max(walk.open))])

    first_moment = (NOW + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert fire_at == [first_moment, first_moment, first_moment, NOW.strftime("%Y-%m-%dT%H:%M:%S.%fZ")]
    assert walk.is_exhausted([retried(4)])


def test_the_pauses_between_attempts_grow_to_a_longest_one():
    """Seen on Azure's own extension: 500 ms, twice as long each time, at most 900."""
    action = retried(4)
    action["retryOptions"] |= {
        "firstRetryIntervalInMilliseconds": 500,
        "backoffCoefficient": 2,
        "maxRetryIntervalInMilliseconds": 900,
    }
    walk, pauses = Walk(), []
    Step(walk, [action], NOW).run([START])
    for _ in range(3):
        Step(walk, [action], NOW).run([Message(Kind.TASK_FAILED, max(walk.open))])
        pauses.append(moment(walk.open[max(walk.open)].fire_at) - NOW)
        Step(walk, [action], NOW).run([Message(Kind.TIMER_FIRED, max(walk.open))])

    assert [pause.total_seconds() for pause in pauses] == [0.5, 0.9, 0.9]


def test_no_attempt_is_made_after_the_time_for_all_of_them():
    action = retried(4)
    action["retryOptions"]["retryTimeoutInMilliseconds"] = 5000
    walk = Walk()
    Step(walk, [action], NOW).run([START])
    Step(walk, [action], NOW + timedelta(seconds=6)).run([Message(Kind.TASK_FAILED, 0)])

    assert moment(walk.open[1].fire_at) == NOW + timedelta(seconds=6)


def test_retry_options_without_their_basic_keys_are_refused():
    action = retried(2)
    del action["retryOptions"]["maxNumberOfAttempts"]
    walk = Walk()
    Step(walk, [action], NOW).run([START])

    with pytest.raises(Refused, match="maxNumberOfAttempts"):
        Step(walk, [action], NOW).run([Message(Kind.TASK_FAILED, 0)])


def test_a_task_any_of_nothing_is_refused():
    with pytest.raises(Refused, match=r"^The tasks argument contains no tasks\. \(Parameter 'tasks'\)$"):
        Step(Walk(), [compound(Act.ANY, [])], NOW).run([START])


def test_a_timer_beyond_six_days_is_cut_into_pieces_of_three():
    timer = {"actionType": int(Act.TIMER), "fireAt": "2026-01-08T00:00:00.000000Z"}
    walk = Walk()
    Step(walk, [timer, activity()], NOW).run([START])
    first = walk.open[0].fire_at
    Step(walk, [timer, activity()], NOW + timedelta(days=3)).run([Message(Kind.TIMER_FIRED, 0)])
    second = walk.open[1].fire_at
    Step(walk, [timer, activity()], NOW + timedelta(days=7)).run([Message(Kind.TIMER_FIRED, 1)])

    assert (first, second) == ("2026-01-04T00:00:00.000000Z", "2026-01-08T00:00:00.000000Z")
    assert [task.event_id for task in walk.scheduled] == [2]


def test_a_timer_beyond_six_days_is_refused_in_the_first_schema():
    timer = {"actionType": int(Act.TIMER), "fireAt": "2026-01-08T00:00:00.000000Z"}

    with pytest.raises(Refused, match="maximum of 6 days"):
        Step(Walk(), [timer], NOW, schema=1).run([START])


def test_what_comes_while_an_instance_is_suspended_counts_in_order_when_it_goes_on():
    actions = [compound(Act.ALL, [wait("go"), activity()]), activity("after")]
    walk = Walk()
    Step(walk, actions, NOW).run([START, Message(Kind.SUSPENDED)])
    Step(walk, actions, NOW).run([Message(Kind.EVENT_RAISED, name="go"), Message(Kind.TASK_COMPLETED, 0)])
    kept = Walk.load(walk.dump())
    held = kept.scheduled, kept.accepts(Message(Kind.TASK_COMPLETED, 0))
    Step(kept, actions, NOW).run([Message(Kind.RESUMED)])

    assert held == ([], False)
    assert [task.event_id for task in kept.scheduled] == [1]


def test_a_durable_http_call_is_asked_about_again_only_when_it_says_so():
    request = {
        "method": "POST",
        "uri": "http://a/start?x=1",
        "content": "{}",
        "headers": {"x-functions-key": "k", "b": "c"},
    }
    accepted = json.dumps({"statusCode": 202, "headers": {"Location": "/look/1", "Retry-After": "5"}, "content": ""})
    for asks in (False, True):
        action = {"actionType": int(Act.HTTP), "httpRequest": request | {"asynchronousPatternEnabled": asks}}
        walk = Walk()
        Step(walk, [action], NOW).run([START])
        Step(walk, [action], NOW).run([Message(Kind.TASK_COMPLETED, 0, text=accepted)])

        assert walk.is_exhausted([action]) is not asks
    assert walk.open[1].fire_at == "2026-01-01T00:00:05.000000Z"
    Step(walk, [action], NOW).run([Message(Kind.TIMER_FIRED, 1)])
    again = json.loads(walk.scheduled[0].input)
    assert (again["method"], again["uri"], again["headers"]) == ("GET", "http://a/look/1", {"b": "c"})
