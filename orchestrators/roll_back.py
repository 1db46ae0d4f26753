"""Roll back: service is restored on the source, the target is fenced first; a cancellation also ends replication."""

from orchestrators.undo import walk_back
from shared.contracts.contracts import (
    CLOSE_RULES,
    END_ROUND,
    LIST_ROUND,
    MARK_ROLLED_BACK,
    POLL_JOB,
    READ_STANDING,
    ROLL_BACK,
    ROLL_BACK_MACHINE,
    START_WATCH,
    TAKE_OVER,
)
from shared.contracts.requests import PhaseExit, Poll, scoped_as, where
from shared.contracts.rounds import CutoverProgress, Round
from shared.durable.fan_out import fan_out
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.durable.waiting import until
from shared.ids import instance_id
from shared.models import Done, Scope
from shared.problems import Problem, Refused

bp = Blueprint()


@orchestrates(bp, ROLL_BACK, root=True)
def roll_back(context: Context, request: Round) -> Waits[Done]:
    """All machines side by side: each is taken over from whatever has it, then walked back."""
    yield from call(context, START_WATCH, scoped_as(request, Scope))
    listed = yield from call(context, LIST_ROUND, request)
    here = request.replace(phase=request.purpose, life=listed.life)
    machines = [here.replace(machine=member.name) for member in listed.members]
    yield from fan_out(context, ROLL_BACK_MACHINE, [(instance_id(machine), machine) for machine in machines])
    yield from outcome(call(context, CLOSE_RULES, scoped_as(request, Scope)))
    yield from call(context, END_ROUND, PhaseExit(**where(request), owner=context.instance_id))
    return Done()


@orchestrates(bp, ROLL_BACK_MACHINE)
def roll_back_machine(context: Context, request: Round) -> Waits[Done]:
    """Source and target are never both live: the order of the steps keeps that."""
    place = scoped_as(request, Scope)
    yield from until(context, TAKE_OVER, Poll(**where(place), owner=context.instance_id))
    ended = yield from outcome(_walk_back(context, request, place))
    problem = ended.facts if isinstance(ended, Problem) else None
    marked = request.replace(problem=problem, owner=context.instance_id)
    yield from call(context, MARK_ROLLED_BACK, marked)
    if isinstance(ended, Problem):
        raise ended
    return Done()


def _walk_back(context: Context, request: Round, scope: Scope) -> Waits[Done]:
    standing = yield from _standing(context, scope)
    yield from walk_back(context, request, standing)
    return Done()


def _standing(context: Context, scope: Scope) -> Waits[CutoverProgress]:
    """Read how far it came; a failover under way cannot be cancelled, its end is waited for."""
    standing = yield from call(context, READ_STANDING, scope)
    if not standing.failover_job:
        return standing
    job = Poll(**where(scope), job=standing.failover_job, tag="failover", urgent=scope.phase == "rollback")
    yield from outcome(until(context, POLL_JOB, job))
    standing = yield from call(context, READ_STANDING, scope)
    if standing.failover_job:
        raise Refused(
            f"the failover of {scope.machine} is still under way",
            id="failover-under-way",
            title="The failover does not end",
            advice="Its source stays off as long as a machine may start in Azure. Look at the failover's job in the "
            "portal, then roll back again.",
        )
    return standing
