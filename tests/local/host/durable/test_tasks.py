"""Activities: one after another, many at once, nested, failing, tried again."""

import asyncio
import json
import threading
from typing import Any

import azure.durable_functions as df
import pytest

from local.host.durable.app import Activity, DurableApp, DurableSettings
from local.host.durable.engine import Engine


def double(value: Any) -> Any:
    return value * 2


def fail(value: Any) -> Any:
    raise ValueError(f"boom {value}")


def test_each_activity_gets_the_result_of_the_one_before(make_lab):
    def chain(context):
        value = context.get_input()
        for _ in range(5):
            value = yield context.call_activity("double", value)
        return value

    assert make_lab(chain, double).output("chain", 1) == 32


def test_a_fan_out_returns_results_in_the_order_of_the_calls(make_lab):
    def fan(context):
        found = yield context.task_all([context.call_activity("double", number) for number in range(200)])
        return found

    assert make_lab(fan, double).output("fan") == [number * 2 for number in range(200)]


def test_an_async_activity_runs_on_the_given_loop(make_lab):
    async def where(_: Any) -> int:
        await asyncio.sleep(0)
        return id(asyncio.get_running_loop())

    def flow(context):
        return (yield context.call_activity("where"))

    lab = make_lab(flow, where)

    assert lab.output("flow") == id(lab.loop)


@pytest.mark.parametrize("value", [None, "", "text", '{"a": 1}', {"a": [1, None]}, [], 0, 1.5, False])
def test_every_json_value_goes_to_an_activity_and_back(make_lab, value):
    def same(given: Any) -> Any:
        return given

    def flow(context):
        found = yield context.call_activity("same", context.get_input())
        return {"found": found}

    assert make_lab(flow, same).output("flow", value) == {"found": value}


def test_no_more_activities_run_at_once_than_allowed(make_lab):
    running, most, lock = 0, 0, threading.Lock()
    full = threading.Event()

    def crowd(_: Any) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == 3:
                full.set()
        assert full.wait(10)
        with lock:
            running -= 1

    def fan(context):
        yield context.task_all([context.call_activity("crowd") for _ in range(12)])

    make_lab(fan, crowd, max_activities=3).output("fan")

    assert most == 3


def test_a_failed_activity_arrives_as_text(make_lab):
    def flow(context):
        try:
            yield context.call_activity("fail", "x")
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower
            return str(error)

    text = make_lab(flow, fail).output("flow")

    reason, _, details = text.partition(" \n ")
    inner = json.loads(details)["InnerException"]
    assert reason == "Activity function 'fail' failed: ValueError: boom x"
    assert inner["RemoteMessage"] == "ValueError: boom x"
    assert "in fail" in inner["RemoteStackTrace"]
    assert (list(inner)[1:3], list(inner)[-1]) == (["RemoteMessage", "RemoteStackTrace"], "StackTrace")


def test_an_unhandled_failure_fails_the_instance_with_azures_text(make_lab):
    def flow(context):
        yield context.call_activity("fail", "x")

    status = make_lab(flow, fail).run("flow")

    assert status["runtimeStatus"] == "Failed"
    assert status["output"].startswith(
        "Orchestrator function 'flow' failed: Activity function 'fail' failed: ValueError: boom x"
    )


def test_an_async_activity_that_is_cancelled_by_what_it_waits_for_fails(make_lab):
    async def wait(_: Any) -> int:
        waits_for = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(waits_for.cancel)
        return await waits_for

    def flow(context):
        return (yield context.call_activity("wait"))

    assert make_lab(flow, wait).run("flow")["runtimeStatus"] == "Failed"


def test_an_unknown_activity_fails_the_instance_and_says_which_are_known(make_lab):
    def flow(context):
        yield context.call_activity("duoble", 1)

    status = make_lab(flow, double).run("flow")

    assert status["runtimeStatus"] == "Failed"
    assert "'duoble' doesn't exist" in status["output"]
    assert "'double'" in status["output"]


def test_activity_names_are_matched_without_case(make_lab):
    def flow(context):
        return (yield context.call_activity("DOUBLE", 4))

    assert make_lab(flow, double).output("flow") == 8


def test_a_result_that_is_not_json_fails_the_activity(tmp_path, loop):
    app = df.DFApp()

    @app.orchestration_trigger(context_name="context")
    def flow(context):
        yield context.call_activity("odd")

    handle = app.get_functions()[0].get_user_function()
    durable = DurableApp({"flow": handle}, {"odd": Activity("odd", lambda _: "{not json")})
    from local.clock import RealClock  # noqa: PLC0415 - only here

    engine = Engine(tmp_path, durable, DurableSettings(), RealClock(), loop)
    engine.start()

    async def play() -> dict[str, Any]:
        made = await engine.create("flow", None)
        while (status := await engine.status(made))["runtimeStatus"] != "Failed":  # noqa: ASYNC110 - as a client would poll
            await asyncio.sleep(0.002)
        return status

    status = asyncio.run_coroutine_threadsafe(play(), loop).result(30)
    engine.stop()

    assert "is not JSON text" in status["output"]


def test_a_result_json_cannot_hold_fails_the_orchestration(make_lab):
    def flow(context):
        yield context.call_activity("double", 1)
        return {1, 2}

    assert make_lab(flow, double).run("flow")["runtimeStatus"] == "Failed"


def test_a_retry_succeeds_after_failures_with_a_pause_between(make_lab):
    seen = []

    def flaky(_: Any) -> int:
        seen.append(1)
        if len(seen) < 3:
            raise RuntimeError("not yet")
        return len(seen)

    def flow(context):
        found = yield context.call_activity_with_retry("flaky", df.RetryOptions(60_000, 5))
        return [found, context.current_utc_datetime.isoformat()]

    assert make_lab(flow, flaky).output("flow") == [3, "2026-01-01T00:02:00+00:00"]


def test_a_retry_gives_up_at_once_after_the_last_attempt(make_lab):
    def flow(context):
        try:
            yield context.call_activity_with_retry("fail", df.RetryOptions(60_000, 3), "x")
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower
            return [str(error)[:40], context.current_utc_datetime.isoformat()]

    lab = make_lab(flow, fail)

    assert lab.output("flow") == ["Activity function 'fail' failed: ValueEr", "2026-01-01T00:02:00+00:00"]


def test_retry_ids_are_given_when_the_failure_is_read(make_lab):
    # The run recorded in the protocol's reference: task_all of three retries, then one activity.
    def sometimes(value: Any) -> Any:
        if value:
            raise RuntimeError("no")
        return value

    def flow(context):
        options = df.RetryOptions(1_000, 2)
        try:
            yield context.task_all(
                [context.call_activity_with_retry("sometimes", options, number) for number in (0, 1, 0)]
            )
        except Exception:  # noqa: BLE001 - the SDK raises nothing narrower
            return (yield context.call_activity("sometimes", 0))

    lab = make_lab(flow, sometimes)
    made = lab.create("flow")
    lab.end(made)
    rows = [row for row in lab.rows(made) if row not in "()"]

    assert rows[:4] == ["ES", "TS0", "TS1", "TS2"]
    assert sorted(rows[4:8]) == ["TC@0", "TC@2", "TF@1", "TmC3"]
    assert rows[8:] == ["TmF@3", "TS4", "TF@4", "TmC5", "TmF@5", "TS6", "TC@6", "EC"]


def test_nested_any_and_all_go_on_with_the_first_branch_that_is_whole(make_lab):
    release = threading.Event()

    def slow(value: Any) -> Any:
        release.wait(10)
        return value

    def flow(context):
        quick = context.task_all([context.call_activity("double", 1), context.call_activity("double", 2)])
        held = context.task_all([context.call_activity("double", 3), context.call_activity("slow", 4)])
        first = yield context.task_any([held, quick])
        after = yield context.call_activity("double", 10)
        return [first == quick, after]

    lab = make_lab(flow, double, slow)
    made = lab.create("flow")
    lab.until(lambda: any(event.get("Result") == 20 for event in lab.events(made)))
    still = lab.status(made)["runtimeStatus"]
    release.set()

    assert still == "Running"  # the open activity holds it, though its outcome is fixed
    assert lab.end(made)["output"] == [True, 20]


def test_an_empty_task_all_goes_on_at_once(make_lab):
    def flow(context):
        nothing = yield context.task_all([])
        return [nothing, (yield context.call_activity("double", 3))]

    assert make_lab(flow, double).output("flow") == [None, 6]


def test_a_task_yielded_twice_runs_once(make_lab):
    seen = []

    def note(value: Any) -> Any:
        seen.append(value)
        return value

    def flow(context):
        task = context.call_activity("note", 1)
        first = yield task
        return [first, (yield task)]

    lab = make_lab(flow, note)

    assert lab.output("flow") == [1, 1]
    assert seen == [1]


def test_an_orchestrator_that_yields_nothing_completes(make_lab):
    def plain(context):
        return {"given": context.get_input()}

    assert make_lab(plain).output("plain", 7) == {"given": 7}


def test_an_exception_of_no_orchestrator_is_told_as_the_host_tells_it(make_lab):
    def flow(context):
        raise SystemExit("no marker")
        yield

    assert (
        make_lab(flow)
        .run("flow")["output"]
        .startswith(
            "Orchestrator function 'flow' failed: One or more errors occurred. (Result: Failure\nException: SystemExit: "
            'no marker\nStack:   File "'
        )
    )
