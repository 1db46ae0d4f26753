"""Names: each wave and each machine once, and a name for every machine that is named alone."""

from collections.abc import Hashable, Iterator
from datetime import datetime

from shared.plan.error_messages import quoted
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.problems import Fault


def names_are_unique(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """A wave's name is unique in the plan; so is a machine's."""
    first = Firsts()
    for i, wave in enumerate(plan.waves):
        yield from first.fault(f"wave {quoted(wave.name)}", wave.name, ("waves", i, "name"))
        for j, machine in enumerate(wave.machines):
            place = ("waves", i, "machines", j, "name")
            yield from first.fault(f"machine {quoted(machine.name)}", ("machine", machine.name), place, machine.name)


def names_are_given(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """One machine has a name; those that tags select take theirs from their Name tags."""
    for i, wave in enumerate(plan.waves):
        for j, machine in enumerate(wave.machines):
            at = ("waves", i, "machines", j)
            if not machine.name and not machine.source.selects_several:
                yield Fault(pointer=pointer((*at, "name")), message="is required, unless tags select the machine")
            if machine.name and machine.source.selects_several:
                yield Fault(
                    pointer=pointer((*at, "name")),
                    message="must be left out: tags may select many machines, they take their names from their Name tags",
                )


class Firsts:
    """Where each thing was said first."""

    def __init__(self) -> None:
        self._places: dict[Hashable, tuple[str | int, ...]] = {}

    def fault(self, what: str, key: Hashable, place: tuple[str | int, ...], given: object = True) -> Iterator[Fault]:
        """Give a fault when it was said before."""
        if given and (before := self._places.setdefault(key, place)) != place:
            yield Fault(pointer=pointer(place), message=f"{what} is there already, at {pointer(before)}")
