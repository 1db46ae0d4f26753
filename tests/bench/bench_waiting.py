"""Measures what the last step of a week's wait costs to replay, beside a wait that ended at once: `python -m tests.bench.bench_waiting`."""

# ruff: noqa: T201 - a bench prints its table
import json
import time

from local.host.durable.instance import Instance
from local.host.durable.payload import turn_payload
from local.host.durable.sdk import run_code
from tests.orchestrators.histories.long_wait import WEEK, recorded, steps, waiting_for
from tests.orchestrators.histories.recording import HANDLES, History

TIMES = 5


def replayed(history: History) -> float:
    """Give the seconds of CPU of one replay, the best of some."""
    lone = Instance(1, history.instance, history.orchestrator, history.version, "", "Running", "", history.given)
    payload = turn_payload(lone, ",".join(json.dumps(event) for event in history.events))
    return min(_once(history.orchestrator, payload) for _ in range(TIMES))


def _once(orchestrator: str, payload: str) -> float:
    began = time.process_time()
    run_code(HANDLES[orchestrator], payload)
    return time.process_time() - began


def main() -> None:
    """Print rows, steps and the ratio for looks that ask for 10 and for 60 seconds."""
    short = recorded("stop_source")
    at_once = replayed(short)
    print("patience  rows  steps  replay/s  times a wait that ended at once (rows)")
    for patience in (10, 60):
        week = waiting_for(short, WEEK, lambda _waited, wanted=patience: {"reply": {"patience": wanted}})  # type: ignore[misc]
        cost, rows = replayed(week), len(week.events)
        ratio = f"{cost / at_once:.0f} ({rows / len(short.events):.0f})"
        print(f"{patience:>8}  {rows:>4}  {steps(week):>5}  {cost:>8.3f}  {ratio}")


if __name__ == "__main__":
    main()
