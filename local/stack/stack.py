"""The whole stack on free ports: Azurite, simulator, SSM, AWS and the host with the unchanged app on it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .. import azurite
from ..world.build import Places as WorldPlaces
from . import commands
from .environment import Places, for_app
from .guard import Guard
from .part import Part, StackError, free_port, start

NO_SETTINGS: Mapping[str, str] = {}


def storage_inside() -> tuple[str, tuple[str, ...]]:
    """Give the storage of a stack whose host holds it, for as long as it runs, and the option of the host that makes it do so."""
    return azurite.Azurite(0, free_port(), free_port(), free_port()).connection_string, ("--storage-inside",)


class Stack:
    """Started parts, in the order in which they were started."""

    def __init__(
        self,
        folder: Path,
        clock: str,
        host_options: Sequence[str] = (),
        *,
        on_disk: bool = False,
        settings: Mapping[str, str] = NO_SETTINGS,
        storage: str = "",
    ) -> None:
        """Keep how it is to be started; nothing runs yet. `on_disk` = what parts hold outlives them, and is slower.

        `storage` = the connection string of storage that runs already; without one the stack has an Azurite of its own.
        """
        self._settings = settings
        self._storage = storage
        self.folder = folder
        self._on_disk = on_disk
        self._host_options = host_options
        self._clock = clock
        self._guard = Guard()
        self._parts: dict[str, Part] = {}  # all but the host
        self._commands: dict[str, list[str]] = {}
        self._azurite: azurite.Azurite | None = None
        self._host: Part | None = None
        self._port = "0"
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
    def parts(self) -> list[Part]:
        """What was started, in an order in which each finds what it asks."""
        return [*self._parts.values(), *([self._host] if self._host else [])]

    @property
    def key(self) -> str:
        """The key that opens the app's API."""
        return str(json.loads((self.folder / "host" / "keys.json").read_text(encoding="utf-8"))["app"])

    def start(self) -> None:
        """Start everything; the stand-ins side by side, then the host."""
        ports = {name: free_port() for name in ("simulator", "aws", "ssm")}
        kept = self.folder / "kept"
        kept.mkdir(parents=True, exist_ok=True)
        self._commands = commands.stand_ins(ports, self._clock, kept if self._on_disk else None)
        self._start("simulator")
        self._start("aws")
        storage = self._storage or self._start_azurite(azurite.ANY_PORTS).connection_string
        self._parts["simulator"].await_ready()  # SSM asks the clock when it starts
        self._start("ssm")
        for name in ports:
            self._parts[name].await_ready()
        self._places = Places(storage, *commands.urls(ports).values())
        self.start_host()

    def start_host(self) -> None:
        """Start the host, again on the same port and data when it ran before."""
        command = commands.host(self._port, self.folder / "host", self.places.clock)
        environment = {**for_app(self.places), **self._settings}
        self._host = start("host", [*command, *self._host_options], self.folder, self._guard, environment)
        self._port = self._host.await_ready().rpartition(":")[2]

    def start_again(self, part: Part) -> None:
        """Start a part again after it ended, where it was; with what it held, if that is on disk.

        Raises `StackError` or `AzuriteError` when it does not start: it has ended then, and can be tried again.
        """
        part.kill()
        try:
            self._start_one(part.name)
        except StackError:
            self.part(part.name).kill()
            raise

    def part(self, name: str) -> Part:
        """The part of a name: simulator, aws, azurite, ssm or host."""
        return next(part for part in self.parts if part.name == name)

    def stop(self) -> None:
        """Stop everything, the latest first."""
        for part in reversed(self.parts):
            part.stop()
        self._guard.close()

    def ended(self) -> list[Part]:
        """Give the parts that ended by themselves."""
        return [part for part in self.parts if part.ended]

    def _start_one(self, name: str) -> None:
        if name == "host":
            self.start_host()
        elif name == "azurite":
            known = self._azurite
            self._start_azurite(azurite.Ports(known.blob, known.queue, known.table) if known else azurite.ANY_PORTS)
        else:
            self._start(name)
            self._parts[name].await_ready()

    def _start(self, name: str) -> None:
        self._parts[name] = start(name, self._commands[name], self.folder, self._guard)

    def _start_azurite(self, ports: azurite.Ports) -> azurite.Azurite:
        folder = self.folder / "azurite"
        process, self._azurite = azurite.start(
            folder, ports, in_memory=not self._on_disk, own_group=True, began=self._guard.watch
        )
        self._parts["azurite"] = Part("azurite", process, folder / "azurite.log", self._guard)
        return self._azurite


@contextmanager
def running(
    folder: Path,
    clock: str = "skipping",
    host_options: Sequence[str] = (),
    *,
    on_disk: bool = False,
    settings: Mapping[str, str] = NO_SETTINGS,
    storage: str = "",
) -> Iterator[Stack]:
    """Run the stack for the length of a `with` block.

    `host_options` are those of `python -m local.host`, `settings` are added to those of the app, `storage` is storage that
    runs already.
    """
    stack = Stack(folder, clock, host_options, on_disk=on_disk, settings=settings, storage=storage)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
