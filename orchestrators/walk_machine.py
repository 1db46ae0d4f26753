"""Walk a machine along a leg of the itinerary: one child per phase, the ledger told at each step."""

from shared.contracts.contracts import (
    BEGIN_ROLL_BACK,
    LEAVE,
    MACHINE_PHASES,
    QUIESCE,
    RESTORE_SERVICES,
    RESTORE_SOURCE,
    WALK_MACHINE,
)
from shared.contracts.requests import PhaseExit, scoped_as, where
from shared.contracts.rounds import PhaseRun
from shared.contracts.unverified import RollBackOrder
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates, outcome, run
from shared.ids import instance_id
from shared.itinerary import step_at
from shared.models import Done, Scope
from shared.problems import Interrupted, Problem, WindowClosed

bp = Blueprint()


@orchestrates(bp, WALK_MACHINE)
def walk_machine(context: Context, leg: PhaseRun) -> Waits[Done]:
    """Walk, then let go of the machine: its slots are freed and whoever waits for it is woken, however it ended."""
    refused: dict[str, Problem] = {}
    for phase in leg.due:
        if refused and not _still_runs(phase, leg, refused):
            continue
        ended = yield from outcome(_run(context, scoped_as(leg, Scope).replace(phase=phase)))
        if isinstance(ended, Problem):
            refused[phase] = ended
    failed_in, problem = next(iter(refused.items()), ("", None))
    if isinstance(problem, WindowClosed):
        problem = yield from _step_back(context, scoped_as(leg, Scope).replace(phase=failed_in), problem)
    elif step_at(failed_in).services_stopped and not isinstance(problem, Interrupted):
        serving = scoped_as(leg, Scope).replace(phase="restore_services")
        yield from outcome(
            run(context, RESTORE_SERVICES, serving, instance_id(serving))
        )  # the ledger has what it came to
    yield from _let_go(context, leg, failed_in or leg.phases[-1], problem)
    if problem:
        raise problem
    return Done()


def _still_runs(phase: str, leg: PhaseRun, refused: dict[str, Problem]) -> bool:
    """Tidying up runs after a refusal, unless an operator stopped the machine: then the one who takes over tidies."""
    first = next(iter(refused))
    begun = step_at(phase).tidies
    if not begun or isinstance(refused[first], Interrupted):
        return False
    return leg.phases.index(first) >= leg.phases.index(begun)


def _run(context: Context, scope: Scope) -> Waits[Done]:
    """Run the phase; its first activity enters it (here a pause holds and a cancellation strikes)."""
    entering = scope.replace(enters=context.instance_id)
    return (yield from run(context, MACHINE_PHASES[scope.phase], entering, instance_id(scope)))


def _step_back(context: Context, scope: Scope, problem: Problem) -> Waits[Problem]:
    """Take back what the cutover did before its window closed; gives what the walk ends with."""
    if scope.phase == QUIESCE.name:  # it started the services again itself
        return problem
    if step_at(scope.phase).on_closed_window == "roll back":
        ended = yield from outcome(call(context, BEGIN_ROLL_BACK, scoped_as(scope, RollBackOrder)))
    else:
        back = scope.replace(phase="restore_source")
        ended = yield from outcome(run(context, RESTORE_SOURCE, back, instance_id(back)))
    return ended if isinstance(ended, Problem) else problem


def _let_go(context: Context, leg: PhaseRun, phase: str, problem: Problem | None) -> Waits[None]:
    """Tell the ledger, free what the machine held, wake who waited for it."""
    leaving = PhaseExit(
        **where(leg.replace(phase=phase)), owner=context.instance_id, problem=problem.facts if problem else None
    )
    yield from call(context, LEAVE, leaving)
