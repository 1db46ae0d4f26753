"""What runs inside a VM: power, boot, agent, listeners, and how commands end in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ...machines import SourceMachine
from ...timeline import Event
from ...world import World
from .listeners import Listeners

Power = Literal["starting", "running", "stopped", "deallocating", "deallocated", "stopping"]
Boot = Literal["ok", "fails", "agent-not-ready", "hydration-fails"]

_DEAD_LINUX = (
    "[    5.1] dracut-initqueue[312]: Warning: dracut-initqueue timeout - starting timeout scripts\n"
    "[  187.3] dracut-initqueue[312]: Warning: Could not boot.\n"
    "[  187.4] Warning: /dev/mapper/rootvg-rootlv does not exist: the hv_storvsc driver is not in the initramfs\n"
    "Entering emergency mode. Exit the shell to continue.\n"
)
_DEAD_WINDOWS = "*** STOP: 0x0000007B INACCESSIBLE_BOOT_DEVICE\nstorvsc.sys: start type is not BOOT_START\n"


class Outcome(BaseModel):
    """How a run command ends on VMs whose name matches (glob), when its script matches (regular expression)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    vm: str = "*"
    match: str = ""
    # restarted: the machine did, midway; killed: the script was, with the shell around it
    result: Literal["success", "failure", "timeOut", "restarted", "killed"] = "success"
    exit_code: int = Field(default=1, alias="exitCode")
    stdout: str = ""
    stderr: str = ""
    seconds: float = Field(default=20, ge=0)
    times: int | None = Field(default=None, ge=1)
    tells: bool = Field(
        default=True, description="Windows: the operation fails for a code, as seen in 2019; not so in 2024"
    )

    @property
    def tells_seconds(self) -> bool:
        """Whether somebody said how long it takes."""
        return "seconds" in self.model_fields_set

    def fits(self, vm: str) -> bool:
        """Tell whether it is meant for this VM."""
        return fnmatchcase(vm.lower(), self.vm.lower())


@dataclass
class Guest:
    """One VM's inside; times are virtual."""

    vm_id: str
    name: str
    os_type: str
    os_name: str
    hostname: str
    boot: Boot
    boot_seconds: float
    boot_log: str
    ports: tuple[int, ...]
    listeners: Listeners
    power: Power = "starting"
    since: datetime | None = None
    up: bool = False
    command: str = ""
    _booting: Event | None = field(default=None, repr=False)

    @property
    def agent_ready(self) -> bool:
        """Whether the VM agent answers."""
        return self.up and self.boot == "ok" and self.power == "running"

    @property
    def console(self) -> str:
        """The text of the serial console."""
        if self.boot_log:
            return self.boot_log
        if self.boot == "fails":
            return _DEAD_WINDOWS if self.os_type == "Windows" else _DEAD_LINUX
        return f"{self.os_name} on {self.hostname}\n{self.hostname} login:\n" if self.up else "Booting\n"

    def start(self, world: World) -> None:
        """Switch on and boot; what listens does so once it has booted."""
        self.power, self.since, self.up = "running", world.now, False
        world.switched(self.vm_id, on=True)
        self._booting = world.timeline.after(self.boot_seconds, self._booted)

    def stop(self, world: World, power: Power) -> None:
        """Switch off: nothing listens any more."""
        self.power, self.since, self.up, self.command = power, world.now, False, ""
        if self._booting:
            self._booting.cancel()
        self.listeners.close()
        world.switched(self.vm_id, on=power == "running")

    def _booted(self) -> None:
        if self.boot in ("ok", "agent-not-ready"):
            self.up = True
            self.listeners.open(self.ports)


def plan_of(machine: SourceMachine | None) -> dict[str, object]:
    """Return what a guest takes over from its source machine; without one it is a Linux that boots."""
    if machine is None:
        return {"boot": "ok", "boot_seconds": 60.0, "boot_log": "", "ports": (), "os_name": "Linux", "hostname": ""}
    return {
        "boot": machine.boot,
        "boot_seconds": machine.boot_seconds,
        "boot_log": machine.boot_log,
        "ports": tuple(machine.ports),
        "os_name": machine.os_name,
        "hostname": machine.hostname or machine.name,
    }


Greeting = Callable[[str], tuple[str, bytes] | None]


def greeting(name: str) -> Greeting:
    """Return what a VM answers over HTTP: its name, on every path."""
    return lambda _: ("text/plain; charset=utf-8", f"{name}\n".encode())
