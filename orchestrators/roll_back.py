"""Roll back: service is restored on the source, the target is fenced first; a cancellation also ends replication."""

from shared.contracts import (
    CANCEL_FAILOVER,
    CLOSE_RULES,
    DISABLE_REPLICATION,
    END_ROUND,
    FENCE_TARGET,
    LIST_ROUND,
    LOOK_COMMAND,
    LOOK_GONE,
    LOOK_JOB,
    MARK_ROLLED_BACK,
    READ_STANDING,
    ROLL_BACK,
    ROLL_BACK_MACHINE,
    SEND_COMMAND,
    START_SOURCE,
    START_TEST_CLEAN_UP,
    START_WATCH,
    TAKE_OVER,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.fan_out import fan_out
from shared.ids import instance_id
from shared.models import Done, Place
from shared.problems import Problem, Refused
from shared.requests import Command, Leaving, Look, Round, WhereItStands, at
from shared.waiting import arm, call_and_wake, submit, until

bp = Blueprint()


@orchestrates(bp, ROLL_BACK, root=True)
def roll_back(context: Context, asked: Round) -> Waits[Done]:
    """All machines side by side: each is taken over from whatever has it, then walked back."""
    yield from call(context, START_WATCH, at(asked, Place))
    listed = yield from call(context, LIST_ROUND, asked)
    here = asked.but(phase=asked.purpose, life=listed.life)
    machines = [here.but(machine=member.name) for member in listed.members]
    yield from fan_out(context, ROLL_BACK_MACHINE, [(instance_id(machine), machine) for machine in machines])
    yield from outcome(call(context, CLOSE_RULES, at(asked, Place)))
    yield from call_and_wake(context, END_ROUND, at(asked, Leaving, owner=context.instance_id))
    return Done()


@orchestrates(bp, ROLL_BACK_MACHINE)
def roll_back_machine(context: Context, asked: Round) -> Waits[Done]:
    """Source and target are never both live: the order of the steps keeps that."""
    place = at(asked, Place)
    yield from until(context, TAKE_OVER, at(place, Look, owner=context.instance_id))
    ended = yield from outcome(_walk_back(context, asked, place))
    problem = ended.facts if isinstance(ended, Problem) else None
    marked = asked.but(problem=problem, owner=context.instance_id)
    yield from call_and_wake(context, MARK_ROLLED_BACK, marked)
    if isinstance(ended, Problem):
        raise ended
    return Done()


def _walk_back(context: Context, asked: Round, place: Place) -> Waits[Done]:
    """Replication is kept before the failover, and where that was cancelled; else, and for a cancellation, removed."""
    standing = yield from _standing(context, place)
    if standing.test_running:
        yield from submit(context, START_TEST_CLEAN_UP, at(place, Look))
    if standing.target_exists:
        yield from until(context, FENCE_TARGET, at(place, Look))
    undone = False
    if (
        standing.cancellable and asked.purpose == "rollback"
    ):  # first: a host may not start what it prepared to give away
        undone = not isinstance((yield from outcome(submit(context, CANCEL_FAILOVER, at(place, Look)))), Problem)
    yield from restore_source(context, place, standing)
    if standing.protected and ((standing.failed_over and not undone) or asked.purpose == "cancel"):
        yield from submit(context, DISABLE_REPLICATION, at(place, Look))
        yield from until(context, LOOK_GONE, at(place, Look))
    return Done()


def restore_source(context: Context, place: Place, standing: WhereItStands) -> Waits[None]:
    """Restore service on the source: the machine runs, and its services do."""
    if standing.source_stopped:
        yield from until(context, START_SOURCE, at(place, Look))
    if standing.services_stopped:
        yield from start_services(context, place)


def _standing(context: Context, place: Place) -> Waits[WhereItStands]:
    """Read how far it came; a failover under way cannot be cancelled, its end is waited for."""
    standing = yield from call(context, READ_STANDING, place)
    if not standing.failover_job:
        return standing
    job = at(place, Look, job=standing.failover_job, tag="failover")
    yield from outcome(until(context, LOOK_JOB, job))
    standing = yield from call(context, READ_STANDING, place)
    if standing.failover_job:
        raise Refused(
            f"the failover of {place.machine} is still under way",
            id="failover-under-way",
            title="The failover does not end",
            advice="Its source stays off as long as a machine may start in Azure. Look at the failover's job in the "
            "portal, then roll back again.",
        )
    return standing


def start_services(context: Context, place: Place) -> Waits[None]:
    """Start again what the quiesce stopped."""
    asked = at(place, Command, script="start-services", tag="start-services")
    began = yield from call(context, SEND_COMMAND, arm(context, "send_command", asked, 0))
    if began.command or began.by_hand:
        yield from until(context, LOOK_COMMAND, at(place, Look, job=began.command, tag="start-services"))
