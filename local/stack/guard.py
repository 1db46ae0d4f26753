"""Ends what the stack started when the stack itself was killed: `python -m local.stack.guard`, told on its standard input."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen

GRACE = 8.0
HOME = Path(__file__).resolve().parents[2]


class Guard:
    """A process that outlives this one just long enough to end its children's process groups."""

    def __init__(self) -> None:
        """Start it; it waits for the end of its standard input, which is ours."""
        command = [sys.executable, "-m", "local.stack.guard"]
        self._process = Popen(command, stdin=PIPE, cwd=HOME, start_new_session=True, text=True)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def watch(self, group: int) -> None:
        """End this process group when we are gone."""
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        """Leave this process group alone: it has ended."""
        self._tell(f"-{group}")

    def close(self) -> None:
        """End the guard, and with it whatever it still watches."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        self._process.wait(timeout=3 * GRACE)

    def _tell(self, line: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


def main() -> None:
    """Listen until the stack ends, however it ends; then end what is left, the latest first."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    groups: list[int] = []
    for line in sys.stdin:
        if line.startswith("+"):
            groups += [int(line[1:])] if int(line[1:]) not in groups else []
        elif int(line[1:]) in groups:
            groups.remove(int(line[1:]))
    for group in reversed(groups):
        end_group(group)


def end_group(group: int) -> None:
    """Ask a process group to end, wait for it, and make it end."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
