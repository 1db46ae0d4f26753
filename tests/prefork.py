"""Processes of the stack that are forked from one that has imported the app and the stand-ins already.

Importing takes two to three seconds of CPU for each process, and end-to-end tests start and kill many. What runs is the
same module with the same arguments, in a process and a group of its own; only its imports were done before.
"""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from local.stack.part import HOME

PRELOADED = ["tests.prefork_imports"]
OURS = ("function_app", "triggers", "orchestrators", "activities", "shared", "cli", "tests")


class Forked:
    """A forked process, with what the stack asks of `subprocess.Popen`."""

    def __init__(self, process: ForkServerProcess) -> None:
        """Wait until it leads a group of its own, by which it is ended."""
        self._process = process
        assert process.pid
        self.pid = process.pid
        while self.returncode is None and os.getpgid(self.pid) != self.pid:
            time.sleep(0.001)

    @property
    def returncode(self) -> int | None:
        """How it ended; None = it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Look whether it ended; give how."""
        return self.returncode

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, if it runs."""
        if self.returncode is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        if (ended := self.returncode) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return ended


def launch(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Forked:
    """Run `python -m command…` with its output in a file."""
    server = get_context("forkserver")
    server.set_forkserver_preload(PRELOADED)
    log.write_bytes(b"")
    process = server.Process(target=_run, args=(list(command), str(log), dict(environment)))
    process.start()
    return Forked(process)


def _run(command: list[str], log: str, environment: dict[str, str]) -> None:
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(HOME)
    _redirect(log)
    sys.argv = command
    if "--app" in command and str(HOME) not in command:
        _forget_ours()
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


def _forget_ours() -> None:
    """Let an app that is not ours import what it has under the names of our packages."""
    for name in [each for each in sys.modules if each.partition(".")[0] in OURS]:
        del sys.modules[name]


def _redirect(log: str) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
