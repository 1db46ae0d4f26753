"""What is on disk is enough: restarts of the host, histories let go from memory, one host at a time."""

import threading
from datetime import timedelta

import pytest

from local.clock import RealClock
from local.host.durable.app import DurableApp, DurableSettings
from local.host.durable.engine import Engine
from local.host.durable.events import Kind, Message


def echo(value):
    return value


def collector(context):
    found = []
    for number in range(4):
        given = yield context.wait_for_external_event(f"e{number}")
        found.append((yield context.call_activity("echo", given)))
    return found


def test_every_step_may_happen_in_another_host(make_lab):
    made = make_lab(collector, echo).create("collector")
    for number in range(4):
        lab = make_lab(collector, echo)
        lab.send(made, f"e{number}", number)

    assert lab.end(made)["output"] == [0, 1, 2, 3]


def test_histories_let_go_from_memory_are_read_again(make_lab):
    lab = make_lab(collector, echo)
    lab.engine._turns._roster._budget = 1  # noqa: SLF001 - nothing stays in memory
    made = [lab.create("collector") for _ in range(5)]
    for number in range(4):
        for each in made:
            lab.send(each, f"e{number}", number)
            lab.until_waiting(each)

    assert [lab.end(each)["output"] for each in made] == [[0, 1, 2, 3]] * 5


def test_a_suspended_instance_keeps_results_over_a_restart(make_lab, slow):
    def flow(context):
        return (yield context.call_activity("slow", 5))

    lab = make_lab(flow, slow.activity)
    made = lab.create("flow")
    lab.until(lambda: slow.runs)
    lab.do(lab.engine.suspend(made, ""))
    lab.until_status(made, "Suspended")
    slow.free.set()
    lab.until(lambda: lab.is_idle)
    lab = make_lab(flow, slow.activity)
    held = lab.status(made)["runtimeStatus"]
    lab.do(lab.engine.resume(made, ""))

    assert held == "Suspended"
    assert lab.end(made)["output"] == 5
    assert slow.runs == [5]


def test_an_activity_removed_from_the_app_fails_its_task(make_lab):
    release = threading.Event()

    def gone(_):
        release.wait(20)

    def flow(context):
        yield context.call_activity("gone")

    lab = make_lab(flow, gone)
    made = lab.create("flow")
    lab.until(lambda: lab.rows(made)[-2:] == ["TS0", ")"])
    lab = make_lab(flow, echo)
    status = lab.end(made)
    release.set()

    assert "the app has no activity of that name" in status["output"]


def test_timers_are_armed_again(make_lab):
    def flow(context):
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        return context.current_utc_datetime.isoformat()

    lab = make_lab(flow)
    lab.clock.hold()
    made = lab.create("flow")
    lab.until_waiting(made)

    assert make_lab(flow).end(made)["output"] == "2026-01-01T01:00:00+00:00"


def test_a_data_folder_serves_one_host_at_a_time(make_lab, tmp_path):
    make_lab(echo)

    with pytest.raises(RuntimeError, match="Another host uses"):
        Engine(tmp_path / "data", DurableApp({}), DurableSettings(), RealClock())


def test_timers_fire_in_real_time(make_lab):
    def flow(context):
        start = context.current_utc_datetime
        yield context.create_timer(start + timedelta(milliseconds=50))
        return context.current_utc_datetime >= start + timedelta(milliseconds=50)

    assert make_lab(flow, clock=RealClock()).output("flow") is True


def test_calls_after_a_failure_of_the_engine_say_what_stopped_it(make_lab):
    lab = make_lab(collector, echo)

    def burst(_: str) -> None:
        raise OSError("no space left on device")

    lab.engine.at_step = burst
    with pytest.raises(OSError, match="no space left"):
        lab.create("collector")
    with pytest.raises(OSError, match="no space left"):
        lab.create("collector")

    assert isinstance(lab.engine.failure, OSError)


def test_user_code_that_exits_is_a_failure_of_its_own(make_lab):
    def leave(_):
        raise SystemExit(3)

    def flow(context):
        try:
            yield context.call_activity("leave")
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower
            return str(error).splitlines()[0].strip()

    def quits(context):
        raise SystemExit(4)

    lab = make_lab(flow, quits, leave)

    assert lab.output("flow") == "Activity function 'leave' failed: SystemExit: 3"
    assert lab.run("quits")["runtimeStatus"] == "Failed"
    assert lab.output("flow") == "Activity function 'leave' failed: SystemExit: 3"


def test_a_completion_delivered_twice_in_one_batch_is_recorded_once(make_lab):
    def flow(context):
        return (yield context.call_activity("echo", 5))

    release = threading.Event()

    def echo(value):
        release.wait(20)
        return value

    lab = make_lab(flow, echo)
    made = lab.create("flow")
    lab.until(lambda: lab.rows(made)[-2:] == ["TS0", ")"])
    lab.do(lab.engine.suspend(made, ""))
    turns = lab.engine._turns  # noqa: SLF001 - a second delivery cannot be had from outside
    execution = turns._roster.get(made).execution  # noqa: SLF001 - see above
    turns._mail.post(made, Message(Kind.TASK_COMPLETED, 0, text="5", execution=execution))  # noqa: SLF001 - see above
    release.set()
    lab.until(lambda: lab.is_idle)
    lab.do(lab.engine.resume(made, ""))

    assert lab.end(made)["output"] == 5
    assert lab.rows(made).count("TC@0") == 1
