"""Machines of a plan that are not migrated: they stand in the list, and no rule judges what nobody will do."""

from collections.abc import Iterable, Iterator
from typing import Final

from shared.plan.machines import Machine, Selector
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.problems import Fault

STEPS_TO_MACHINE: Final = 5  # of a pointer: "", waves, i, machines, j


def blanked(plan: Plan) -> Plan:
    """Return the plan with a blank in the place of each machine that is left out: places stay what they are."""
    if not plan.left_out:
        return plan
    blank = Machine.model_construct(source=Selector.model_construct())
    waves = tuple(
        wave.model_copy(update={"machines": tuple(each if each.is_migrated else blank for each in wave.machines)})
        for wave in plan.waves
    )
    return plan.model_copy(update={"waves": waves})


def about_work(plan: Plan, faults: Iterable[Fault]) -> Iterator[Fault]:
    """Yield the faults that are about machines to be migrated, or about the plan as a whole."""
    left_out = {
        pointer(("waves", i, "machines", j))
        for i, wave in enumerate(plan.waves)
        for j, machine in enumerate(wave.machines)
        if not machine.is_migrated
    }
    for fault in faults:
        if "/".join(fault.pointer.split("/")[:STEPS_TO_MACHINE]) not in left_out:
            yield fault


def something_is_left(plan: Plan) -> Iterator[Fault]:
    """Yield a fault where every machine is left out."""
    machines = [machine for _, machine in plan.entries()]
    if machines and not any(each.is_migrated for each in machines):
        message = "have no machine to migrate: the strategy of each is another than rehost"
        yield Fault(pointer="/waves", message=message)


def left_out_of(plan: Plan) -> dict[str, str]:
    """Return the machines that are left out of the work, each with its strategy; a selection goes by its tags."""
    return {each.name or each.source.words: each.strategy for each in plan.left_out}
