"""Starting, stopping, suspending, restarting, rewinding and purging from outside."""

from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import pytest

from local.host.durable.app import Query
from local.host.durable.problems import (
    BadPayload,
    Gone,
    InstanceExists,
    NotEnded,
    NotFailed,
    NotFound,
    NothingToRestart,
    NothingToRewind,
    StillRuns,
    WrongState,
)


def waiter(context):
    return (yield context.wait_for_external_event("go"))


def echo(value):
    return value


def plain(context):
    return context.get_input()


def test_an_unknown_orchestrator_is_taken_and_fails_with_the_known_names(make_lab):
    status = make_lab(plain).run("nobody")

    assert status["runtimeStatus"] == "Failed"
    assert status["output"] == (
        "Orchestrator function 'nobody' failed: The function 'nobody' doesn't exist, is disabled, or is not an "
        "orchestrator function. Additional info: The following are the known orchestrator functions: 'plain'"
    )


@pytest.mark.parametrize("odd", ["a/b", "a\\b", "a#b", "a?b", "a\nb", "a\x85b", "ä b:c"])
def test_an_odd_id_is_taken(make_lab, odd):
    assert make_lab(plain).run("plain", 1, instance_id=odd)["output"] == 1


def test_an_orchestration_under_an_entitys_id_never_runs(make_lab):
    lab = make_lab(plain)
    lab.create("plain", instance_id="@x")
    lab.until(lambda: lab.is_idle)

    assert lab.status("@x")["runtimeStatus"] == "Pending"


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


def test_a_suspended_instance_keeps_what_comes_and_goes_on_when_it_is_resumed(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")
    lab.until_waiting(made)
    lab.do(lab.engine.suspend(made, "lunch"))
    lab.send(made, "go", 3)
    lab.until_waiting(made)
    held = lab.status(made)
    lab.do(lab.engine.resume(made, "back"))

    assert (held["runtimeStatus"], held["output"]) == ("Suspended", "lunch")
    assert lab.end(made)["output"] == 3
    assert [row for row in lab.rows(made) if row not in "()"] == ["ES", "SU", "ER", "RE", "EC"]


def test_why_it_was_resumed_stands_in_the_output_until_there_is_one(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")
    lab.until_waiting(made)
    lab.do(lab.engine.suspend(made, "lunch"))
    lab.until_status(made, "Suspended")
    lab.do(lab.engine.resume(made, "back"))

    assert lab.until_status(made, "Running")["output"] == "back"


def test_the_code_of_a_suspended_instance_runs_and_its_status_is_written_but_its_actions_wait(make_lab):
    def flow(context):
        context.set_custom_status("waits")
        yield context.wait_for_external_event("go")
        context.set_custom_status("went on")
        return (yield context.call_activity("echo", 1))

    lab = make_lab(flow, echo)
    made = lab.create("flow")
    lab.until_waiting(made)
    lab.do(lab.engine.suspend(made, None))
    lab.send(made, "go")
    held = lab.until(lambda: lab.status(made)["customStatus"] == "went on" and lab.status(made))
    rows = lab.rows(made)
    lab.do(lab.engine.resume(made, None))

    assert (held["runtimeStatus"], held["output"]) == ("Suspended", None)
    assert not [row for row in rows if row.startswith("TS")]
    assert lab.end(made)["output"] == 1


def test_suspending_twice_or_resuming_a_running_instance_is_refused(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")
    lab.until_waiting(made)
    with pytest.raises(
        WrongState, match=f"^Cannot resume the orchestration instance {made} because instance is in the Run"
    ):
        lab.do(lab.engine.resume(made, ""))
    lab.do(lab.engine.suspend(made, ""))
    lab.until_status(made, "Suspended")
    with pytest.raises(WrongState, match="because instance is in the Suspended state"):
        lab.do(lab.engine.suspend(made, ""))


def test_a_suspended_instance_can_be_terminated(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")
    lab.do(lab.engine.suspend(made, ""))
    lab.do(lab.engine.terminate(made, "enough"))

    assert lab.end(made)["output"] == "enough"
    lab.until(lambda: lab.is_idle)


def test_a_terminated_instance_ends_with_its_next_turn_and_its_history_says_why(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")
    lab.until_waiting(made)
    lab.do(lab.engine.terminate(made, "enough"))
    lab.end(made)
    ended = lab.events(made)[-2:]

    assert [row for row in lab.rows(made) if row not in "()"] == ["ES", "ET", "EC"]
    assert [event.get("Input") or event["Result"] for event in ended] == ["enough", "enough"]
    assert ended[1]["OrchestrationStatus"] == "Terminated"


def test_terminated_without_a_reason_the_output_is_null(make_lab):
    lab = make_lab(waiter)
    made = lab.create("waiter")
    lab.do(lab.engine.terminate(made, None))

    assert lab.end(made)["output"] is None


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

    with pytest.raises(StillRuns):
        lab.do(lab.engine.restart(made, new_instance_id=False))
    with pytest.raises(NothingToRestart):
        lab.do(lab.engine.restart("nobody", new_instance_id=True))


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

    with pytest.raises(NotFailed, match="has status Completed, but only"):
        lab.do(lab.engine.rewind(ended, ""))
    with pytest.raises(NotFailed):
        lab.do(lab.engine.rewind(running, ""))
    with pytest.raises(NothingToRewind, match=r'"\$nobody" found'):
        lab.do(lab.engine.rewind("nobody", ""))


def test_a_rewound_history_says_what_was_taken_out_and_gives_the_same_id_again(make_lab):
    def flow(context):
        first = yield context.call_activity("shaky", 0)
        return [first, (yield context.call_activity("shaky", 1))]

    switch = Switch()
    lab = make_lab(flow, switch.activity())
    made = lab.create("flow")
    lab.end(made)
    switch.broken = False
    lab.do(lab.engine.rewind(made, "mended"))

    assert lab.end(made)["output"] == [0, 1]
    taken_out = ["(", "ES", "TS0", ")", "(", "TC@0", "GE", ")", "(", "GE", "GE", ")"]
    assert lab.rows(made) == [*taken_out, "(", "GE", "TS1", ")", "(", "TC@1", "EC", ")"]
    assert [event["Data"] for event in lab.events(made) if event["EventType"] == "GenericEvent"] == [None] * 3 + [
        "mended"
    ]


def test_an_instance_that_failed_after_a_retry_cannot_be_rewound(make_lab):
    """Seen on Azure's own extension: the retry timers stay in the history."""

    def flow(context):
        yield context.call_activity_with_retry("shaky", df.RetryOptions(1000, 2), 1)

    switch = Switch()
    lab = make_lab(flow, switch.activity())
    made = lab.create("flow")
    lab.end(made)
    switch.broken = False
    lab.do(lab.engine.rewind(made, "mended"))
    lab.until(lambda: lab.is_idle)

    assert lab.status(made)["output"].startswith(
        "Non-Deterministic workflow detected: A previous execution of this orchestration scheduled a timer task with "
        "sequence number 1"
    )


def test_an_instance_that_failed_by_its_own_code_runs_again(make_lab):
    broken = [True]

    def flow(context):
        found = yield context.call_activity("echo", 1)
        if broken[0]:
            raise ValueError("not yet")
        return found

    lab = make_lab(flow, echo)
    made = lab.create("flow")
    lab.end(made)
    broken[0] = False
    lab.do(lab.engine.rewind(made, "mended"))

    assert lab.until_status(made, "Completed")["output"] == 1


def test_purge_by_id_deletes_ended_instances_only(make_lab):
    lab = make_lab(plain, waiter)
    ended, running = lab.create("plain"), lab.create("waiter")
    lab.end(ended)
    lab.until_waiting(running)

    with pytest.raises(NotEnded, match=f"with instance ID {running} has status Running$"):
        lab.do(lab.engine.purge(running))
    assert lab.do(lab.engine.purge(ended)) == 1
    assert lab.do(lab.engine.purge(ended)) == 0
    assert lab.status(ended) is None


def test_purge_by_time_takes_what_runs_unless_it_names_how_instances_end(make_lab):
    """Seen on Azure's own extension: a purge by time asks nobody."""
    lab = make_lab(plain, waiter)
    for number in range(3):
        lab.run("plain", instance_id=f"p{number}")
    lab.create("waiter", instance_id="runs")
    since = datetime(2025, 1, 1, tzinfo=UTC)

    assert lab.do(lab.engine.purge_by(Query(frozenset({"Failed", "Completed"}), since))) == 3
    assert lab.status("runs") is not None
    assert lab.do(lab.engine.purge_by(Query(created_from=since))) == 1
    assert lab.status("runs") is None
    with pytest.raises(NotFound):
        lab.send("runs", "go")
    lab.until(lambda: lab.is_idle)
