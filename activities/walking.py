"""Entering and leaving phases: what the ledger says of a machine, and whom it wakes when it lets go."""

from typing import Any

from activities.cutover_gate import wait_at_gate
from activities.interrupting import strike
from activities.overrun import CLOSED, check_window
from activities.standing_by import stand_by_again, stop_standing_by
from activities.stopping_roads import strike_road
from activities.tolerance import pause_if_too_many_failed
from activities.waking import arm, disarm, gate_watch, owner_watch, wake
from activities.without_a_gate import wait_for_the_others, window_is_open
from shared import controls, gates, plans, slots, waits
from shared.contracts import ENTER, HOLD_COHORT, LEAVE, RELEASE_COHORT
from shared.controls import Intent
from shared.durable import Blueprint, serves
from shared.itinerary import COMPLETE, SERVING, state_when_failed, step
from shared.ledger import events, machines, migrations
from shared.ledger.machines import READY, ROLLED_BACK, MachineRow
from shared.models import Announcement, Place, Woken
from shared.plan.onward import ONWARD
from shared.problems import Facts, Interrupted
from shared.requests import Cohort, Leaving, Look, Members, Seen, at
from shared.site_recovery.vault import vault_of_plan
from shared.states import MachineState, MigrationStatus
from shared.waits import WaitKind

bp = Blueprint()

# A pause holds a machine only where it is safe to stay: never with its source stopped.
NEVER_PAUSED = ("stop_source", "fail_over", "verify", "accept", "clean_up_test", "complete_migration")
# Of a machine that serves: what is left to do, and the event that says so.
LEFT = {
    "complete_migration": "it serves in Azure, its replication has not ended and is billed: ",
    "clean_up": "it serves in Azure, what the migration left over is still there: ",
    "decommission_source": "it serves in Azure, its source is still there: ",
}
FAILED_AFTERWARDS = {ONWARD: "protection-failed"} | dict.fromkeys(LEFT, "finish-failed")
STATE_AFTER = {"initial_sync": MachineState.READY_FOR_TEST, "clean_up_test": MachineState.READY_FOR_CUTOVER}


@serves(bp, ENTER)
def enter(look: Look) -> Seen:
    """Begin a phase in the ledger, unless an operator stopped the machine (refusal) or paused it (not settled)."""
    strike(look)
    strike_road(look)
    check_window(look)
    control = controls.intent(look.migration, look.machine)
    if control.intent == Intent.PAUSE and look.phase not in NEVER_PAUSED:
        arm(look, WaitKind.RESUME, gate_watch(look.migration), text="a pause")
        _hold(look, f"paused by {control.by or 'an operator'}" + (f": {control.comment}" if control.comment else ""))
        return Seen()
    disarm(look, WaitKind.RESUME, gate_watch(look.migration))
    _begin(look)
    if look.phase in ("quiesce", "stop_source", "fail_over"):
        stop_standing_by(look, vault_of_plan(plans.plan_at(look)))
    return Seen(settled=True)


def _begin(look: Look) -> None:
    """Write down that the phase has begun."""
    if look.machine:
        row = machines.change(
            look,
            lambda row: row.owner in ("", look.owner),
            state=MachineState(step(look.phase).state),
            phase=look.phase,
            owner=look.owner,
            waiting_for="",
            release="",
            problem=None,
            failed_in="",
            since=look.now,
        )
        if row.owner != look.owner:
            raise Interrupted(f"{look.machine} was taken over by {row.owner}", extra={"intent": "rollback"})
    else:
        migrations.change(look, phase=look.phase, waiting_for="", release="")
    events.write(look, f"{look.phase.replace('_', '-')}-began", step(look.phase).does)


def _hold(look: Look, why: str) -> None:
    """Write down that a pause holds it."""
    release = f"python -m cli resume {look.migration}" + (f" --machine {look.machine}" if look.machine else "")
    if look.machine:
        machines.change(look, state=MachineState.PAUSED, owner=look.owner, waiting_for=why, release=release)
    else:
        migrations.change(look, status=MigrationStatus.PAUSED, waiting_for=why, release=release)


@serves(bp, HOLD_COHORT)
def hold_cohort(cohort: Cohort) -> Members:
    """Become the owner of a cohort's machines while a step concerns all of them; give those that nobody stopped."""
    held = []
    for member in cohort.machines:
        here = at(cohort, Place).but(machine=member.name, phase="quiesce")
        try:
            strike(here)
            check_window(here.but(phase="fail_over"))
        except Interrupted:
            continue
        row = machines.change(here, lambda row: row.owner in ("", cohort.owner), owner=cohort.owner)
        if row.owner == cohort.owner:
            held.append(member)
    return Members(members=tuple(held))


@serves(bp, RELEASE_COHORT)
def release_cohort(cohort: Cohort) -> Woken:
    """Let go of them, and wake whoever waits for one."""
    woken: tuple[Announcement, ...] = ()
    for member in cohort.machines:
        here = at(cohort, Place).but(machine=member.name)
        machines.change(here, lambda row: row.owner == cohort.owner, owner="")
        woken += wake(owner_watch(here))
    return Woken(announcements=woken)


@serves(bp, LEAVE)
def leave(leaving: Leaving) -> Woken:
    """Let go of a machine: its problem or its new state, its slots, and who waits for it."""
    problem = leaving.problem
    if problem is None:
        _went_well(leaving)
    elif problem.id == CLOSED and problem.extra.get("intent") == "window":
        _stood_back(leaving, problem)
    elif problem.kind != "Interrupted" or leaving.phase == ONWARD:  # who only lacks protection can be retried
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
    return Woken(announcements=woken + wake(owner_watch(leaving)))


def _ask_for_approval(leaving: Leaving, row: MachineRow) -> tuple[Announcement, ...]:
    """Let a machine that became ready for its cutover wait at its wave's gate at once; the others still prepare.

    An expiry is the wave's to watch: it is woken, so that it looks in time.
    """
    if row.state != MachineState.READY_FOR_CUTOVER or row.owner:
        return ()
    wanted = plans.plan_at(leaving).wave(leaving.wave).gates
    if wanted.cutover != "manual":
        now_or_never = window_is_open(leaving, leaving.now)
        return wake(gate_watch(leaving.migration), WaitKind.GATE, leaving.wave) if now_or_never else ()
    wait_at_gate(at(leaving, Place), (leaving.machine,))
    return wake(gate_watch(leaving.migration), WaitKind.GATE, leaving.wave) if wanted.expires else ()


def _forget_waits(leaving: Leaving) -> None:
    """Take back what the ended phase waited for: an interrupted look leaves its wait, and the watcher a lot to do."""
    vault = vault_of_plan(plans.plan_at(leaving))  # of the phase that ended
    for watch in (waits.watch_key(vault.id), gate_watch(leaving.migration)):
        waits.forget(watch, leaving.migration, leaving.machine)


def slot_holder(place: Place, limit: str) -> str:
    """Give the name under which a machine holds its place in a limit."""
    return f"{place.migration}/{place.machine}/{limit}"


def _went_well(leaving: Leaving) -> None:
    """Write down what the machine is after its last phase; ready for cutover when its preparation is through."""
    state = STATE_AFTER.get(leaving.phase)
    if state == MachineState.READY_FOR_TEST and plans.plan_at(leaving).wave(leaving.wave).gates.test == "skip":
        state = MachineState.READY_FOR_CUTOVER
    if state is not None:
        ready = state == MachineState.READY_FOR_CUTOVER
        now: dict[str, Any] = {"marks": {READY: leaving.now}, "phase": "approval"} if ready else {}
        said, release = _next(leaving, state)
        machines.change(leaving, state=state, waiting_for=said, release=release, **now)


def _next(leaving: Leaving, state: MachineState) -> tuple[str, str]:
    """Say what a machine waits for that is in step before the others of its wave, and the command that frees it."""
    together = plans.plan_at(leaving).wave(leaving.wave).test.mode == "recoveryPlan"
    if together and state == MachineState.READY_FOR_TEST:
        return f"the other machines of wave {leaving.wave}: they are rehearsed together as a recovery plan", ""
    auto = plans.plan_at(leaving).wave(leaving.wave).gates.cutover == "auto"
    ready = auto and state == MachineState.READY_FOR_CUTOVER
    return wait_for_the_others(at(leaving, Place)) if ready else ("", "")


def _stood_back(leaving: Leaving, problem: Facts) -> None:
    """Write down that the machine is back on its source, and ready for the next opening of the window."""
    machines.change(
        leaving,
        lambda row: row.owner in ("", leaving.owner) and row.round == leaving.round,
        state=MachineState.READY_FOR_CUTOVER,
        phase="await_window",
        waiting_for=problem.detail,
        release=f"python -m cli cutover {leaving.migration} --wave {leaving.wave}",
        since=leaving.now,
        marks={ROLLED_BACK: leaving.now, READY: leaving.now},
    )
    events.write(leaving, "window-closed", problem.detail)


def _way_on(leaving: Leaving, problem: Facts) -> str:
    """Give the command that goes on: a retry, unless the problem says that only a rollback does."""
    of = f"{leaving.migration} --machine {leaving.machine}"
    if problem.extra.get("release") == "rollback":
        return f'python -m cli rollback {of} --comment "its replication is gone"'
    return f"python -m cli retry {of}"


def fail(leaving: Leaving, problem: Facts) -> None:
    """Write down where it failed, why, and how a person goes on; one that serves in Azure for good goes on serving."""
    serves = leaving.phase in SERVING
    advice = problem.advice or "a decision of an operator: " + ("retry" if serves else "retry, skip or roll back")
    machines.change(
        leaving,
        state=MachineState(state_when_failed(leaving.phase)),
        failed_in=leaving.phase,
        problem=problem,
        waiting_for=f"{LEFT.get(leaving.phase, '')}{advice}",
        release=_way_on(leaving, problem),
        since=leaving.now,
    )
    said = f"{step(leaving.phase).phase} failed: {problem.detail}"
    what = FAILED_AFTERWARDS.get(leaving.phase, "machine-failed")
    events.write(leaving, what, said, data={"code": problem.code, "causes": problem.causes})
