"""A wave's part in a round: which of its machines walk and from where, what follows for those that are through, how it ends."""

from activities.flow.retry_phase import resumes_at, unprotected
from activities.flow.rounds import SETTLED, phases_of
from activities.flow.wait_rows import wake, wave_watch
from shared.contracts.contracts import (
    ACCEPT,
    ACCEPT_TEST_VM,
    DECOMMISSION_SOURCE,
    END_WAVE,
    LIST_FINALIZED,
    LIST_MEMBERS,
    PROTECT_TARGET,
)
from shared.contracts.requests import PhaseExit
from shared.contracts.rounds import Member, Members
from shared.durable.seam import Blueprint, serves
from shared.itinerary import (
    AFTERWARDS,
    LANDING,
    PREPARING,
    REHEARSING,
)
from shared.ledger import events, machines, plans, waves
from shared.ledger.machine_row import MachineRow
from shared.models import Scope, Settled
from shared.plan.model import Plan, Wave
from shared.states import MOVED, MachineState

bp = Blueprint()


@serves(bp, LIST_MEMBERS)
def list_members(scope: Scope) -> Members:
    """Give the machines of a wave that walk in this round, and the phases that lie before and after their cutover."""
    plan = plans.plan_at(scope)
    waves.change(scope, done=False)
    wave = plan.wave(scope.wave)
    walks, tested = _walked(plan, wave), wave.gates.test != "skip"
    rows = [
        _as_lost(scope, row)
        for row in machines.list(scope.migration, wave=scope.wave)
        if row.round == scope.round and row.state not in SETTLED
    ]
    gone = unprotected(plan, rows) if scope.round > 1 else frozenset()
    for name in sorted(gone):
        text = f"somebody removed the replication of {name}: it is replicated anew"
        events.write(scope.replace(machine=name), "replicated-anew", text)
    return Members(
        members=tuple(
            Member(name=row.name, boot_group=row.boot_group, resume_at=resumes_at(plan, row, gone)) for row in rows
        ),
        prepare=tuple(phase for phase in PREPARING if phase in walks),
        land=tuple(phase for phase in LANDING if phase in walks),
        afterwards=_afterwards(plan, wave),
        together=tested and wave.test.mode == "recoveryPlan",
    )


def _walked(plan: Plan, wave: Wave) -> frozenset[str]:
    """Give the phases of the road that have anything to do for a wave: none waits for people whom nobody asks."""
    idle = {
        *(REHEARSING if wave.gates.test == "skip" else ()),
        *((ACCEPT_TEST_VM.name,) if wave.gates.test != "manual" else ()),
        *((ACCEPT.name,) if not wave.acceptance.asks else ()),
    }
    return frozenset(phases_of(plan)) - idle


def _as_lost(scope: Scope, row: MachineRow) -> MachineRow:
    """Give a machine whose flow was lost with an earlier life of its round as one that failed where it stood."""
    return row if scope.life == 1 or row.failed_in else row.replace(failed_in=row.phase)


def _afterwards(plan: Plan, wave: Wave) -> tuple[str, ...]:
    """Give what follows for the finalized machines of a wave, as far as the plan asks for it."""
    protected = any(plan.protection_of(wave, machine) for machine in wave.machines)
    ended = plan.finish.decommission.mode == "terminate"
    wanted = {PROTECT_TARGET.name: protected, DECOMMISSION_SOURCE.name: ended}
    return tuple(phase for phase in AFTERWARDS if wanted[phase])


@serves(bp, LIST_FINALIZED)
def list_finalized(scope: Scope) -> Members:
    """Give the machines of a wave in this round whose migration is complete, each with what follows for it first.

    Left out are those that nothing follows for, and those that what they would be protected through was refused.
    """
    plan = plans.plan_at(scope)
    afterwards = _afterwards(plan, plan.wave(scope.wave))
    rows = machines.list(scope.migration, wave=scope.wave, states={MachineState.FINALIZED})
    members = ((row, _follows(row, afterwards)) for row in rows if row.round == scope.round and row.problem is None)
    return Members(members=tuple(Member(name=row.name, resume_at=first) for row, first in members if first))


def _follows(row: MachineRow, phases: tuple[str, ...]) -> str:
    """Give the phase that a finalized machine goes on with, empty where none does."""
    if row.failed_in in phases:
        return row.failed_in
    here = Scope(migration=row.migration, wave=row.wave, machine=row.name)
    protected = PROTECT_TARGET.name in phases and plans.protection_at(here) is not None
    return next((phase for phase in phases if protected or phase != PROTECT_TARGET.name), "")


@serves(bp, END_WAVE)
def end_wave(leaving: PhaseExit) -> Settled:
    """Write down that a wave is through, and wake the waves that depend on it: each looks for itself."""
    rows = list(machines.list(leaving.migration, wave=leaving.wave))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state.value] = counts.get(row.state.value, 0) + 1
    succeeded = all(row.state in MOVED for row in rows if not row.dropped)
    waves.change(leaving, done=True, succeeded=succeeded)
    events.write(leaving, "wave-ended", f"wave {leaving.wave} is through: " + _told(counts))
    return Settled(announcements=wake(wave_watch(leaving.migration)))


def _told(counts: dict[str, int]) -> str:
    """Put counts into words."""
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no machines"
