"""Kills the host at random moments: whatever was acknowledged goes on, and the end is always the same."""

import contextlib
import json
import os
import random
import time
from collections import Counter

import httpx
import pytest
from azure.storage.queue import QueueClient

LONGEST = 0.8  # about as long as one `work` takes
SOON = ("--queue-lease", "1", "--visibility-timeout", "1")
FILES = (
    {f"chain-{n}" for n in range(4)}
    | {f"fan-{n}" for n in range(6)}
    | {f"child-{c}-{n}" for c in (0, 1) for n in range(3)}
)
HISTORY = {
    "ExecutionStarted": 1,
    "TaskCompleted": 10,
    "TimerCreated": 1,
    "TimerFired": 1,
    "SubOrchestrationInstanceCompleted": 2,
    "EventRaised": 1,
    "ExecutionCompleted": 1,
}


class Trial:
    """A host that is killed again and again on the same data."""

    def __init__(self, start_sample, queue, chance):
        self.start_sample = start_sample
        self.queue = queue
        self.chance = chance
        self.host = self.restart()

    def restart(self):
        # Leases of a second: the messages of the killed host, and the activities it had taken, come back soon.
        return self.start_sample(*SOON)

    def run(self, number):
        name = f"run-{number}"
        self.begin(name, by_queue=self.chance.random() < 0.5)
        with_message = self.chance.random() < 0.3 and self.tell(name)
        time.sleep(self.chance.uniform(0, LONGEST))
        self.kill()
        return name, with_message

    def begin(self, name, *, by_queue):
        if by_queue:
            self.queue.send_message(json.dumps({"run": name}))
        else:
            self.host.start("work", {"run": name}, name)

    def tell(self, name):
        """Raise the event the instance ends with; say whether it was acknowledged."""
        with contextlib.suppress(httpx.HTTPError):
            return self.host.durable("POST", f"instances/{name}/raiseEvent/go", json={"to": name}).status_code == 202
        return False

    def kill(self):
        self.host.kill()
        if self.chance.random() < 0.2:
            # Killed while it recovers, before it even answers.
            early = self.start_sample(*SOON, ready=False)
            time.sleep(self.chance.uniform(0.3, 1.2))
            early.kill()
        self.host = self.restart()


def end_state(trial, name, with_message, scratch, patiently):
    patiently(lambda: trial.host.status(name)["runtimeStatus"])
    if not with_message:
        patiently(lambda: trial.tell(name))
    status = trial.host.ended(name)
    files = {path.name for path in (scratch / name).iterdir()}
    events = trial.host.status(name, showHistory="true")["historyEvents"]
    return status["runtimeStatus"], status["output"], files, Counter(event["EventType"] for event in events)


def play(runs, start_sample, storage, unique, scratch, patiently):
    seed = int(os.environ.get("KILL_SEED", random.randrange(2**32)))
    with QueueClient.from_connection_string(storage, f"{unique}-start") as queue:
        queue.create_queue()
        trial = Trial(start_sample, queue, random.Random(seed))
        for number in range(runs):
            name, with_message = trial.run(number)
            expected = {"fanned": 6, "children": [0, 1], "told": {"to": name}}
            state = end_state(trial, name, with_message, scratch, patiently)
            assert state == ("Completed", expected, FILES, HISTORY), f"run {number}, KILL_SEED={seed}"


@pytest.mark.timeout(120)
def test_killed_hosts_come_to_the_same_end(start_sample, storage, unique, scratch, patiently):
    play(6, start_sample, storage, unique, scratch, patiently)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_hosts_killed_very_often_come_to_the_same_end(start_sample, storage, unique, scratch, patiently):
    play(int(os.environ.get("N", "200")), start_sample, storage, unique, scratch, patiently)
