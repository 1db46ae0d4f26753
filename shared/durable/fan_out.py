"""Many children of one orchestrator: at most 64 over its life, a tree of branches above that."""

import logging
from collections.abc import Sequence
from typing import Any

from shared.durable.seam import (
    Activity,
    Context,
    DurableTask,
    Input,
    Phase,
    Reply,
    Waits,
    begin,
    call,
    decoded,
    read,
    to_refusal,
    to_wire,
)
from shared.ids import LONGEST_INSTANCE_ID, shortened
from shared.models import Model, Request, Settled
from shared.observability.faults import in_one_sentence
from shared.problems import Problem, ProblemData, Refused

FLOW_ENDED = "flow-ended"  # of a child that was ended from outside: it could tell the ledger nothing
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


class Ended(Model):
    """A child that was ended from outside, and what is known of that."""

    child: Child
    problem: ProblemData


class EndedFlows(Request):
    """Children that were ended from outside and so could not let go of their machines."""

    flows: tuple[Ended, ...]


BRANCH = Phase("branch", Branch, Answers)
SETTLE_ENDED = Activity("settle_ended", EndedFlows, Settled)


def fan_out(
    context: Context, phase: Phase[Input, Reply], requests: Sequence[tuple[str, Input]]
) -> Waits[list[Reply | Problem]]:
    """Run one child per (instance id, request); give replies and problems in the same order.

    One refusal does not stop the others. Above 64 children it becomes a tree of branches.
    """
    now = context.current_utc_datetime
    children = tuple(Child(instance=name, request=to_wire(request, now)) for name, request in requests)
    form = max((request.form for _, request in requests), default=1)
    answers = yield from branch(context, Branch(phase=phase.name, children=children, form=form))
    return [_reply_or_problem(phase.gives, answer) for answer in answers.answers]


def begin_all(
    context: Context, phase: Phase[Input, Reply], requests: Sequence[tuple[str, Input]], instance_id: str
) -> DurableTask | None:
    """Begin one child per (instance id, request) under one branch, as a task to race; None when there are none."""
    if not requests:
        return None
    now = context.current_utc_datetime
    children = tuple(Child(instance=name, request=to_wire(request, now)) for name, request in requests)
    form = max(request.form for _, request in requests)
    return begin(context, BRANCH, Branch(phase=phase.name, children=children, form=form), instance_id)


def branch(context: Context, request: Branch) -> Waits[Answers]:
    """Run the children of a branch: directly when they are few, else as branches of their own."""
    if not request.children:
        return Answers()
    if len(request.children) <= MOST_CHILDREN:
        tasks = [
            context.call_sub_orchestrator(request.phase, child.request, child.instance) for child in request.children
        ]
        answers = yield from gathered(context, tasks)
        yield from _settle_ended(context, request, answers)
        return Answers(answers=tuple(answers))
    slices = _slices(request.children)
    twigs = [begin(context, BRANCH, request.replace(children=part), _sub_branch(part)) for part in slices]
    grown = yield from gathered(context, twigs)
    return Answers(
        answers=tuple(
            answer
            for sub_branch, part in zip(grown, slices, strict=True)
            for answer in _answers_of(sub_branch, len(part))
        )
    )


def _settle_ended(context: Context, request: Branch, answers: Sequence[dict[str, Any]]) -> Waits[None]:
    """Let go of the machines of children that were ended from outside: nobody else would."""
    ended = [
        Ended(child=child, problem=ProblemData.model_validate(answer["refused"]))
        for child, answer in zip(request.children, answers, strict=True)
        if answer.get("refused", {}).get("id") == FLOW_ENDED
    ]
    if ended:
        yield from call(context, SETTLE_ENDED, EndedFlows(flows=tuple(ended), form=request.form))


def _sub_branch(part: tuple[Child, ...]) -> str:
    """Name a branch after the first of its children and their number: it lives and dies with them."""
    return shortened(f"{part[0].instance}.of-{len(part)}", LONGEST_INSTANCE_ID)


def _answers_of(sub_branch: Any, count: int) -> Sequence[dict[str, Any]]:
    """Give what the children of a branch answered; where the branch itself was ended, all answer with that."""
    try:
        return read(Answers, sub_branch).answers
    except Problem:
        return [sub_branch] * count


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


def gathered(context: Context, tasks: Sequence[DurableTask]) -> Waits[list[Any]]:
    """Wait for every child, however each ends; what a child answers is given as on the wire.

    A child that really failed (terminated by an operator, changed code) stands in the list as the refusal `flow-ended`:
    `task_all` alone would end at the first such child while its siblings run on.
    """
    try:
        return [decoded(answer) for answer in (yield context.task_all(list(tasks)))]
    except Exception as first:  # noqa: BLE001 - a failed child arrives as a bare Exception
        logging.getLogger("azferry").debug("a child of %s failed: %s", context.instance_id, first)
    answers = []
    for task in tasks:
        try:
            answers.append(decoded((yield task)))
        except Exception as fault:  # noqa: BLE001 - as above
            answers.append(to_refusal(_ended(fault)))
    return answers


def _ended(fault: Exception) -> Problem:
    """Say that a child was ended from outside."""
    reason = in_one_sentence(str(fault))
    return Refused(
        f"the flow of this step was ended: {reason}",
        id="flow-ended",  # FLOW_ENDED, spelt out for the page of errors
        title="A flow was ended from outside",
        advice="What it had begun in Azure goes on. Look where the machine stands, then retry or roll back.",
    )
