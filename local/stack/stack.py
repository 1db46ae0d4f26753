"""The whole stack on free ports: Azurite, simulator, SSM, AWS and the host with the unchanged app on it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .. import azurite
from ..world.build import Places as WorldPlaces
from .environment import Places, for_app
from .guard import Guard
from .part import HOME, Part, free_port, start


class Stack:
    """Started parts, in the order in which they were started."""

    def __init__(self, folder: Path, clock: str, host_options: Sequence[str] = (), *, on_disk: bool = False) -> None:
        """Keep how it is to be started; nothing runs yet. `on_disk` = storage outlives its process, and is slower."""
        self.folder = folder
        self._on_disk = on_disk
        self._storage: tuple[Part, azurite.Azurite] | None = None
        self._port = "0"
        self._ssm_command: list[str] = []
        self._host_options = host_options
        self._clock = clock
        self._guard = Guard()
        self._parts: list[Part] = []
        self._host: Part | None = None
        self._places: Places | None = None

    @property
    def places(self) -> Places:
        """Where the stand-ins listen."""
        assert self._places is not None, "the stack was not started"  # noqa: S101 - a mistake in our own code
        return self._places

    @property
    def host(self) -> Part:
        """The host."""
        assert self._host is not None, "the stack was not started"  # noqa: S101 - a mistake in our own code
        return self._host

    @property
    def world_places(self) -> WorldPlaces:
        """Where a world is built."""
        return WorldPlaces(self.places.aws, self.places.ssm, self.places.simulator)

    @property
    def pids(self) -> list[int]:
        """The processes of the stack."""
        return [self._guard.pid, *(part.pid for part in self._parts), *([self._host.pid] if self._host else [])]

    @property
    def key(self) -> str:
        """The key that opens the app's API."""
        return str(json.loads((self.folder / "host" / "keys.json").read_text(encoding="utf-8"))["app"])

    def start(self) -> None:
        """Start everything; the stand-ins side by side, then the host."""
        ports = {name: free_port() for name in ("aws", "ssm", "simulator")}
        urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        clock = f"{urls['simulator']}/control/clock"
        stood = [
            self._start("simulator", ["local.simulator", "--port", str(ports["simulator"]), "--clock", self._clock]),
            self._start(
                "aws",
                ["local.aws", "--port", str(ports["aws"]), "--simulator", urls["simulator"], "--ssm", urls["ssm"]],
            ),
        ]
        storage = self._start_azurite()
        stood[0].await_ready()  # SSM asks the clock when it starts
        ssm = ["local.ssm", "--port", str(ports["ssm"]), "--clock", clock, "--simulator", urls["simulator"]]
        kept = ["--kept", str(self.folder / "ssm.json")] if self._on_disk else []
        self._ssm_command = [*ssm, "--aws", urls["aws"], *kept]
        stood.append(self._start("ssm", self._ssm_command))
        for part in stood:
            part.await_ready()
        self._places = Places(storage.connection_string, urls["simulator"], urls["aws"], urls["ssm"])
        self.start_host()

    def start_host(self) -> None:
        """Start the host, again on the same port and data when it ran before."""
        data = self.folder / "host"
        command = [
            "local.host",
            "--app",
            str(HOME),
            "--port",
            self._port,
            "--data",
            str(data),
            "--clock",
            self.places.clock,
        ]
        self._host = start("host", [*command, *self._host_options], self.folder, self._guard, for_app(self.places))
        self._port = self._host.await_ready().rpartition(":")[2]

    def kill_host(self) -> None:
        """Kill the host as a crash would."""
        self.host.kill()

    @property
    def storage(self) -> Part | None:
        """Azurite, if it runs."""
        return self._storage[0] if self._storage else None

    def start_storage_again(self) -> None:
        """Start Azurite again on its ports and data after it ended; only where these are on disk is anything left."""
        assert self._storage is not None, "the stack was not started"  # noqa: S101 - a mistake in our own code
        ended, before = self._storage
        self._parts.remove(ended)
        ended.kill()
        self._start_azurite(azurite.Ports(before.blob, before.queue, before.table))

    @property
    def ssm(self) -> Part | None:
        """The stand-in of Systems Manager, if it was started."""
        return next((part for part in self._parts if part.name == "ssm"), None)

    def start_ssm_again(self) -> None:
        """Start the stand-in of Systems Manager again after it ended, with what it kept where things are on disk."""
        ended = self.ssm
        assert ended is not None, "the stack was not started"  # noqa: S101 - a mistake in our own code
        self._parts.remove(ended)
        ended.kill()
        self._start("ssm", self._ssm_command).await_ready()

    def stop(self) -> None:
        """Stop everything, the latest first."""
        if self._host is not None:
            self._host.stop()
        for part in reversed(self._parts):
            part.stop()
        self._guard.close()

    def ended(self) -> list[Part]:
        """Give the parts that ended by themselves."""
        return [part for part in (*self._parts, *([self._host] if self._host else [])) if part.ended]

    def _start(self, name: str, command: list[str]) -> Part:
        part = start(name, command, self.folder, self._guard)
        self._parts.append(part)
        return part

    def _start_azurite(self, ports: azurite.Ports = azurite.ANY_PORTS) -> azurite.Azurite:
        folder = self.folder / "azurite"
        process, running = azurite.start(
            folder, ports, in_memory=not self._on_disk, own_group=True, began=self._guard.watch
        )
        part = Part("azurite", process, folder / "azurite.log", self._guard)
        self._parts.append(part)
        self._storage = part, running
        return running


@contextmanager
def running(
    folder: Path, clock: str = "skipping", host_options: Sequence[str] = (), *, on_disk: bool = False
) -> Iterator[Stack]:
    """Run the stack for the length of a `with` block; `host_options` are those of `python -m local.host`."""
    stack = Stack(folder, clock, host_options, on_disk=on_disk)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
