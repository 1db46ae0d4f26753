"""Versions that this host may run, and code that changed under a running instance."""

from datetime import timedelta

import pytest

from local.host.durable.app import DurableSettings
from local.host.durable.versions import compare, mismatch


def echo(value):
    return value


def versioned(context):
    yield context.wait_for_external_event("go")
    return context.version


def parent(context):
    own = yield context.call_sub_orchestrator("inner")
    given = yield context.call_sub_orchestrator("inner", None, None, "1.5")
    return [context.version, own, given]


def inner(context):
    return context.version


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        (None, None, 0),
        ("", None, 0),
        (None, "1.0", -1),
        ("1.10", "1.9", 1),
        ("1.0", "1.0.0", -1),
        ("a", "B", -1),
        ("2", "10", 1),
        ("1.0", "1.0", 0),
    ],
)
def test_versions_are_ordered_as_durable_task_does(left, right, order):
    assert compare(left, right) == order
    assert compare(right, left) == -order


@pytest.mark.parametrize(
    ("strategy", "version", "fits"),
    [
        ("None", "9.0", True),
        ("Strict", "2.0", True),
        ("Strict", "1.0", False),
        ("CurrentOrOlder", "1.0", True),
        ("CurrentOrOlder", None, True),
        ("CurrentOrOlder", "2.1", False),
    ],
)
def test_a_strategy_says_which_versions_fit(strategy, version, fits):
    settings = DurableSettings(default_version="2.0", version_match=strategy)

    assert mismatch(version, settings) is not fits


def test_new_instances_and_children_get_the_default_version_unless_told(make_lab):
    lab = make_lab(parent, inner, default_version="2.0")

    assert lab.output("parent") == ["2.0", "2.0", "1.5"]


def test_an_instance_keeps_the_version_it_began_with(make_lab):
    made = make_lab(versioned, default_version="1.0").create("versioned")
    lab = make_lab(versioned, default_version="2.0")
    lab.send(made, "go")

    assert lab.end(made)["output"] == "1.0"


def test_a_newer_instance_is_rejected_and_waits_for_a_newer_host(make_lab):
    lab = make_lab(versioned, default_version="2.0")
    made = lab.create("versioned")
    lab.until_waiting(made)
    older = make_lab(versioned, default_version="1.0")
    older.send(made, "go")
    older.until_waiting(made)
    kept = older.status(made)["runtimeStatus"]
    pause = older.next_due - older.clock.now()
    newer = make_lab(versioned, default_version="2.0")

    assert kept == "Running"
    assert timedelta() < pause <= timedelta(minutes=10)
    assert newer.end(made)["output"] == "2.0"


def test_an_instance_that_was_rejected_before_its_first_turn_can_be_terminated(make_lab):
    lab = make_lab(versioned, default_version="1.0")
    lab.clock.hold()
    made = lab.create("versioned", version="2.0")
    lab.until(lambda: lab.next_due)
    lab.do(lab.engine.terminate(made, "not here"))
    status = lab.end(made)

    assert (status["runtimeStatus"], status["output"]) == ("Terminated", "not here")
    assert lab.events(made) == []
    assert lab.next_due is None
    assert lab.is_idle


def test_a_mismatch_can_fail_the_instance(make_lab):
    lab = make_lab(versioned, default_version="2.0")
    made = lab.create("versioned")
    lab.until_waiting(made)
    older = make_lab(versioned, default_version="1.0", version_failure="Fail")
    older.send(made, "go")
    status = older.end(made)

    assert status["runtimeStatus"] == "Failed"
    assert status["output"] == "VersionMismatch: Orchestration version did not comply with Worker Versioning"


def other(value):
    return value


def changed_to(body):
    """Return an orchestrator named `flow` with another body."""

    def flow(context):
        return (yield from body(context))

    return flow


def first_echo(context):
    yield context.call_activity("echo", 1)
    yield context.wait_for_external_event("go")
    return "done"


def first_other(context):
    yield context.call_activity("other", 1)
    yield context.wait_for_external_event("go")
    return "done"


def fewer(context):
    return "nothing at all"
    yield context


def first_timer(context):
    yield context.create_timer(context.current_utc_datetime)
    yield context.wait_for_external_event("go")


def wider(context):
    yield context.task_all([context.call_activity("echo", 1), context.call_activity("other", 1)])
    yield context.wait_for_external_event("go")


BEFORE = (
    "Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task with "
)
CHANGED = "Was a change made to the orchestrator code after this instance had already started running?"


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (
            first_other,
            (
                f"{BEFORE}sequence number 0 named 'echo', but the current orchestration replay instead scheduled an activity "
                f"task named 'other' with this sequence number.  {CHANGED}"
            ),
        ),
        (
            fewer,
            (
                f"{BEFORE}sequence ID 0 and name 'echo' (version ''), but the current replay execution hasn't (yet?) "
                f"scheduled this task. {CHANGED}"
            ),
        ),
        (
            wider,
            (
                "Non-Deterministic workflow detected: action 0 was activity 'echo' and is now task_all(activity 'echo', "
                "activity 'other'). Azure would not notice it, or later. An orchestrator must ask for the same actions in the "
                f"same order on every replay. {CHANGED}"
            ),
        ),
        (
            first_timer,
            (
                f"{BEFORE}sequence number 0 named 'echo' (version ''), but the current orchestration replay instead produced "
                f"a CreateTimerOrchestratorAction action with this sequence number. {CHANGED}"
            ),
        ),
    ],
)
@pytest.mark.parametrize("reopen", [True, False])
def test_changed_code_fails_the_instance_in_azures_words_where_azure_would_notice(make_lab, after, words, reopen):
    code = [first_echo]

    def flow(context):
        return (yield from code[0](context))

    lab = make_lab(flow, echo, other)
    made = lab.create("flow")
    lab.until_waiting(made)
    code[0] = after
    if reopen:
        lab = make_lab(flow, echo, other)
    lab.send(made, "go")
    status = lab.end(made)

    assert (status["runtimeStatus"], status["output"]) == ("Failed", words)


def test_unchanged_code_goes_on_after_a_restart_of_the_host(make_lab):
    flow = changed_to(first_echo)
    made = make_lab(flow, echo, other).create("flow")
    lab = make_lab(flow, echo, other)
    lab.send(made, "go")

    assert lab.end(made)["output"] == "done"


def test_an_orchestrator_removed_from_the_app_fails_its_instances(make_lab):
    flow = changed_to(first_echo)
    lab = make_lab(flow, echo)
    made = lab.create("flow")
    lab.until_waiting(made)
    lab = make_lab(echo)
    lab.send(made, "go")

    assert "The function 'flow' doesn't exist" in lab.end(made)["output"]
