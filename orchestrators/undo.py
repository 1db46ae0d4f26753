"""The way back: each step of the itinerary that left something behind is undone by its own activity, the last first."""

from collections.abc import Callable, Collection

from shared.contracts.contracts import (
    CANCEL_FAILOVER,
    FENCE_TARGET,
    POLL_COMMAND,
    POLL_GONE,
    SEND_COMMAND,
    START_DISABLING,
    START_SOURCE_MACHINE,
    START_TEST_CLEAN_UP,
)
from shared.contracts.requests import Poll, scoped_as, where
from shared.contracts.rounds import CutoverProgress, Round
from shared.contracts.sources import SourceCommand
from shared.durable.seam import Context, Waits, call, outcome
from shared.durable.waiting import arm, submit, until
from shared.itinerary import WAYS_BACK, Stage
from shared.models import Scope
from shared.problems import Problem

START_SERVICES = "start-services"
EVERYTHING: Collection[Stage] = ("Replicate", "Rehearse", "CutOver")


def walk_back(
    context: Context, request: Round, standing: CutoverProgress, stages: Collection[Stage] = EVERYTHING
) -> Waits[None]:
    """Undo what the machine's steps of these stages left, as far as its standing says that there is something.

    The order is the itinerary's, backwards, so source and target are never both live: the target is fenced before the
    source starts, and the machine serves again before anything is tidied up.
    """
    for step in WAYS_BACK:
        if step.undo in UNDO and step.stage in stages:
            standing = yield from UNDO[step.undo](context, request, standing)


def start_services(context: Context, scope: Scope) -> Waits[None]:
    """Start again what the quiesce stopped."""
    command = SourceCommand(**where(scope), script=START_SERVICES, tag=START_SERVICES)
    began = yield from call(context, SEND_COMMAND, arm(context, "send_command", command, 0))
    if began.command or began.by_hand:
        yield from until(context, POLL_COMMAND, command.replace(job=began.command))


def _poll(request: Round) -> Poll:
    """Ask for a step back; a machine that is rolled back is down until it ends."""
    return Poll(**where(request), urgent=request.purpose == "rollback")


def _undo_failover(context: Context, request: Round, standing: CutoverProgress) -> Waits[CutoverProgress]:
    """Fence the target; then cancel the failover where that is offered, as a host may not start what it gave away."""
    if standing.target_exists:
        yield from until(context, FENCE_TARGET, scoped_as(request, Poll))
    if not standing.cancellable or request.purpose != "rollback":
        return standing
    ended = yield from outcome(submit(context, CANCEL_FAILOVER, _poll(request)))
    return standing if isinstance(ended, Problem) else standing.replace(failed_over=False)


def _undo_stop(context: Context, request: Round, standing: CutoverProgress) -> Waits[CutoverProgress]:
    if standing.source_stopped:
        yield from until(context, START_SOURCE_MACHINE, scoped_as(request, Poll))
    return standing


def _undo_quiesce(context: Context, request: Round, standing: CutoverProgress) -> Waits[CutoverProgress]:
    if standing.services_stopped:
        yield from start_services(context, scoped_as(request, Scope))
    return standing


def _undo_test_failover(context: Context, request: Round, standing: CutoverProgress) -> Waits[CutoverProgress]:
    if standing.test_running:
        yield from submit(context, START_TEST_CLEAN_UP, _poll(request))
    return standing


def _undo_replication(context: Context, request: Round, standing: CutoverProgress) -> Waits[CutoverProgress]:
    """Keep replication before the failover, and where that was cancelled; else, and for a cancellation, end it."""
    if standing.protected and (standing.failed_over or request.purpose == "cancel"):
        yield from submit(context, START_DISABLING, _poll(request))
        yield from until(context, POLL_GONE, scoped_as(request, Poll))
    return standing


UNDO: dict[str, Callable[[Context, Round, CutoverProgress], Waits[CutoverProgress]]] = {
    FENCE_TARGET.name: _undo_failover,
    START_SOURCE_MACHINE.name: _undo_stop,
    SEND_COMMAND.name: _undo_quiesce,
    START_TEST_CLEAN_UP.name: _undo_test_failover,
    START_DISABLING.name: _undo_replication,
}
