# ruff: noqa: T201, ASYNC110, ASYNC240 - a script that talks to its test through files and prints
"""Plays one scenario in forked processes that die at a chosen step or moment, and prints how each one ended.

`python crash_runs.py FOLDER steps FIRST LAST STRIDE` dies at the nth step; `… moments SEED COUNT` at random moments.
A process of its own, because only one without threads can be forked safely.
"""

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df

from local.host.durable.app import Activity, DurableApp, DurableSettings, Query
from local.host.durable.engine import Engine
from local.host.durable.problems import Gone, InstanceExists
from tests.local.host.durable.lone_clock import LoneClock

IDS = [f"run{number}" for number in range(3)]
NEVER = 10**9


def app(work: Activity) -> DurableApp:
    made = df.DFApp()

    @made.orchestration_trigger(context_name="context")
    def parent(context: Any) -> Any:
        count = context.get_input()
        found = yield context.task_all([context.call_activity("work", number) for number in range(3)])
        inner = yield context.call_sub_orchestrator("child", count, f"{context.instance_id}-c{count}")
        timer = context.create_timer(context.current_utc_datetime + timedelta(days=5))
        yield context.task_any([context.call_activity("work", 9), timer])
        timer.cancel()
        event = yield context.wait_for_external_event(f"go{count}")
        if count < 1:
            context.continue_as_new(count + 1)
            return None
        return [found, inner, event]

    @made.orchestration_trigger(context_name="context")
    def child(context: Any) -> Any:
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=2))
        return (yield context.call_activity_with_retry("work", df.RetryOptions(1000, 3), context.get_input()))

    handles = {built.get_function_name(): built.get_user_function() for built in made.get_functions()}
    return DurableApp(handles, {"work": work})


async def drive(engine: Engine, acknowledged: Path) -> None:
    """Start what is missing and send every event until its call has come back, as a client would."""
    known = set(acknowledged.read_text().split()) if acknowledged.exists() else set()
    with acknowledged.open("a") as log:

        def note(what: str) -> None:
            log.write(what + "\n")
            log.flush()

        for instance_id in IDS:
            if instance_id not in known:
                with contextlib.suppress(InstanceExists):
                    await engine.create("parent", '"0"', instance_id)
                note(instance_id)
        for instance_id, count in itertools.product(IDS, range(2)):
            while f"{instance_id}/{count}" not in known and not await send(engine, instance_id, count):
                await asyncio.sleep(0.001)
            note(f"{instance_id}/{count}")
    while True:
        page = await engine.query(Query(statuses=frozenset({"Pending", "Running"}), top=1))
        if not page.items:
            return
        await asyncio.sleep(0.002)


async def send(engine: Engine, instance_id: str, count: int) -> bool:
    """Send an event once its generation runs: continue_as_new drops what comes too early."""
    status = await engine.status(instance_id)
    generation = json.loads(status["input"]) if status else -1
    if generation > count:
        return True  # it arrived, only the answer was lost
    if generation < count:
        return False
    try:
        await engine.raise_event(instance_id, f"go{count}", json.dumps([instance_id, count]))
    except Gone:
        return True
    return True


def play(folder: Path, run: int, die_at: int) -> None:
    """Play until everything has ended, or until this process dies."""
    steps = itertools.count(1)

    def at_step(_: str) -> None:
        if next(steps) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def work(text: str | None) -> str:
        at_step("activity begun")
        return text or "null"

    async def main() -> None:
        clock = LoneClock(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=run))
        engine = Engine(folder, app(Activity("work", work)), DurableSettings(), clock, asyncio.get_running_loop())
        engine.at_step = at_step
        engine.start()
        await asyncio.wait_for(drive(engine, folder / "acknowledged"), 30)
        engine.stop()

    folder.mkdir(exist_ok=True)
    asyncio.run(main())
    (folder / "steps").write_text(str(next(steps) - 1))


def fork(folder: Path, run: int, die_at: int = NEVER, kill_after: float | None = None) -> bool:
    """Play in a process of its own; True when it came to its end."""
    pid = os.fork()
    if pid == 0:
        try:
            play(folder, run, die_at)
        except BaseException as problem:  # noqa: BLE001 - a forked process must never return into the parent's code
            print(repr(problem), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1] == 0


def end_state(folder: Path) -> dict[str, Any]:
    """Return all that must not depend on where a process died."""
    db = sqlite3.connect(folder / "durable.sqlite")
    try:
        instances = db.execute("SELECT id,status,output,input,seq FROM instances ORDER BY id").fetchall()
        kinds = {
            each[0]: [row[0] for row in db.execute("SELECT kind FROM history WHERE instance=?", (each[4],))]
            for each in instances
        }
        twice = "SELECT COUNT(*) FROM (SELECT 1 FROM history WHERE event_id NOT NULL GROUP BY instance,event_id HAVING COUNT(*)>1)"
        return {
            "instances": [each[:4] for each in instances],
            # EventRaised may stand twice where the client sent twice; everything else is recorded once.
            "events": {
                name: sorted(kind for kind in found if kind not in (12, 13, 15)) for name, found in kinds.items()
            },
            "twice": db.execute(twice).fetchone()[0],
            "inbox": db.execute("SELECT COUNT(*) FROM inbox").fetchone()[0],
        }
    finally:
        db.close()


def cases(arguments: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    if arguments[0] == "steps":
        first, last, stride = map(int, arguments[1:])
        yield from ((f"step{number}", {"die_at": number}) for number in range(first, last, stride))
    else:
        chance = random.Random(int(arguments[1]))
        for number in range(int(arguments[2])):
            yield f"moment{number}", {"kill_after": chance.uniform(0.01, 0.25)}


def main() -> None:
    folder = Path(sys.argv[1])
    fork(folder / "whole", 0)
    print(json.dumps(["whole", end_state(folder / "whole"), int((folder / "whole" / "steps").read_text())]), flush=True)
    for name, death in cases(sys.argv[2:]):
        killed = not fork(folder / name, 0, **death)
        # It dies once more while it recovers, then runs to its end.
        fork(folder / name, 1, die_at=3)
        ended = fork(folder / name, 2)
        print(json.dumps([name, end_state(folder / name) if ended else None, killed]), flush=True)


if __name__ == "__main__":
    main()
