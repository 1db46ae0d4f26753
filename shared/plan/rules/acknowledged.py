"""Acknowledgements: of concerns that exist and may be accepted, of machines that the plan has."""

from collections.abc import Iterator
from datetime import datetime

from shared.concerns.judge import why_not_acknowledged
from shared.plan.error_messages import quoted
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.rules.names import Firsts
from shared.problems import Fault


def acknowledgements_fit(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Each is said once, of a machine of the plan or of all; names made from tags are not known yet."""
    known = {machine.name for _, machine in plan.entries()} | {"*"}
    by_tags = any(machine.source.selects_several for _, machine in plan.entries())
    first = Firsts()
    for i, entry in enumerate(plan.acknowledge):
        if entry.machine not in known and not by_tags:
            message = f"there is no machine {quoted(entry.machine)} in the plan"
            yield Fault(pointer=pointer(("acknowledge", i, "machine")), message=message)
        if wrong := why_not_acknowledged(entry.concern):
            yield Fault(pointer=pointer(("acknowledge", i, "concern")), message=wrong)
        yield from first.fault("this acknowledgement", (entry.concern, entry.machine), ("acknowledge", i, "concern"))
