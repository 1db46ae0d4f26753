"""Entering a phase: whether its flow may move the machine, and what the ledger says of it from then on."""

from collections.abc import Callable
from functools import partial, wraps
from typing import TypeVar

from activities.flow.changed_plan import check_changed, check_yields, is_held, lacks_target
from activities.flow.interruption import wanted
from activities.flow.stopping_roads import strike_road
from activities.flow.wait_rows import arm, disarm, gate_watch, owner_watch
from activities.flow.waiting_copies import stop_standing_by
from activities.flow.window_overrun import check_window
from shared.contracts.contracts import ENTER
from shared.contracts.requests import Poll, PollResult
from shared.coordination.operator_intents import Intent
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.itinerary import step, step_at
from shared.ledger import events, machines, migrations, plans
from shared.ledger.machine_row import MachineChanges, MachineRow
from shared.models import Model, Scope
from shared.problems import HeldByPause, Interrupted
from shared.reporting import release_commands
from shared.scheduling.patience import A_MINUTE
from shared.site_recovery.vault import vault_of_plan
from shared.states import MachineState, MigrationStatus

bp = Blueprint()

Place = TypeVar("Place", bound=Scope)
Reply = TypeVar("Reply", bound=Model)


@serves(bp, ENTER)
def enter(poll: Poll) -> PollResult:
    """Begin a phase in the ledger, unless an operator stopped the machine (refusal) or paused it (not settled).

    Nor is it settled while a change of the plan holds the machine, or the flow that had it before the change.
    """
    try:
        if why := _paused(poll):
            arm(poll, WaitKind.RESUME, gate_watch(poll.migration), text="a pause")
            _hold(poll, why)
            return PollResult()
        disarm(poll, WaitKind.RESUME, gate_watch(poll.migration))
        _begin(poll, poll.owner)
    except HeldByPause as held:
        arm(poll, WaitKind.OWNER, owner_watch(poll), text=held.facts.detail)
        return PollResult(patience=A_MINUTE)
    if poll.machine:
        disarm(poll, WaitKind.OWNER, owner_watch(poll))
    return PollResult(settled=True)


def enters(body: Callable[[Place], Reply]) -> Callable[[Place], Reply]:
    """Let an activity that may be the first of a phase enter it before it does anything.

    Run again (as after a death, or because a cloud was busy) it finds the phase entered. Raises `HeldByPause` where a pause
    holds the machine: its flow then waits with `enter`.
    """

    @wraps(body)
    def first(request: Place) -> Reply:
        if request.enters:
            if why := _paused(request):
                raise HeldByPause(why)
            _begin(request, request.enters)
        return body(request)

    return first


def _paused(scope: Scope) -> str:
    """Say by whom the machine (or the plan) is paused, where this phase may be held; else it may begin.

    Raises what an operator, the road or the window says against that.
    """
    control = wanted(scope)
    strike_road(scope)
    check_window(scope)
    if control.intent != Intent.PAUSE or not step(scope.phase).pausable:
        return ""
    return f"paused by {control.by or 'an operator'}" + (f": {control.comment}" if control.comment else "")


def _begin(scope: Scope, owner: str) -> None:
    """Write down that the phase has begun; told again, it is the same event, of the moment at which it was entered."""
    if scope.machine:
        row = _enter_machine(scope, owner)
        since = row.since if row.phase == scope.phase else scope.now
    else:
        migrations.change(scope, phase=scope.phase, waiting_for="", release="")
        since = scope.now
    events.write(scope.replace(now=since), f"{scope.phase.replace('_', '-')}-began", step(scope.phase).does)


def _enter_machine(scope: Scope, owner: str) -> MachineRow:
    """Take a machine into a phase, unless its flow took it there before; give it as it stands."""
    stood = [MachineRow(migration=scope.migration, name=scope.machine)]

    def may_enter(row: MachineRow) -> bool:
        stood.append(row)
        enters = may_own(owner, scope, row) and not _is_in(scope, owner, row)
        return enters and not is_held(row) and not lacks_target(scope, row)

    row = machines.change(
        scope,
        may_enter,
        state=step(scope.phase).state,
        phase=scope.phase,
        owner=owner,
        waiting_for="",
        release="",
        problem=None,
        failed_in="",
        since=scope.now,
    )
    _check_ours(scope, owner, row)
    check_changed(scope, row, entered=_is_in(scope, owner, row))
    if step(scope.phase).on_closed_window == "stand back" and not _stood_back_from(stood[-1], scope, owner):
        stop_standing_by(scope, vault_of_plan(plans.plan_at(scope)))
    return row


def _is_in(scope: Scope, owner: str, row: MachineRow) -> bool:
    """Tell whether a flow has entered a phase with its machine already."""
    return (row.owner, row.phase, row.round) == (owner, scope.phase, scope.round) and row.state != MachineState.PAUSED


def _stood_back_from(row: MachineRow, scope: Scope, owner: str) -> bool:
    """Tell whether the machine's copy is not watched any more: its flow came through a phase of its cutover before."""
    before = row.owner == owner and row.phase != scope.phase
    return before and step_at(row.phase).on_closed_window == "stand back"


def may_own(owner: str, scope: Scope, row: MachineRow) -> bool:
    """Tell whether a flow may have a machine: no other has it, and no later round, which asked people anew."""
    return row.owner in ("", owner) and row.round <= scope.round


def _check_ours(scope: Scope, owner: str, row: MachineRow) -> None:
    """Raise `Interrupted` in a flow that a machine has left, and `HeldByPause` where it comes to it a moment later."""
    if not may_own(owner, scope, row):
        check_yields(scope, row)
        whom = row.owner or f"round {row.round}"
        raise Interrupted(f"{scope.machine} was taken over by {whom}", extra={"intent": "rollback"})


def _hold(poll: Poll, why: str) -> None:
    """Write down that a pause holds it."""
    release = release_commands.resume(poll.migration, poll.machine)
    if poll.machine:
        own = partial(may_own, poll.owner, poll)
        held: MachineChanges = {
            "state": MachineState.PAUSED,
            "owner": poll.owner,
            "waiting_for": why,
            "release": release,
        }
        _check_ours(poll, poll.owner, machines.change(poll, own, **held))
    else:
        migrations.change(poll, status=MigrationStatus.PAUSED, waiting_for=why, release=release)
