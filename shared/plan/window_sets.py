"""Which cutover windows hold for a machine: its own, else those of its application, else those of its wave."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from shared.plan.cutover import Window
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave


class WindowSet(NamedTuple):
    """Windows of one plan, and whose they are: places in an opening are counted for each of them by itself."""

    of: Literal["wave", "application", "machine"]
    name: str
    windows: tuple[Window, ...]

    @property
    def owner(self) -> str:
        """Give the id under which places are counted; a wave's name holds no dot."""
        return self.name if self.of == "wave" else f"{self.of}.{self.name}"

    @property
    def whose(self) -> str:
        """Say whose they are, where they are not the wave's."""
        return "" if self.of == "wave" else f"{self.of} {self.name}"


NO_WINDOWS: Final = WindowSet("wave", "", ())


def windows_of(plan: Plan, wave: Wave, machine: Machine) -> WindowSet:
    """Give the windows of a machine of a wave."""
    if machine.windows:
        return WindowSet("machine", machine.name, machine.windows)
    own = next((each for each in plan.applications if each.name == machine.application), None)
    if own:
        return WindowSet("application", own.name, own.windows)
    return WindowSet("wave", wave.name, wave.cutover.windows)


def windows_in(plan: Plan, wave: Wave, machines: Iterable[Machine] | None = None) -> tuple[WindowSet, ...]:
    """Give the windows of some machines of a wave (None: of all), each set once."""
    found = (windows_of(plan, wave, each) for each in (wave.machines if machines is None else machines))
    return tuple({each.owner: each for each in found}.values())
