"""Entering and leaving phases: what the ledger says of a machine, and whom it wakes when it lets go."""

from functools import partial

from activities.flow.failure_tolerance import pause_if_too_many_failed
from activities.flow.interruption import raise_if_stopped
from activities.flow.stopping_roads import strike_road
from activities.flow.wait_rows import arm, disarm, gate_watch, owner_watch, wake
from activities.flow.waiting_copies import stand_by_again, stop_standing_by
from activities.flow.window_overrun import check_window
from activities.gates.approval_gate import wait_at_gate
from activities.gates.automatic_cutover import wait_for_the_others, window_is_open
from shared.contracts.contracts import ENTER, HOLD_COHORT, LEAVE, RELEASE_COHORT
from shared.contracts.requests import Cohort, Members, PhaseExit, Poll, PollResult, scoped_as
from shared.coordination import gates, operator_intents, slots, waits
from shared.coordination.operator_intents import Intent
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.itinerary import APPROVAL, COMPLETE, SERVING, state_when_failed, step, step_at
from shared.ledger import events, machines, migrations, plans
from shared.ledger.machine_row import MachineChanges, MachineRow, Mark
from shared.models import Announcement, Scope, Settled
from shared.plan.protection_plan import ONWARD
from shared.problems import Interrupted, ProblemData, WindowClosed, from_facts
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
            partial(_may_have, poll.owner, poll),
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


def _may_have(owner: str, scope: Scope, row: MachineRow) -> bool:
    """Tell whether a flow may have a machine: no other has it, and no later round, which asked people anew."""
    return row.owner in ("", owner) and row.round <= scope.round


def _check_ours(poll: Poll, row: MachineRow) -> None:
    """Raise `Interrupted` in a flow that a machine has left."""
    if not _may_have(poll.owner, poll, row):
        whom = row.owner or f"round {row.round}"
        raise Interrupted(f"{poll.machine} was taken over by {whom}", extra={"intent": "rollback"})


def _hold(poll: Poll, why: str) -> None:
    """Write down that a pause holds it."""
    release = release_commands.resume(poll.migration, poll.machine)
    if poll.machine:
        own = partial(_may_have, poll.owner, poll)
        held: MachineChanges = {
            "state": MachineState.PAUSED,
            "owner": poll.owner,
            "waiting_for": why,
            "release": release,
        }
        _check_ours(poll, machines.change(poll, own, **held))
    else:
        migrations.change(poll, status=MigrationStatus.PAUSED, waiting_for=why, release=release)


@serves(bp, HOLD_COHORT)
def hold_cohort(cohort: Cohort) -> Members:
    """Become the owner of a cohort's machines while a step concerns all of them; give those that nobody stopped."""
    held = []
    for member in cohort.machines:
        here = scoped_as(cohort, Scope).replace(machine=member.name, phase="quiesce")
        try:
            raise_if_stopped(here)
            check_window(here.replace(phase="fail_over"))
        except Interrupted:
            continue
        row = machines.change(here, partial(_may_have, cohort.owner, here), owner=cohort.owner)
        if row.owner == cohort.owner:
            held.append(member)
    return Members(members=tuple(held))


@serves(bp, RELEASE_COHORT)
def release_cohort(cohort: Cohort) -> Settled:
    """Let go of them, and wake whoever waits for one."""
    woken: tuple[Announcement, ...] = ()
    for member in cohort.machines:
        here = scoped_as(cohort, Scope).replace(machine=member.name)
        machines.change(here, lambda row: row.owner == cohort.owner, owner="")
        woken += wake(owner_watch(here))
    return Settled(announcements=woken)


@serves(bp, LEAVE)
def leave(leaving: PhaseExit) -> Settled:
    """Let go of a machine: its problem or its new state, its slots, and who waits for it."""
    problem = leaving.problem
    stopped = from_facts(problem) if problem else None
    if problem is None:
        _went_well(leaving)
    elif isinstance(stopped, WindowClosed) and stopped.stands_back:
        _stood_back(leaving, problem)
    elif not isinstance(stopped, Interrupted) or leaving.phase == ONWARD:  # who only lacks protection can be retried
        fail(leaving, problem)
        if leaving.phase not in SERVING:
            pause_if_too_many_failed(leaving)
    elif leaving.phase in COMPLETE:  # stopped by an operator: it is migrated all the same
        machines.change(
            leaving,
            lambda row: row.phase in COMPLETE and row.owner in ("", leaving.owner),
            state=MachineState.FINALIZED,
            waiting_for="",
            release="",
        )
    row = machines.change(leaving, lambda row: row.owner in ("", leaving.owner), owner="")
    if problem is None:
        woken = _ask_for_approval(leaving, row)
    else:
        woken = slots.free(slot_holder(leaving, "replicating"))
        _forget_waits(leaving)
        stand_by_again(leaving)
        gates.withdraw_everywhere(leaving.migration, (leaving.machine,), leaving.round + 1)
    return Settled(announcements=woken + wake(owner_watch(leaving)))


def _ask_for_approval(leaving: PhaseExit, row: MachineRow) -> tuple[Announcement, ...]:
    """Let a machine that became ready for its cutover wait at its wave's gate at once; the others still prepare.

    An expiry is the wave's to watch: it is woken, so that it looks in time.
    """
    if row.state != MachineState.READY_FOR_CUTOVER or row.owner:
        return ()
    wanted = plans.plan_at(leaving).wave(leaving.wave).gates
    if wanted.cutover != "manual":
        now_or_never = window_is_open(leaving, leaving.now)
        return wake(gate_watch(leaving.migration), WaitKind.GATE, leaving.wave) if now_or_never else ()
    wait_at_gate(scoped_as(leaving, Scope), (leaving.machine,))
    return wake(gate_watch(leaving.migration), WaitKind.GATE, leaving.wave) if wanted.expires else ()


def _forget_waits(leaving: PhaseExit) -> None:
    """Take back what the ended phase waited for: an interrupted look leaves its wait, and the watcher a lot to do."""
    vault = vault_of_plan(plans.plan_at(leaving))  # of the phase that ended
    for watch in (waits.watch_key(vault.id), gate_watch(leaving.migration)):
        waits.forget(watch, leaving.migration, leaving.machine)


def slot_holder(scope: Scope, limit: str) -> str:
    """Give the name under which a machine holds its place in a limit."""
    return f"{scope.migration}/{scope.machine}/{limit}"


def _went_well(leaving: PhaseExit) -> None:
    """Write down what the machine is after its last phase; ready for cutover when its preparation is through."""
    state = step_at(leaving.phase).state_after
    if state == MachineState.READY_FOR_TEST and plans.plan_at(leaving).wave(leaving.wave).gates.test == "skip":
        state = MachineState.READY_FOR_CUTOVER
    if state is not None:
        ready = state == MachineState.READY_FOR_CUTOVER
        said, release = _next(leaving, state)
        now: MachineChanges = {"state": state, "waiting_for": said, "release": release}
        if ready:
            now |= {"marks": {Mark.READY: leaving.now}, "phase": APPROVAL}
        machines.change(leaving, **now)


def _next(leaving: PhaseExit, state: MachineState) -> tuple[str, str]:
    """Say what a machine waits for that is in step before the others of its wave, and the command that frees it."""
    together = plans.plan_at(leaving).wave(leaving.wave).test.mode == "recoveryPlan"
    if together and state == MachineState.READY_FOR_TEST:
        return f"the other machines of wave {leaving.wave}: they are rehearsed together as a recovery plan", ""
    auto = plans.plan_at(leaving).wave(leaving.wave).gates.cutover == "auto"
    ready = auto and state == MachineState.READY_FOR_CUTOVER
    return wait_for_the_others(scoped_as(leaving, Scope)) if ready else ("", "")


def _stood_back(leaving: PhaseExit, problem: ProblemData) -> None:
    """Write down that the machine is back on its source, and ready for the next opening of the window."""
    machines.change(
        leaving,
        lambda row: row.owner in ("", leaving.owner) and row.round == leaving.round,
        state=MachineState.READY_FOR_CUTOVER,
        phase="await_window",
        waiting_for=problem.detail,
        release=release_commands.cut_over(leaving.migration, leaving.wave),
        since=leaving.now,
        marks={Mark.ROLLED_BACK: leaving.now, Mark.READY: leaving.now},
    )
    events.write(leaving, "window-closed", problem.detail)


def _way_on(leaving: PhaseExit, problem: ProblemData) -> str:
    """Give the command that goes on: a retry, unless the problem says that only a rollback does."""
    if problem.extra.get("release") == "rollback":
        return release_commands.back("rollback", leaving.migration, leaving.machine, "its replication is gone")
    return release_commands.retry(leaving.migration, leaving.machine)


def fail(leaving: PhaseExit, problem: ProblemData) -> None:
    """Write down where it failed, why, and how a person goes on; one that serves in Azure for good goes on serving."""
    serves = leaving.phase in SERVING
    advice = problem.advice or "a decision of an operator: " + ("retry" if serves else "retry, skip or roll back")
    machines.change(
        leaving,
        state=state_when_failed(leaving.phase),
        failed_in=leaving.phase,
        problem=problem,
        waiting_for=f"{step(leaving.phase).left}{advice}",
        release=_way_on(leaving, problem),
        since=leaving.now,
    )
    said = f"{step(leaving.phase).phase} failed: {problem.detail}"
    events.write(leaving, step(leaving.phase).failed_event, said, data={"code": problem.code, "causes": problem.causes})
