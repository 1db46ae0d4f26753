"""The one command ends when it is told to, and leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.stack.run import ENDED

ROOT = Path(__file__).parents[2]
PARTS = ("local.simulator", "local.aws", "local.ssm", "local.host", "azurite.js", "local.stack.guard")

DYING = ("local.simulator", "local.aws", "local.ssm", "local.host --app", "azurite.js")

pytestmark = pytest.mark.timeout(110)


def children_of(session_env):
    """The processes that carry our mark in their environment, by command line."""
    found = {}
    for place in Path("/proc").iterdir():
        try:
            marked = session_env in (place / "environ").read_text(errors="replace")
            command = (place / "cmdline").read_text(errors="replace").replace("\0", " ").strip()
        except (OSError, ValueError):
            continue
        if marked and command:
            found[int(place.name)] = command
    return found


def processes(session_env, part):
    """The processes of ours that run a part."""
    return [pid for pid, line in children_of(session_env).items() if part in line]


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (seen := condition()):
        if time.monotonic() > deadline:
            raise AssertionError("it did not come to that")
        time.sleep(0.1)
    return seen


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    "how",
    [signal.SIGKILL, *(pytest.param(kind, marks=pytest.mark.soak) for kind in (signal.SIGINT, signal.SIGTERM))],
)
def test_a_stopped_or_killed_command_starts_killed_parts_again_and_leaves_no_process_behind(how, unique, tmp_path):
    mark = f"AZ_TEST_MARK={unique}"
    log = tmp_path / "out.log"
    with log.open("wb") as output:
        driver = subprocess.Popen(
            [sys.executable, "-m", "local.stack", "run"],
            cwd=ROOT,
            env={**os.environ, "AZ_TEST_MARK": unique},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(lambda: "Ctrl-C stops everything" in log.read_text())
        running = " ".join(children_of(mark).values())
        assert all(part in running for part in PARTS if part != "local.host")
        killed = {pid for part in DYING for pid in processes(mark, part)}
        assert len(killed) == len(DYING)
        for each in killed:  # all at once: each finds whom it asks
            os.kill(each, signal.SIGKILL)
        wait_for(lambda: log.read_text().count("It runs again.") == len(DYING))
        assert all(sentence in log.read_text() for sentence in ENDED.values())
        assert all(set(processes(mark, part)) - killed for part in DYING)
        driver.send_signal(how)
        driver.wait(30)
        wait_for(lambda: not children_of(mark))
    finally:
        for pid in children_of(mark):
            os.kill(pid, signal.SIGKILL)
        driver.wait(10)
