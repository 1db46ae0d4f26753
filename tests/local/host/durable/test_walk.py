"""The walk by itself: what may come in any order must lead to the same place."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from local.host.durable.actions import Act
from local.host.durable.events import Kind, Message
from local.host.durable.walk import Walk

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
    lambda inner: st.builds(compound, st.sampled_from([Act.ANY, Act.ALL]), st.lists(inner, max_size=4)),
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
    walk.run([START], actions, NOW)
    for _ in range(300):
        given_ids += [task.event_id for task in walk.scheduled]
        if walk.open:
            event_id = data.draw(st.sampled_from(sorted(walk.open)))
            message = answer_for(walk, event_id, data.draw(st.booleans()))
        elif walk.waits:
            message = Message(Kind.EVENT_RAISED, name=data.draw(st.sampled_from(sorted(walk.waits))))
        else:
            break
        walk.run([message], actions, NOW)

    assert walk.is_exhausted(actions)
    assert given_ids == list(range(walk.next_id))


@settings(deadline=None)
@given(st.lists(trees, max_size=5), st.data())
def test_a_walk_read_back_goes_on_as_the_one_in_memory(actions, data):
    walk = Walk()
    walk.run([START], actions, NOW)
    for _ in range(40):
        if not walk.open:
            break
        event_id = data.draw(st.sampled_from(sorted(walk.open)))
        message = answer_for(walk, event_id, data.draw(st.booleans()))
        other = Walk.load(walk.dump())
        walk.run([message], actions, NOW)
        other.run([message], actions, NOW)

        assert other.dump() == walk.dump()
        assert [task.event_id for task in other.scheduled] == [task.event_id for task in walk.scheduled]


@settings(deadline=None)
@given(st.integers(1, 8), st.permutations(range(8)))
def test_a_task_all_of_plain_tasks_ends_whatever_the_order(width, order):
    actions = [compound(Act.ALL, [activity() for _ in range(width)]), activity("after")]
    walk = Walk()
    walk.run([START], actions, NOW)
    completions = [Message(Kind.TASK_COMPLETED, event_id) for event_id in order if event_id < width]
    walk.run(completions, actions, NOW)

    assert [task.event_id for task in walk.scheduled] == [width]


def test_the_newest_of_two_waits_for_one_name_is_served_first():
    actions = [compound(Act.ANY, [wait("go"), activity()]), compound(Act.ALL, [wait("GO")]), activity("after")]
    walk = Walk()
    walk.run([START], actions, NOW)
    walk.run([Message(Kind.TASK_COMPLETED, 0)], actions, NOW)
    walk.run([Message(Kind.EVENT_RAISED, name="Go")], actions, NOW)

    assert [task.action["functionName"] for task in walk.scheduled] == ["after"]
    assert walk.waits == {"go": ["0.0"]}


def test_a_timer_cancelled_before_it_was_walked_takes_an_id_and_is_not_open():
    timer = {"actionType": int(Act.TIMER), "fireAt": "2026-01-01T01:00:00.000000Z", "isCanceled": True}
    walk = Walk()
    walk.run([START], [timer, activity()], NOW)

    assert [(task.event_id, task.is_cancelled) for task in walk.scheduled] == [(0, True), (1, False)]
    assert list(walk.open) == [1]


def test_a_cancel_after_the_walk_completes_the_group_and_lets_it_go_on():
    timer = {"actionType": int(Act.TIMER), "fireAt": "2026-01-01T01:00:00.000000Z", "isCanceled": False}
    walk = Walk()
    walk.run([START], [activity(), compound(Act.ALL, [timer])], NOW)
    walk.run([Message(Kind.TASK_COMPLETED, 0)], [activity(), compound(Act.ALL, [timer])], NOW)
    cancelled = [activity(), compound(Act.ALL, [timer | {"isCanceled": True}]), activity("after")]
    walk.run([Message(Kind.EVENT_RAISED, name="noise")], cancelled, NOW)

    assert walk.closed == [1]
    assert [task.event_id for task in walk.scheduled] == [2]


def test_late_and_repeated_completions_are_not_accepted():
    walk = Walk()
    walk.run([START], [activity()], NOW)
    walk.run([Message(Kind.TASK_COMPLETED, 0)], [activity()], NOW)

    assert not walk.accepts(Message(Kind.TASK_COMPLETED, 0))
    assert not walk.accepts(Message(Kind.TASK_COMPLETED, 7))


def test_the_pause_between_attempts_does_not_grow():
    walk, fire_at = Walk(), []
    walk.run([START], [retried(4)], NOW)
    for _ in range(4):
        failed = Message(Kind.TASK_FAILED, max(walk.open))
        walk.run([failed], [retried(4)], NOW)
        fire_at.append(walk.open[max(walk.open)].fire_at)
        walk.run([Message(Kind.TIMER_FIRED, max(walk.open))], [retried(4)], NOW)

    one = (NOW + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert fire_at == [one, one, one, NOW.strftime("%Y-%m-%dT%H:%M:%S.%fZ")]
    assert walk.is_exhausted([retried(4)])
