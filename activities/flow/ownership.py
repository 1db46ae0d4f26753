"""Taking a machine over from the flow that has it, and marking what a rollback came to."""

from asyncio import to_thread

from activities.flow.failure_notices import tell_stopped
from activities.flow.phase_exit import leave
from activities.flow.slots import slot_holder
from activities.flow.wait_rows import arm, disarm, gate_watch, owner_watch, wake, wave_watch
from activities.flow.waiting_copies import stand_by_again
from shared.contracts.contracts import BEGIN_ROLL_BACK, MARK_ROLLED_BACK, TAKE_OVER
from shared.contracts.requests import PhaseExit, Poll, PollResult, scoped_as, where
from shared.contracts.rounds import Round
from shared.contracts.unverified import RollBackOrder
from shared.coordination import slots
from shared.coordination.decision import Decision
from shared.coordination.waits import WaitKind
from shared.decisions.dropping import free_source, nothing_more
from shared.decisions.round_rules import is_complete
from shared.decisions.rounds import open_roll_back
from shared.decisions.steered import CommandOutcome, follow
from shared.durable.durable_client import Client, serves_with_client
from shared.durable.fan_out import SETTLE_ENDED, Ended, EndedFlows
from shared.durable.seam import Blueprint, serves
from shared.itinerary import APPROVAL
from shared.ledger import events, machines
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.machines import NOBODY
from shared.models import Announcement, Done, Scope, Settled
from shared.problems import ProblemData, Refused
from shared.reporting import release_commands
from shared.states import GIVEN_UP, TERMINAL, MachineState

bp = Blueprint()

PATIENCE = 300  # a flow lets go as soon as it looks, and a lost event only costs this


@serves(bp, TAKE_OVER)
def take_over(poll: Poll) -> PollResult:
    """Become the owner of a machine as soon as its flow has let go; settled when it is ours.

    Raises `Refused` when it came so far meanwhile that there is no way back.
    """
    arm(poll, WaitKind.OWNER, owner_watch(poll), text="the machine to be let go")

    def is_free(row: MachineRow) -> bool:
        return row.owner in ("", NOBODY, poll.owner) and not is_complete(row)

    row = machines.change(poll, is_free, owner=poll.owner, phase=poll.phase, since=poll.now)
    if is_complete(row):  # it came through while the command was on its way
        disarm(poll, WaitKind.OWNER, owner_watch(poll))
        raise Refused(
            f"the migration of {poll.machine} is complete by now: it serves in Azure for good",
            id="migration-complete",
            title="There is no way back any more",
            advice="Its source is still there, stopped, until it is decommissioned.",
        )
    if row.owner != poll.owner:
        waiting_for = f"the running step ({row.phase}) to come to a safe end, then {poll.phase} begins"
        machines.change(poll, waiting_for=waiting_for, release="")
        return PollResult(patience=PATIENCE)
    disarm(poll, WaitKind.OWNER, owner_watch(poll))
    machines.change(poll, waiting_for=f"the {poll.phase}", release="", problem=None)
    events.write(poll, f"{poll.phase}-began", f"{poll.phase} of {poll.machine} began")
    return PollResult(settled=True)


@serves(bp, MARK_ROLLED_BACK)
def mark_rolled_back(request: Round) -> Settled:
    """Write down how the rollback ended: ready for cutover again, rolled back, cancelled, or failed."""
    row = machines.get(request.migration, request.machine)
    if row is None:
        return Settled()
    if request.problem is not None:
        _failed(request, request.problem)
    else:
        _back(request, row)
    machines.change(request, lambda machine: machine.owner == request.owner, owner="")
    freed = slots.free(slot_holder(request, "replicating"))
    watches = (owner_watch(request), gate_watch(request.migration), wave_watch(request.migration))
    return Settled(announcements=freed + tuple(each for watch in watches for each in wake(watch)))


def _failed(request: Round, problem: ProblemData) -> None:
    """Say where it stopped; the same command tries again."""
    release = release_commands.back(request.purpose, request.migration, request.machine, "once more")
    row = machines.change(
        request,
        state=MachineState.FAILED,
        failed_in=request.purpose,
        problem=problem,
        waiting_for=problem.advice or "a decision of an operator",
        release=release,
    )
    events.write(request, f"{request.purpose}-failed", f"{request.purpose} failed: {problem.detail}")
    tell_stopped(row, scoped_as(request, Scope), problem)


def _back(request: Round, row: MachineRow) -> None:
    """Choose the state: replication kept = ready for cutover again; else it was given up, for the reason asked."""
    kept = request.purpose == "rollback" and bool(row.item_id)
    given_up = MachineState.CANCELLED if request.purpose == "cancel" else MachineState.ROLLED_BACK
    state = MachineState.READY_FOR_CUTOVER if kept and _was_ready(row) else given_up
    machines.change(
        request,
        state=state,
        failed_in=APPROVAL if state == MachineState.READY_FOR_CUTOVER else "",
        problem=None,
        waiting_for=nothing_more(row.dropped) if row.dropped else "",
        release="" if row.dropped else release_commands.retry(request.migration, request.machine),
        since=request.now,
        marks={Mark.ROLLED_BACK: request.now}
        | ({Mark.READY: request.now} if state == MachineState.READY_FOR_CUTOVER else {}),
    )
    stand_by_again(request)
    if row.dropped:
        free_source(row)
    text = "the source serves; replication is kept" if state not in GIVEN_UP else "the source serves"
    events.write(request, f"{request.purpose}-done", f"{request.machine}: {text}")


def _was_ready(row: MachineRow) -> bool:
    """Tell whether the machine had come as far as its cutover."""
    return row.mark(Mark.READY) is not None


@serves(bp, SETTLE_ENDED)
def settle_ended(request: EndedFlows) -> Settled:
    """Let go of machines whose flow was ended from outside: each fails where it stands, so that it can be retried."""
    announcements: tuple[Announcement, ...] = ()
    for flow in request.flows:
        leaving = _leaving(request, flow)
        if leaving is not None:
            announcements += leave(leaving).announcements
    return Settled(announcements=announcements)


def _leaving(request: EndedFlows, flow: Ended) -> PhaseExit | None:
    """Give how an ended flow's machine is left; None where it has none, or another flow has it."""
    place = Scope.model_validate(flow.child.request).replace(now=request.now)
    row = machines.get(place.migration, place.machine) if place.machine else None
    if row is None or row.round != place.round or row.owner not in ("", flow.child.instance) or row.state in TERMINAL:
        return None
    return PhaseExit(**where(place.replace(phase=row.phase)), owner=flow.child.instance, problem=flow.problem)


@serves_with_client(bp, BEGIN_ROLL_BACK)
async def begin_roll_back(client: Client, order: RollBackOrder) -> Done:
    """Begin the rollback of one machine, because its acceptance timer, a tester, a closed window or its deadline says so."""
    await follow(client, await to_thread(_roll_back, order))
    return Done()


def _roll_back(scope: RollBackOrder) -> CommandOutcome:
    """Open the rollback's round, or give the one that an earlier call, or a person, opened for the machine."""
    row = machines.get(scope.migration, scope.machine)
    if row is not None and row.round > scope.round:
        return CommandOutcome(
            begin=Round(migration=scope.migration, round=row.round, purpose="rollback", now=scope.now)
        )
    window = scope.phase == "verify"
    who, why = ("the cutover window", "it closed") if window else ("acceptance", "it was not accepted")
    decision = Decision(by=scope.by or who, at=scope.now, comment=scope.why or why, surface="plan")
    return open_roll_back(scope.migration, "rollback", (scope.machine,), decision)
