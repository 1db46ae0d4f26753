"""Measures the local host's durable engine beside durabletask's in-memory backend and DBOS: `python -m tests.bench.bench_host`."""

# ruff: noqa: T201 - a bench prints its table
import asyncio
import gc
import json
import logging
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import azure.durable_functions as df
from durabletask import client as peer_client
from durabletask import worker as peer_worker
from durabletask.testing import create_test_backend

from local.clock import RealClock
from local.host.durable.app import Activity, DurableApp, DurableSettings, Query
from local.host.durable.engine import Engine

CHAINS, LENGTH = 100, 10
WIDE = 1_000
WAITING = 5_000
BUSY = frozenset({"Pending", "Running"})


class Spent(NamedTuple):
    """What a run took: seconds, and seconds of CPU, which say more on a machine that has other work."""

    wall: float
    cpu: float


PEERS = Path(".local/peers/bin/python")  # `make bench` makes it: the app and its tests need none of the peers


def app() -> DurableApp:
    """Return orchestrators that do nothing but orchestrate."""
    made = df.DFApp()

    @made.orchestration_trigger(context_name="context")
    def chain(context: Any) -> Any:
        value = 0
        for _ in range(context.get_input()):
            value = yield context.call_activity("nothing", value)
        return value

    @made.orchestration_trigger(context_name="context")
    def fan(context: Any) -> Any:
        found = yield context.task_all(
            [context.call_activity("nothing", number) for number in range(context.get_input())]
        )
        return len(found)

    @made.orchestration_trigger(context_name="context")
    def wait(context: Any) -> Any:
        for number in range(5):
            yield context.call_activity("nothing", number)
        return (yield context.wait_for_external_event("go"))

    handles = {built.get_function_name(): built.get_user_function() for built in made.get_functions()}
    return DurableApp(handles, {"nothing": Activity("nothing", lambda text: text or "null")})


async def until_ended(engine: Engine) -> None:
    """Wait until no instance is at work."""
    while (await engine.query(Query(statuses=BUSY, top=1))).items:  # noqa: ASYNC110 - as a client would poll
        await asyncio.sleep(0.005)


async def check(engine: Engine, outputs: list[object]) -> None:
    """Fail the bench unless every instance completed with its output: a broken run must not look fast."""
    page = await engine.query(Query(top=len(outputs) + 1))
    found = [(item["runtimeStatus"], item["output"]) for item in page.items]
    if found != [("Completed", output) for output in outputs]:
        raise RuntimeError(f"the bench did not complete: {found[:3]}")


async def with_engine(play: Callable[[Engine], Awaitable[float]]) -> float:
    """Play on a new engine with its state on disk."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder), app(), DurableSettings(), RealClock(), asyncio.get_running_loop())
        engine.start()
        try:
            return await play(engine)
        finally:
            engine.stop()


async def chains(engine: Engine) -> float:
    """Return the seconds for many chains at once."""
    begun = time.perf_counter()
    await asyncio.gather(*(engine.create("chain", json.dumps(str(LENGTH))) for _ in range(CHAINS)))
    await until_ended(engine)
    spent = time.perf_counter() - begun
    await check(engine, [0] * CHAINS)
    return spent


async def wide(engine: Engine) -> float:
    """Return the seconds for one wide fan-out."""
    begun = time.perf_counter()
    await engine.create("fan", json.dumps(str(WIDE)))
    await until_ended(engine)
    spent = time.perf_counter() - begun
    await check(engine, [WIDE])
    return spent


async def waiting(engine: Engine) -> float:
    """Return the megabytes of this process while many instances wait for an event."""
    await asyncio.gather(*(engine.create("wait", None) for _ in range(WAITING)))
    while not engine._busy.is_idle:  # noqa: SLF001, ASYNC110 - the bench looks inside
        await asyncio.sleep(0.05)
    if (found := len((await engine.query(Query(statuses=frozenset({"Running"}), top=WAITING + 1))).items)) != WAITING:
        raise RuntimeError(f"{found} instances wait")
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peer_chain(context: Any, length: int) -> Any:
    """The same chain for the peer."""
    value = 0
    for _ in range(length):
        value = yield context.call_activity(nothing, input=value)
    return value


def peer_fan(context: Any, width: int) -> Any:
    """The same fan-out for the peer."""
    from durabletask import task  # noqa: PLC0415 - the peer's orchestrators run in the peer's worker

    found = yield task.when_all([context.call_activity(nothing, input=number) for number in range(width)])
    return len(found)


def nothing(_: Any, value: Any) -> Any:
    """Do nothing."""
    return value


def free_port() -> int:
    """Return a port that nobody listens on; the peer cannot tell which one it bound."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def peer(orchestrator: Callable[..., Any], given: int, count: int) -> float:
    """Return the seconds that durabletask's in-memory backend takes."""
    port = free_port()
    backend = create_test_backend(port=port)
    try:
        with peer_worker.TaskHubGrpcWorker(host_address=f"localhost:{port}") as worker:
            worker.add_orchestrator(orchestrator)
            worker.add_activity(nothing)
            worker.start()
            client = peer_client.TaskHubGrpcClient(host_address=f"localhost:{port}")
            begun = time.perf_counter()
            ids = [client.schedule_new_orchestration(orchestrator, input=given) for _ in range(count)]
            for made in ids:
                state = client.wait_for_orchestration_completion(made, timeout=300)
                if state is None or state.runtime_status.name != "COMPLETED":
                    raise RuntimeError(f"the peer did not complete: {state}")
            return time.perf_counter() - begun
    finally:
        backend.stop()


def dbos() -> float:
    """Return the seconds that DBOS takes for the chains, its state in SQLite; in a process and a Python of its own."""
    command = [str(PEERS), str(Path(__file__).parent / "peers" / "dbos_chains.py"), str(CHAINS), str(LENGTH)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def ours(play: Callable[[Engine], Awaitable[float]]) -> float:
    """Play once on a new engine."""
    return asyncio.run(with_engine(play))


def memory_of_waiting() -> float:
    """Measure waiting instances in a process of their own, so that nothing else is counted."""
    command = [sys.executable, "-m", "tests.bench.bench_host", "--waiting"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def best(measure: Callable[[], float]) -> Spent:
    """Return the least of three runs: what else this machine does is no part of the measure."""
    runs = [_timed(measure) for _ in range(3)]
    return Spent(min(run.wall for run in runs), min(run.cpu for run in runs))


def _timed(measure: Callable[[], float]) -> Spent:
    """Run once; its CPU is that of this process and of those that it started and that have ended."""
    before = _cpu()
    return Spent(measure(), _cpu() - before)


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def main() -> None:
    """Print the table."""
    logging.disable(logging.WARNING)
    activities = CHAINS * LENGTH
    own, other = best(lambda: ours(chains)), best(lambda: peer(peer_chain, LENGTH, CHAINS))
    third = best(dbos) if PEERS.exists() else None
    own_wide, other_wide = best(lambda: ours(wide)), best(lambda: peer(peer_fan, WIDE, 1))
    print(f"{'':34}{'local host':>14}{'durabletask':>14}{'ratio':>8}")
    print(f"{'(state)':34}{'on disk':>14}{'in memory':>14}")
    row = f"{CHAINS} chains of {LENGTH}, activities/s"
    print(
        f"{row:34}{activities / own.wall:14,.0f}{activities / other.wall:14,.0f}{other.wall / own.wall:8.1f}   target 9"
    )
    print(f"{'  CPU, s':34}{own.cpu:14.2f}{other.cpu:14.2f}{other.cpu / own.cpu:8.1f}")
    if third:
        print(f"{'  DBOS on SQLite':34}{'':14}{activities / third.wall:14,.0f}{third.wall / own.wall:8.1f}")
        print(f"{'    CPU with its start, s':34}{'':14}{third.cpu:14.2f}{third.cpu / own.cpu:8.1f}")
    row = f"fan-out of {WIDE:,}, seconds"
    print(f"{row:34}{own_wide.wall:14.2f}{other_wide.wall:14.2f}{other_wide.wall / own_wide.wall:8.1f}   target < 5 s")
    print(f"{'  CPU, s':34}{own_wide.cpu:14.2f}{other_wide.cpu:14.2f}{other_wide.cpu / own_wide.cpu:8.1f}")
    row = f"{WAITING:,} waiting instances, MB"
    print(f"{row:34}{memory_of_waiting():14,.0f}{'':22}   target < 120 MB")


if __name__ == "__main__":
    if "--waiting" in sys.argv:
        logging.disable(logging.WARNING)
        print(ours(waiting))
    else:
        main()
