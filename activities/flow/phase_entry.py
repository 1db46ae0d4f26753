"""Entering phases: whether the machine is its flow's to move, and what the ledger says of it from then on."""

from functools import partial

from activities.flow.interruption import raise_if_stopped
from activities.flow.stopping_roads import strike_road
from activities.flow.wait_rows import arm, disarm, gate_watch
from activities.flow.waiting_copies import stop_standing_by
from activities.flow.window_overrun import check_window
from shared.contracts.contracts import ENTER
from shared.contracts.requests import Poll, PollResult
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Intent
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.itinerary import step
from shared.ledger import events, machines, migrations, plans
from shared.ledger.machine_row import MachineChanges, MachineRow
from shared.models import Scope
from shared.problems import Interrupted
from shared.reporting import release_commands
from shared.site_recovery.vault import vault_of_plan
from shared.states import MachineState, MigrationStatus

bp = Blueprint()


@serves(bp, ENTER)
def enter(poll: Poll) -> PollResult:
    """Begin a phase in the ledger, unless an operator stopped the machine (refusal) or paused it (not settled)."""
    raise_if_stopped(poll)
    strike_road(poll)
    check_window(poll)
    control = operator_intents.intent(poll.migration, poll.machine)
    if control.intent == Intent.PAUSE and step(poll.phase).pausable:
        arm(poll, WaitKind.RESUME, gate_watch(poll.migration), text="a pause")
        _hold(poll, f"paused by {control.by or 'an operator'}" + (f": {control.comment}" if control.comment else ""))
        return PollResult()
    disarm(poll, WaitKind.RESUME, gate_watch(poll.migration))
    _begin(poll)
    if step(poll.phase).on_closed_window == "stand back":
        stop_standing_by(poll, vault_of_plan(plans.plan_at(poll)))
    return PollResult(settled=True)


def _begin(poll: Poll) -> None:
    """Write down that the phase has begun."""
    if poll.machine:
        row = machines.change(
            poll,
            partial(may_own, poll.owner, poll),
            state=step(poll.phase).state,
            phase=poll.phase,
            owner=poll.owner,
            waiting_for="",
            release="",
            problem=None,
            failed_in="",
            since=poll.now,
        )
        _check_ours(poll, row)
    else:
        migrations.change(poll, phase=poll.phase, waiting_for="", release="")
    events.write(poll, f"{poll.phase.replace('_', '-')}-began", step(poll.phase).does)


def may_own(owner: str, scope: Scope, row: MachineRow) -> bool:
    """Tell whether a flow may have a machine: no other has it, and no later round, which asked people anew."""
    return row.owner in ("", owner) and row.round <= scope.round


def _check_ours(poll: Poll, row: MachineRow) -> None:
    """Raise `Interrupted` in a flow that a machine has left."""
    if not may_own(poll.owner, poll, row):
        whom = row.owner or f"round {row.round}"
        raise Interrupted(f"{poll.machine} was taken over by {whom}", extra={"intent": "rollback"})


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
        _check_ours(poll, machines.change(poll, own, **held))
    else:
        migrations.change(poll, status=MigrationStatus.PAUSED, waiting_for=why, release=release)
