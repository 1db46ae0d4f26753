"""Starts and stops Azurite, which speaks the real Azure Storage protocol on this machine."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .node import find_node

HOME = Path(__file__).parent / "azurite"
SCRIPT = HOME / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
SAVING = HOME / "save_before_answering.js"
READY_WITHIN = 60.0
LOOK_EVERY = 0.05

# The account and key are Azurite's own, published in its documentation: no secret.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

options: Sequence[str] = ("--silent",)
"""What Azurite is told beside where it listens; a bench lets it log each request, to count them."""

_LISTENING = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at http://127\.0\.0\.1:(\d+)")


class AzuriteError(RuntimeError):
    """Azurite is not installed or did not start."""


@dataclass(frozen=True)
class Azurite:
    """A running Azurite: its process id and the three ports it listens on."""

    pid: int
    blob: int
    queue: int
    table: int

    @property
    def connection_string(self) -> str:
        """The connection string that the Azure SDKs take."""
        return self.connection_of(ACCOUNT)

    def connection_of(self, account: str) -> str:
        """Give the connection string of an account of this name."""
        parts = {
            "DefaultEndpointsProtocol": "http",
            "AccountName": account,
            "AccountKey": KEY,
            "BlobEndpoint": f"http://127.0.0.1:{self.blob}/{account}",
            "QueueEndpoint": f"http://127.0.0.1:{self.queue}/{account}",
            "TableEndpoint": f"http://127.0.0.1:{self.table}/{account}",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items()) + ";"


@dataclass(frozen=True)
class Ports:
    """The ports Azurite is asked to listen on; 0 takes a free one."""

    blob: int = 0
    queue: int = 0
    table: int = 0


ANY_PORTS = Ports()


def start(
    data: Path,
    ports: Ports = ANY_PORTS,
    *,
    in_memory: bool = False,
    own_group: bool = False,
    began: Callable[[int], None] = lambda _pid: None,
) -> tuple[subprocess.Popen[bytes], Azurite]:
    """Start Azurite with its data in `data` and return when all three services listen.

    Where it keeps its data on disk, what it has answered for outlives a killed process, too.

    In a process group of its own, Ctrl-C on a terminal does not reach it: whoever started it decides when it ends.
    `began` is told the process id before anything is waited for.
    """
    if not SCRIPT.is_file():
        raise AzuriteError(f"Azurite is not installed: run `npm ci` in {HOME} (`make setup` does).")
    data.mkdir(parents=True, exist_ok=True)
    log = data / "azurite.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(data, ports, in_memory), stdout=output, stderr=subprocess.STDOUT, start_new_session=own_group
        )
    try:
        began(process.pid)
        return process, _wait_until_ready(process, log)
    except BaseException:
        stop(process)
        raise


def stop(process: subprocess.Popen[bytes]) -> None:
    """End this Azurite and wait until it is gone."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(data: Path, ports: Ports = ANY_PORTS, *, in_memory: bool = False) -> Iterator[Azurite]:
    """Run Azurite for the length of a `with` block."""
    process, azurite = start(data, ports, in_memory=in_memory)
    try:
        yield azurite
    finally:
        stop(process)


def _command(data: Path, ports: Ports, in_memory: bool) -> list[str]:
    node = [os.fspath(find_node())] if in_memory else [os.fspath(find_node()), "--require", os.fspath(SAVING)]
    command = [*node, os.fspath(SCRIPT), *options, "--skipApiVersionCheck", "--disableTelemetry"]
    command += ["--blobPort", str(ports.blob), "--queuePort", str(ports.queue), "--tablePort", str(ports.table)]
    return [*command, "--inMemoryPersistence"] if in_memory else [*command, "--location", os.fspath(data)]


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> Azurite:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        text = log.read_text(errors="replace")
        found = {service.lower(): int(port) for service, port in _LISTENING.findall(text)}
        if len(found) == 3:
            return Azurite(pid=process.pid, **found)
        if process.poll() is not None:
            raise AzuriteError(f"Azurite ended with {process.returncode}: {text.strip()}")
        time.sleep(LOOK_EVERY)
    raise AzuriteError(f"Azurite was not ready within {READY_WITHIN:.0f} s; see {log}")
