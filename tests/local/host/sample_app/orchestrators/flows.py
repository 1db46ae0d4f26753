"""The orchestrators of the sample app."""

import json
from datetime import timedelta

import azure.durable_functions as df

bp = df.Blueprint()


def decoded(value: object) -> object:
    """An event's payload and a start's input come as JSON text or decoded."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


@bp.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext):
    """One activity after another."""
    given = decoded(context.get_input()) or ["a", "b", "c"]
    names = given["names"] if isinstance(given, dict) else given
    found = []
    for name in names:
        found.append((yield context.call_activity("say", name)))
    return found


@bp.orchestration_trigger(context_name="context")
def fan_out(context: df.DurableOrchestrationContext):
    """Many at a time, sync and async."""
    count = decoded(context.get_input())["count"]
    tasks = [context.call_activity("shout" if n % 2 else "say", f"n{n}") for n in range(count)]
    return (yield context.task_all(tasks))


@bp.orchestration_trigger(context_name="context")
def parent(context: df.DurableOrchestrationContext):
    """Two children, one of them unnamed."""
    first = context.call_sub_orchestrator("chain", ["x"], f"{context.instance_id}-child")
    second = context.call_sub_orchestrator("chain", ["y"])
    return (yield context.task_all([first, second]))


@bp.orchestration_trigger(context_name="context")
def approval(context: df.DurableOrchestrationContext):
    """An event against a timer; the loser is cancelled."""
    given = decoded(context.get_input()) or {}
    deadline = context.current_utc_datetime + timedelta(seconds=given.get("seconds", 3600))
    timer = context.create_timer(deadline)
    event = context.wait_for_external_event("approved")
    context.set_custom_status({"waiting": "approved"})
    winner = yield context.task_any([event, timer])
    if winner == timer:
        return "timed out"
    timer.cancel()
    return {"approved": decoded(event.result)}


@bp.orchestration_trigger(context_name="context")
def nested(context: df.DurableOrchestrationContext):
    """A race between two groups."""
    slow = context.create_timer(context.current_utc_datetime + timedelta(hours=5))
    group = context.task_all([context.call_activity("say", "a"), context.call_activity("say", "b")])
    winner = yield context.task_any([group, slow])
    slow.cancel()
    return winner.result


@bp.orchestration_trigger(context_name="context")
def retried(context: df.DurableOrchestrationContext):
    """An activity that fails twice."""
    options = df.RetryOptions(first_retry_interval_in_milliseconds=50, max_number_of_attempts=5)
    return (yield context.call_activity_with_retry("flaky", options, context.instance_id))


@bp.orchestration_trigger(context_name="context")
def failing(context: df.DurableOrchestrationContext):
    """Let a failure through."""
    return (yield context.call_activity("boom", "on purpose"))


@bp.orchestration_trigger(context_name="context")
def catching(context: df.DurableOrchestrationContext):
    """A failure arrives as text only."""
    try:
        yield context.call_activity("boom", "on purpose")
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@bp.orchestration_trigger(context_name="context")
def counter(context: df.DurableOrchestrationContext):
    """Start over until the count is reached."""
    state = decoded(context.get_input())
    yield context.call_activity("say", str(state["at"]))
    if state["at"] < state["to"]:
        context.continue_as_new({"at": state["at"] + 1, "to": state["to"]})
        return None
    return state


@bp.orchestration_trigger(context_name="context")
def sleeper(context: df.DurableOrchestrationContext):
    """Sleep from day to day, then say how long it took."""
    began = context.current_utc_datetime
    for _ in range(decoded(context.get_input())["days"]):
        yield context.create_timer(context.current_utc_datetime + timedelta(days=1))
    return (context.current_utc_datetime - began).total_seconds()


@bp.orchestration_trigger(context_name="context")
def versioned(context: df.DurableOrchestrationContext):
    """Tell the version it began with."""
    yield context.call_activity("say", "version")
    return context.version


@bp.orchestration_trigger(context_name="context")
def too_much_status(context: df.DurableOrchestrationContext):
    """More custom status than Azure takes."""
    context.set_custom_status("x" * 17_000)
    yield context.call_activity("say", "status")
    return "never seen"


@bp.orchestration_trigger(context_name="context")
def calls_unknown(context: df.DurableOrchestrationContext):
    """An activity that nobody wrote."""
    return (yield context.call_activity("nobody_wrote_this", None))


CHANGED = {"turns": 0}


@bp.orchestration_trigger(context_name="context")
def changes_its_mind(context: df.DurableOrchestrationContext):
    """Not deterministic: the first step is another one in the second turn."""
    CHANGED["turns"] += 1
    yield context.call_activity("say" if CHANGED["turns"] % 2 else "shout", "x")
    return "never seen"


@bp.orchestration_trigger(context_name="context")
def rings_itself(context: df.DurableOrchestrationContext):
    """An activity with a client raises an event to its own instance."""
    bell = context.wait_for_external_event("bell")
    message = {"to": context.instance_id, "event": "bell", "payload": {"rung": True}}
    yield context.call_activity("announce", message)
    return decoded((yield bell))


@bp.orchestration_trigger(context_name="context")
def work(context: df.DurableOrchestrationContext):
    """What the kill tests run: a chain, a fan-out, children, timers and an event, all journaled."""
    run = decoded(context.get_input())["run"]
    for n in range(4):
        yield context.call_activity("journal", {"run": run, "key": f"chain-{n}", "seconds": 0.01})
    tasks = [context.call_activity("journal", {"run": run, "key": f"fan-{n}", "seconds": 0.01}) for n in range(6)]
    fanned = yield context.task_all(tasks)
    yield context.create_timer(context.current_utc_datetime + timedelta(milliseconds=50))
    children = [
        context.call_sub_orchestrator("work_child", {"run": run, "n": n}, f"{context.instance_id}-c{n}")
        for n in range(2)
    ]
    done = yield context.task_all(children)
    message = decoded((yield context.wait_for_external_event("go")))
    return {"fanned": len(fanned), "children": done, "told": message}


@bp.orchestration_trigger(context_name="context")
def work_child(context: df.DurableOrchestrationContext):
    """A child of `work`."""
    given = decoded(context.get_input())
    for step in range(3):
        yield context.call_activity("journal", {"run": given["run"], "key": f"child-{given['n']}-{step}"})
    return given["n"]


@bp.orchestration_trigger(context_name="context")
def contexts(context: df.DurableOrchestrationContext):
    """An activity that asks for the invocation context."""
    return (yield context.call_activity("who_am_i", None))


@bp.orchestration_trigger(context_name="context")
def echoes(context: df.DurableOrchestrationContext):
    """Values as they come back from an activity."""
    found = []
    for value in (None, "text", '{"a": 1}', {"a": [1]}, [1, 2], 7, 1.5, True, ""):
        found.append((yield context.call_activity("echo", value)))
    return found
