"""Leaving a phase: the machine's new state or its problem, whom it wakes and what it gives back when it lets go."""

from activities.flow.failure_notices import tell_stopped
from activities.flow.failure_tolerance import pause_if_too_many_failed
from activities.flow.slots import slot_holder
from activities.flow.wait_rows import gate_watch, owner_watch, wake
from activities.flow.waiting_copies import stand_by_again
from activities.gates.approval_gate import wait_at_gate
from activities.gates.automatic_cutover import wait_for_the_others, window_is_open
from shared.contracts.contracts import LEAVE
from shared.contracts.requests import PhaseExit, scoped_as
from shared.coordination import gates, slots, waits
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.itinerary import APPROVAL, COMPLETE, SERVING, state_when_failed, step, step_at
from shared.ledger import events, machines, plans
from shared.ledger.event_data import EventData
from shared.ledger.machine_row import MachineChanges, MachineRow, Mark
from shared.models import Announcement, Scope, Settled
from shared.plan.protection_plan import ONWARD
from shared.problems import Interrupted, ProblemData, WindowClosed, from_facts
from shared.reporting import release_commands
from shared.site_recovery.vault import vault_of_plan
from shared.states import MachineState

bp = Blueprint()


@serves(bp, LEAVE)
def leave(leaving: PhaseExit) -> Settled:
    """Let go of a machine: its problem or its new state, its slots, and who waits for it."""
    problem = leaving.problem
    stopped = from_facts(problem) if problem else None
    after: MachineChanges = {}
    if problem is None:
        after = _went_well(leaving)
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
    row = _let_go(leaving, after)
    if problem is None:
        announcements = _ask_for_approval(leaving, row)
    else:
        announcements = slots.free(slot_holder(leaving, "replicating"))
        _forget_waits(leaving)
        stand_by_again(leaving)
        gates.withdraw_everywhere(leaving.migration, (leaving.machine,), leaving.round + 1)
    return Settled(announcements=announcements + wake(owner_watch(leaving)))


def _let_go(leaving: PhaseExit, after: MachineChanges) -> MachineRow:
    """Let go of the machine, and write down what it is now, in one write unless somebody else has it already."""

    def own(row: MachineRow) -> bool:
        return row.owner in ("", leaving.owner)

    free: MachineChanges = {"owner": ""}
    row = machines.change(leaving, lambda row: own(row) and not _stopped_elsewhere(row, leaving), **free | after)
    if _stopped_elsewhere(row, leaving):
        return machines.change(leaving, own, **free)
    return machines.change(leaving, **after) if after and not own(row) else row


def _ask_for_approval(leaving: PhaseExit, row: MachineRow) -> tuple[Announcement, ...]:
    """Let a machine that became ready for its cutover wait at its wave's gate at once; the others still prepare.

    An expiry is the wave's to watch: it is woken, so that it looks in time.
    """
    if row.state != MachineState.READY_FOR_CUTOVER or row.owner or row.round > leaving.round:
        return ()
    wanted = plans.plan_at(leaving).wave(leaving.wave).gates
    if wanted.cutover != "manual":
        now_or_never = window_is_open(leaving, leaving.now)
        return wake(gate_watch(leaving.migration), WaitKind.GATE, leaving.wave) if now_or_never else ()
    wait_at_gate(scoped_as(leaving, Scope), (leaving.machine,))
    return wake(gate_watch(leaving.migration), WaitKind.GATE, leaving.wave) if wanted.expires else ()


def _forget_waits(leaving: PhaseExit) -> None:
    """Take back what the ended phase waited for.

    An interrupted look leaves its wait behind, which would keep the watcher busy.
    """
    vault = vault_of_plan(plans.plan_at(leaving))  # of the phase that ended
    for watch in (waits.watch_key(vault.id), gate_watch(leaving.migration)):
        waits.forget(watch, leaving.migration, leaving.machine)


def _went_well(leaving: PhaseExit) -> MachineChanges:
    """Say what the machine is after its last phase; ready for cutover when its preparation is through."""
    state = step_at(leaving.phase).state_after
    if state == MachineState.READY_FOR_TEST and plans.plan_at(leaving).wave(leaving.wave).gates.test == "skip":
        state = MachineState.READY_FOR_CUTOVER
    if state is None:
        return {}
    waiting_for, release = _next(leaving, state)
    after: MachineChanges = {"state": state, "waiting_for": waiting_for, "release": release}
    if state == MachineState.READY_FOR_CUTOVER:
        after |= {"marks": {Mark.READY: leaving.now}, "phase": APPROVAL}
    return after


def _stopped_elsewhere(row: MachineRow, leaving: PhaseExit) -> bool:
    """Tell whether the assessment of a later round stopped the machine that this flow had until now."""
    return row.round > leaving.round and row.state == MachineState.FAILED


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
    row = machines.change(
        leaving,
        state=state_when_failed(leaving.phase),
        failed_in=leaving.phase,
        problem=problem,
        waiting_for=f"{step(leaving.phase).left}{advice}",
        release=_way_on(leaving, problem),
        since=leaving.now,
    )
    text = f"{step(leaving.phase).phase} failed: {problem.detail}"
    events.write(
        leaving, step(leaving.phase).failed_event, text, data=EventData(code=problem.code, causes=problem.causes)
    )
    tell_stopped(row, scoped_as(leaving, Scope), problem)
