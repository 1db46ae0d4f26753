"""Starting, stopping, suspending, restarting, rewinding and purging from outside."""

from datetime import timedelta

import pytest

from local.host.durable.app import Query
from local.host.durable.problems import (
    BadInstanceId,
    BadPayload,
    Gone,
    InstanceExists,
    NotFound,
    UnknownFunction,
    WrongState,
)


def waiter(context):
    return (yield context.wait_for_external_event("go"))


def plain(context):
    return context.get_input()


def test_an_unknown_orchestrator_is_refused_with_the_known_names(make_lab):
    with pytest.raises(UnknownFunction, match="'plain'"):
        make_lab(plain).create("nobody")


@pytest.mark.parametrize("bad", ["@x", "a/b", "a\\b", "a#b", "a?b", "a\nb", "a\x85b"])
def test_an_id_that_azure_refuses_is_refused(make_lab, bad):
    with pytest.raises(BadInstanceId):
        make_lab(plain).create("plain", instance_id=bad)


def test_a_running_instance_is_never_replaced(make_lab):
    lab = make_lab(waiter)
    lab.create("waiter", instance_id="one")

    with pytest.raises(InstanceExists):
        lab.create("waiter", instance_id="one")


def test_an_instance_that_has_ended_is_replaced_by_a_new_one_of_its_id(make_lab):
    lab = make_lab(plain)
    lab.run("plain", 1, instance_id="one")

    assert lab.run("plain", 2, instance_id="one")["output"] == 2


def test_an_input_that_is_not_json_is_refused(make_lab):
    lab = make_lab(plain)

    with pytest.raises(BadPayload):
        lab.do(lab.engine.create("plain", "{oops"))


def test_an_event_for_an_ended_instance_is_gone_and_for_none_is_not_found(make_lab):
    lab = make_lab(plain)
    made = lab.create("plain")
    lab.end(made)

    with pytest.raises(Gone):
        lab.send(made, "go")
    with pytest.raises(NotFound):
        lab.send("nobody", "go")


def test_a_raw_object_arrives_as_an_object(make_lab):
    lab = make_lab(plain)
    made = lab.do(lab.engine.create("plain", '{"a": [1]}'))

    assert lab.end(made)["output"] == {"a": [1]}
    assert lab.status(made)["input"] == {"a": [1]}


def test_a_suspended_instance_keeps_its_messages_and_takes_no_turn(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")
    lab.until_waiting(made)
    lab.do(lab.engine.suspend(made, "lunch"))
    lab.send(made, "go", 3)
    lab.until_waiting(made)
    held = lab.status(made)["runtimeStatus"]
    lab.do(lab.engine.resume(made, "back"))

    assert held == "Suspended"
    assert lab.end(made)["output"] == 3
    assert [row for row in lab.rows(made) if row not in "()"] == ["ES", "SU", "ER", "RE", "EC"]


def test_suspending_twice_or_resuming_a_running_instance_is_refused(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")
    with pytest.raises(WrongState):
        lab.do(lab.engine.resume(made, ""))
    lab.do(lab.engine.suspend(made, ""))
    with pytest.raises(WrongState):
        lab.do(lab.engine.suspend(made, ""))


def test_a_suspended_instance_can_be_terminated(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")
    lab.do(lab.engine.suspend(made, ""))
    lab.do(lab.engine.terminate(made, "enough"))

    assert lab.status(made)["runtimeStatus"] == "Terminated"
    lab.until(lambda: lab.is_idle)


def test_the_clock_skips_while_an_instance_is_suspended(make_lab):
    def sleeper(context):
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))

    lab = make_lab(waiter, sleeper)
    held = lab.create("waiter")
    lab.do(lab.engine.suspend(held, ""))
    lab.send(held, "go")

    assert lab.run("sleeper")["runtimeStatus"] == "Completed"


def test_restart_makes_a_new_instance_of_the_stored_input(make_lab):
    lab = make_lab(plain)
    first = lab.create("plain", {"n": 1})
    lab.end(first)
    second = lab.do(lab.engine.restart(first, new_instance_id=True))
    lab.end(second)
    again = lab.do(lab.engine.restart(first, new_instance_id=False))

    assert second != first == again
    assert lab.end(second)["output"] == lab.end(again)["output"] == {"n": 1}


def test_restarting_a_running_instance_under_its_id_is_refused(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")

    with pytest.raises(InstanceExists):
        lab.do(lab.engine.restart(made, new_instance_id=False))


class Switch:
    def __init__(self):
        self.broken = True
        self.runs = []

    def activity(self):
        def shaky(value):
            self.runs.append(value)
            if self.broken and value == 1:
                raise ValueError("not yet")
            return value

        return shaky


def test_rewind_runs_only_the_failed_part_again_and_keeps_its_id(make_lab):
    def fan(context):
        return (yield context.task_all([context.call_activity("shaky", number) for number in range(3)]))

    switch = Switch()
    lab = make_lab(fan, switch.activity())
    made = lab.create("fan")
    failed = lab.end(made)["runtimeStatus"]
    switch.broken = False
    lab.do(lab.engine.rewind(made, "mended"))

    assert failed == "Failed"
    assert lab.end(made)["output"] == [0, 1, 2]
    assert sorted(switch.runs) == [0, 1, 1, 2]


def test_rewind_reaches_failed_children(make_lab):
    def child(context):
        return (yield context.call_activity("shaky", 1))

    def parent(context):
        first = yield context.call_activity("shaky", 0)
        return [first, (yield context.call_sub_orchestrator("child", None, "c1"))]

    switch = Switch()
    lab = make_lab(parent, child, switch.activity())
    made = lab.create("parent")
    lab.end(made)
    switch.broken = False
    lab.do(lab.engine.rewind(made, "mended"))

    assert lab.end(made)["output"] == [0, 1]
    assert lab.end("c1")["output"] == 1


def test_rewind_gives_a_spent_retry_one_more_attempt(make_lab):
    import azure.durable_functions as df  # noqa: PLC0415 - only here

    def flow(context):
        return (yield context.call_activity_with_retry("shaky", df.RetryOptions(1_000, 2), 1))

    switch = Switch()
    lab = make_lab(flow, switch.activity())
    made = lab.create("flow")
    lab.end(made)
    switch.broken = False
    lab.do(lab.engine.rewind(made, "mended"))

    assert lab.end(made)["output"] == 1
    assert switch.runs == [1, 1, 1]


def test_a_rewound_instance_goes_on_after_a_restart_of_the_host(make_lab):
    def flow(context):
        found = yield context.call_activity("shaky", 1)
        return [found, (yield context.wait_for_external_event("go"))]

    switch = Switch()
    lab = make_lab(flow, switch.activity())
    made = lab.create("flow")
    lab.end(made)
    switch.broken = False
    lab.do(lab.engine.rewind(made, "mended"))
    lab = make_lab(flow, switch.activity())
    lab.send(made, "go", 2)

    assert lab.end(made)["output"] == [1, 2]


def test_only_failed_instances_can_be_rewound(make_lab):
    lab = make_lab(plain, waiter)
    ended, running = lab.create("plain"), lab.create("waiter")
    lab.end(ended)

    with pytest.raises(Gone):
        lab.do(lab.engine.rewind(ended, ""))
    with pytest.raises(WrongState):
        lab.do(lab.engine.rewind(running, ""))
    with pytest.raises(NotFound):
        lab.do(lab.engine.rewind("nobody", ""))


def test_purge_deletes_ended_instances_only(make_lab):
    lab = make_lab(plain, waiter)
    ended, running = lab.create("plain"), lab.create("waiter")
    lab.end(ended)

    assert lab.do(lab.engine.purge(running)) == 0
    assert lab.do(lab.engine.purge(ended)) == 1
    assert lab.do(lab.engine.purge(ended)) == 0
    assert lab.status(ended) is None


def test_purge_by_filter_leaves_what_runs(make_lab):
    lab = make_lab(plain, waiter)
    for number in range(3):
        lab.run("plain", instance_id=f"p{number}")
    lab.create("waiter", instance_id="p3")

    assert lab.do(lab.engine.purge_by(Query(prefix="p"))) == 3
    assert lab.status("p3") is not None
