"""Which cutover windows hold for a machine: its own, else those of its application, else those of its wave."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from shared.plan.cutover import Window
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave


class WindowSet(NamedTuple):
    """Windows of one plan, and whose they are: places in an opening are counted for each of them by itself."""

    owner: str  # the name of a wave, or one behind `application.` or `machine.`, which no wave's name holds
    windows: tuple[Window, ...]

    @property
    def whose(self) -> str:
        """Say whose they are, where they are not the wave's."""
        kind, _, name = self.owner.partition(".")
        return f"{kind} {name}" if name else ""


NO_WINDOWS: Final = WindowSet("", ())


def windows_of(plan: Plan, wave: Wave, machine: Machine) -> WindowSet:
    """Give the windows of a machine of a wave."""
    if machine.windows:
        return WindowSet(f"machine.{machine.name}", machine.windows)
    own = next((each for each in plan.applications if each.name == machine.application), None)
    if own:
        return WindowSet(f"application.{own.name}", own.windows)
    return WindowSet(wave.name, wave.cutover.windows)


def windows_in(plan: Plan, wave: Wave, machines: Iterable[Machine] | None = None) -> tuple[WindowSet, ...]:
    """Give the windows of some machines of a wave (None: of all), each set once."""
    found = (windows_of(plan, wave, each) for each in (wave.machines if machines is None else machines))
    return tuple({each.owner: each for each in found}.values())
