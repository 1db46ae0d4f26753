"""One process of the stack: started in its own group, waited for until it listens, stopped by its id."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from .guard import Guard

HOME = Path(__file__).resolve().parents[2]
READY_WITHIN = 90.0
STOP_WITHIN = 20.0
LOOK_EVERY = 0.03
_LISTENING = re.compile(r"^listening on (http://\S+)$", re.MULTILINE)


class StackError(RuntimeError):
    """A part of the stack did not start, or ended by itself."""


class Process(Protocol):
    """What the stack asks of a process, as `subprocess.Popen` has it."""

    @property
    def pid(self) -> int:
        """Its id, which is the id of its group too."""

    @property
    def returncode(self) -> int | None:
        """How it ended; None = it runs."""

    def poll(self) -> int | None:
        """Look whether it ended; give how."""

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, if it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""


class Launch(Protocol):
    """Starts `python -m command…` in a group of its own, with its output in a file."""

    def __call__(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Process:
        """Give the process."""


class Part:
    """A running process of the stack."""

    def __init__(self, name: str, process: Process, log: Path, guard: Guard) -> None:
        """Put the process under the guard's eyes."""
        self.name = name
        self.log = log
        self.url = ""
        self._process = process
        self._guard = guard
        guard.watch(process.pid)

    @property
    def pid(self) -> int:
        """The process id, which is the id of its group too."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Tell whether it has ended."""
        return self._process.poll() is not None

    def await_ready(self) -> str:
        """Return the URL it listens on, as it prints it. Raises `StackError`, with the end of its log."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            found = _LISTENING.search(self.log.read_text(errors="replace"))
            if found:
                self.url = found.group(1)
                return self.url
            if self.ended:
                raise StackError(f"{self.name} ended with {self._process.returncode}:\n{self.tail()}")
            time.sleep(LOOK_EVERY)
        raise StackError(f"{self.name} was not ready within {READY_WITHIN:.0f} s; see {self.log}")

    def stop(self) -> None:
        """Ask it to end, wait, and make it end; nothing of its group is left."""
        if not self.ended:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_WITHIN)
        self.kill()

    def kill(self) -> None:
        """End its whole group at once, without asking."""
        with suppress(ProcessLookupError, PermissionError):  # nothing is left of it
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._guard.forget(self.pid)

    def tail(self, lines: int = 30) -> str:
        """Give the last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def start(
    name: str, command: Sequence[str], folder: Path, guard: Guard, environment: Mapping[str, str] | None = None
) -> Part:
    """Start `python -m command…` with its output in `folder/NAME.log`; `environment` replaces ours."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    return Part(name, launch(command, log, os.environ if environment is None else environment), log, guard)


def _new_interpreter(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Process:
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-u", "-m", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=HOME,
            env=dict(environment),
            start_new_session=True,
        )


launch: Launch = _new_interpreter
"""How parts are started. Tests, which start and kill many, fork them from a process that has imported everything."""


def free_port() -> int:
    """Give a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
