"""Sync functions of every kind share the threads of one pool, as in Azure's worker."""

import threading
from concurrent.futures import ThreadPoolExecutor

import azure.functions as func

from local.host.durable_app import durable_app
from local.host.indexing import _index as indexed
from local.host.invocation import Invoker

THREADS = 2


def test_activities_queue_for_the_threads_of_the_worker():
    app = func.FunctionApp()
    at_once, most, lock = 0, 0, threading.Lock()
    gate = threading.Event()

    def busy(payload: str) -> str:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            if most == THREADS:
                gate.set()
        gate.wait(30)
        with lock:
            at_once -= 1
        return payload

    app.function_name("busy")(app.generic_trigger(arg_name="payload", type="activityTrigger", activity="busy")(busy))
    with ThreadPoolExecutor(16) as pool:
        activity = durable_app([indexed(each) for each in app.get_functions()], Invoker(pool, "", THREADS)).activities[
            "busy"
        ]
        answers = list(pool.map(activity.run, ['"a"'] * 16))

    assert ['"a"'] * 16 == answers
    assert THREADS == most
