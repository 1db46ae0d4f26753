"""Sub-orchestrations and continue_as_new."""

from datetime import timedelta

import azure.durable_functions as df
import pytest

from local.host.durable.problems import NotFound

HOUR = timedelta(hours=1)


def echo(value):
    return value


def child(context):
    given = context.get_input()
    if given == "fail":
        raise ValueError("the child broke")
    if given == "wait":
        return (yield context.wait_for_external_event("go"))
    return [given, context.instance_id, context.parent_instance_id]
    yield


def test_a_child_gets_an_id_made_of_the_parents_execution_and_its_own_event_id(make_lab):
    def parent(context):
        yield context.call_activity("echo", 1)
        return (yield context.call_sub_orchestrator("child", {"a": 1}))

    lab = make_lab(parent, child, echo)
    made = lab.create("parent", instance_id="p1")
    given, own, above = lab.end(made)["output"]
    execution, _, number = own.partition(":")

    assert (given, above, number) == ({"a": 1}, "p1", "1")
    assert len(execution) == 36  # a client's start has hyphens
    assert lab.status(own)["input"] == '{"a": 1}'


def test_a_childs_failure_reaches_the_parent_as_text(make_lab):
    def parent(context):
        try:
            yield context.call_sub_orchestrator("child", "fail")
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower
            return str(error)

    reason = make_lab(parent, child).output("parent")

    assert reason.startswith(
        "Orchestrator function 'child' failed: the child broke \n Message: the child broke, StackTrace:"
    )


def test_a_terminated_child_fails_in_its_parent_with_the_reason(make_lab):
    def parent(context):
        try:
            yield context.call_sub_orchestrator("child", "wait", "c1")
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower
            return str(error)

    lab = make_lab(parent, child)
    made = lab.create("parent")
    lab.until(lambda: lab.status("c1"))
    lab.do(lab.engine.terminate("c1", "enough"))

    assert lab.end(made)["output"] == "enough \n None"


def test_terminating_a_parent_does_not_reach_its_children(make_lab):
    def parent(context):
        yield context.call_sub_orchestrator("child", "wait", "c1")

    lab = make_lab(parent, child)
    made = lab.create("parent")
    lab.until_status("c1", "Running")
    lab.do(lab.engine.terminate(made, "stop"))
    lab.send("c1", "go", 5)

    assert lab.end("c1")["output"] == 5
    assert lab.status(made)["runtimeStatus"] == "Terminated"
    assert lab.status(made)["output"] == "stop"


def test_a_child_is_tried_again_under_a_new_id_each_time(make_lab):
    def parent(context):
        try:
            yield context.call_sub_orchestrator_with_retry("child", df.RetryOptions(1_000, 2), "fail")
        except Exception:  # noqa: BLE001 - the SDK raises nothing narrower
            return "gave up"

    lab = make_lab(parent, child)
    made = lab.create("parent")

    assert lab.end(made)["output"] == "gave up"
    ids = [event["InstanceId"] for event in lab.events(made) if event["EventType"] == "SubOrchestrationInstanceFailed"]
    assert [each.rpartition(":")[2] for each in ids] == ["0", "2"]


def test_a_child_with_a_given_id_is_tried_again_under_it(make_lab):
    def parent(context):
        try:
            yield context.call_sub_orchestrator_with_retry("child", df.RetryOptions(1_000, 2), "fail", "c1")
        except Exception:  # noqa: BLE001 - the SDK raises nothing narrower
            return "gave up"

    lab = make_lab(parent, child)

    assert lab.output("parent") == "gave up"
    assert lab.status("c1")["runtimeStatus"] == "Failed"


def test_a_child_under_the_id_of_a_running_instance_replaces_it(make_lab):
    """Seen on Azure's own extension: silently; whoever waits for the other one waits for ever."""

    def parent(context):
        return (yield context.call_sub_orchestrator("child", context.get_input(), "taken"))

    lab = make_lab(parent, child)
    first = lab.create("parent", "wait")
    lab.until_status("taken", "Running")
    second = lab.create("parent", 1)

    assert lab.end(second)["output"] == [1, "taken", second]
    assert lab.status(first)["runtimeStatus"] == "Running"
    lab.until(lambda: lab.is_idle)


def test_a_child_is_found_from_its_first_turn_on(make_lab):
    def parent(context):
        yield context.call_sub_orchestrator("child", 1, "c1", "9.0")

    lab = make_lab(parent, child, default_version="1.0")
    lab.create("parent")
    lab.until(lambda: lab.next_due)  # the child is of a version that this host must not run

    assert lab.status("c1") is None
    with pytest.raises(NotFound):
        lab.send("c1", "go")


def test_a_child_that_was_terminated_without_a_reason_fails_with_none(make_lab):
    def parent(context):
        try:
            yield context.call_sub_orchestrator("child", "wait", "c1")
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower
            return str(error)

    lab = make_lab(parent, child)
    made = lab.create("parent")
    lab.until_status("c1", "Running")
    lab.do(lab.engine.terminate("c1", None))

    assert lab.end(made)["output"] == "None \n None"


def test_an_unknown_sub_orchestrator_fails_the_parent(make_lab):
    def parent(context):
        yield context.call_sub_orchestrator("nobody", 1)

    assert "'nobody' doesn't exist" in make_lab(parent).run("parent")["output"]


def test_a_forgotten_child_keeps_its_parent_running(make_lab):
    def parent(context):
        first = context.call_activity("echo", 1)
        yield context.task_any([first, context.call_sub_orchestrator("child", "wait", "c1")])
        return "done"

    lab = make_lab(parent, child, echo)
    made = lab.create("parent")
    lab.until_status("c1", "Running")
    lab.until_waiting(made)
    held = lab.status(made)["runtimeStatus"]
    lab.send("c1", "go")

    assert held == "Running"
    assert lab.end(made)["output"] == "done"


def test_continue_as_new_begins_an_empty_history_with_the_new_input(make_lab):
    def again(context):
        count = context.get_input()
        yield context.call_activity("echo", count)
        if count < 3:
            context.continue_as_new(count + 1)
            return None
        return count

    lab = make_lab(again, echo)
    made = lab.create("again", 0)

    assert lab.end(made)["output"] == 3
    assert lab.rows(made) == ["(", "ES", "TS0", ")", "(", "TC@0", "EC", ")"]
    assert lab.events(made)[0]["Generation"] is None
    assert lab.status(made)["input"] == "3"


def test_continue_as_new_drops_events_nobody_waited_for(make_lab):
    def again(context):
        if context.get_input() == 0:
            yield context.wait_for_external_event("go")
            context.continue_as_new(1)
            return None
        timer = context.create_timer(context.current_utc_datetime + HOUR)
        kept = context.wait_for_external_event("kept")
        first = yield context.task_any([kept, timer])
        if first == kept:
            timer.cancel()
        return "kept" if first == kept else "dropped"

    lab = make_lab(again)
    made = lab.create("again", 0)
    lab.until_waiting(made)
    lab.send(made, "kept")
    lab.until_waiting(made)
    lab.send(made, "go")

    assert lab.end(made)["output"] == "dropped"


def test_continue_as_new_carries_events_that_came_after_the_call_in_the_same_batch(make_lab):
    def again(context):
        if context.get_input() == 0:
            yield context.wait_for_external_event("go")
            context.continue_as_new(1)
            return None
        return (yield context.wait_for_external_event("kept"))

    lab = make_lab(again)
    made = lab.create("again", 0)
    lab.until_waiting(made)
    lab.do(lab.engine.suspend(made, ""))
    lab.send(made, "dropped", 1)
    lab.send(made, "go")
    lab.send(made, "kept", 2)
    lab.do(lab.engine.resume(made, ""))

    assert lab.end(made)["output"] == 2
    assert lab.rows(made).count("ER") == 1


def test_continue_as_new_waits_for_open_tasks(make_lab):
    def again(context):
        if context.get_input() == 0:
            timer = context.create_timer(context.current_utc_datetime + HOUR)
            yield context.task_any([context.call_activity("echo", 1), timer])
            context.continue_as_new(1)
            return None
        return context.current_utc_datetime.isoformat()

    assert make_lab(again, echo).output("again", 0) == "2026-01-01T01:00:00+00:00"


def test_continue_as_new_moves_the_time_of_creation(make_lab):
    def again(context):
        if context.get_input() == 0:
            yield context.create_timer(context.current_utc_datetime + HOUR)
            context.continue_as_new(1)
            return None
        return "done"

    assert make_lab(again).run("again", 0)["createdTime"] == "2026-01-01T01:00:00Z"


def test_a_child_that_continues_as_new_still_answers_its_parent(make_lab):
    def counter(context):
        if context.get_input() < 3:
            context.continue_as_new(context.get_input() + 1)
            return None
        return [context.get_input(), context.parent_instance_id]

    def parent(context):
        return (yield context.call_sub_orchestrator("counter", 0))

    lab = make_lab(parent, counter)
    made = lab.create("parent")

    assert lab.end(made)["output"] == [3, made]


def test_custom_status_survives_continue_as_new(make_lab):
    def again(context):
        if context.get_input() == 0:
            context.set_custom_status({"step": 1})
            yield context.call_activity("echo", 1)
            context.continue_as_new(1)
            return None
        return "done"

    assert make_lab(again, echo).run("again", 0)["customStatus"] == {"step": 1}
