"""Many children of one orchestrator: at most 64 over its life, a tree of branches above that."""

from collections.abc import Sequence
from typing import Any

from shared.durable import Asked, Context, Phase, Reply, Task, Waits, begin, decoded, read, to_wire
from shared.models import Model, Request
from shared.problems import Problem

MOST_CHILDREN = 64  # of one orchestrator: replay cost grows with the square of it


class Child(Model):
    """One child of a fan-out: its instance id and its request as on the wire."""

    instance: str
    request: dict[str, Any]


class Branch(Request):
    """A slice of a fan-out that is too wide for one orchestrator."""

    phase: str
    children: tuple[Child, ...]


class Answers(Model):
    """What the children of a branch answered, in their order, as on the wire."""

    answers: tuple[dict[str, Any], ...] = ()


BRANCH = Phase("branch", Branch, Answers)


def fan_out(
    context: Context, phase: Phase[Asked, Reply], requests: Sequence[tuple[str, Asked]]
) -> Waits[list[Reply | Problem]]:
    """Run one child per (instance id, request); give replies and problems in the same order.

    One refusal does not stop the others. Above 64 children it becomes a tree of branches.
    """
    now = context.current_utc_datetime
    children = tuple(Child(instance=name, request=to_wire(request, now)) for name, request in requests)
    answers = yield from branch(context, Branch(phase=phase.name, children=children))
    return [_reply_or_problem(phase.gives, answer) for answer in answers.answers]


def begin_all(
    context: Context, phase: Phase[Asked, Reply], requests: Sequence[tuple[str, Asked]], instance_id: str
) -> Task | None:
    """Begin one child per (instance id, request) under one branch, as a task to race; None when there are none."""
    if not requests:
        return None
    now = context.current_utc_datetime
    children = tuple(Child(instance=name, request=to_wire(request, now)) for name, request in requests)
    return begin(context, BRANCH, Branch(phase=phase.name, children=children), instance_id)


def branch(context: Context, request: Branch) -> Waits[Answers]:
    """Run the children of a branch: directly when they are few, else as branches of their own."""
    if not request.children:
        return Answers()
    if len(request.children) <= MOST_CHILDREN:
        tasks = [
            context.call_sub_orchestrator(request.phase, child.request, child.instance) for child in request.children
        ]
        return Answers(answers=tuple(decoded(answer) for answer in (yield context.task_all(tasks))))
    slices = _slices(request.children)
    twigs = [
        begin(context, BRANCH, request.but(children=part), f"{context.instance_id}.{number}")
        for number, part in enumerate(slices)
    ]
    grown = [read(Answers, answer) for answer in (yield context.task_all(twigs))]
    return Answers(answers=tuple(answer for twig in grown for answer in twig.answers))


def _slices(children: tuple[Child, ...]) -> list[tuple[Child, ...]]:
    """Cut into at most 64 slices of even size."""
    size = max(MOST_CHILDREN, -(-len(children) // MOST_CHILDREN))
    return [children[start : start + size] for start in range(0, len(children), size)]


def _reply_or_problem(gives: type[Reply], answer: Any) -> Reply | Problem:
    """Read a child's answer without raising."""
    try:
        return read(gives, answer)
    except Problem as problem:
        return problem
