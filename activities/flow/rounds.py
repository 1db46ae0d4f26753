"""Rounds: the first run, a retry, a rollback, a cancellation: how each begins, whom it walks, how it ends."""

from collections.abc import Collection, Sequence

from activities.flow.failure_tolerance import WHO as TOLERANCE
from activities.flow.retry_phase import resumes_at, unprotected
from activities.flow.wait_rows import wake, wave_watch
from shared.contracts.contracts import (
    BEGIN_ROUND,
    DECOMMISSION_SOURCE,
    END_ROAD,
    END_ROUND,
    END_WAVE,
    LIST_FINALIZED,
    LIST_MEMBERS,
    LIST_ROUND,
    PROTECT_TARGET,
)
from shared.contracts.requests import Member, Members, PhaseExit, RoadWalk, Round, Waves
from shared.coordination import gates, operator_intents, waits
from shared.coordination.operator_intents import Control, Intent
from shared.durable.seam import Blueprint, serves
from shared.itinerary import (
    AFTERWARDS,
    ASSESSING,
    LANDING,
    PLAN_STEPS,
    PREPARING,
    REHEARSING,
    SERVING,
    state_when_failed,
)
from shared.ledger import events, machines, migrations, plans, source_claims, waves
from shared.ledger.machine_row import MachineRow
from shared.models import Done, Scope, Settled
from shared.plan.model import Plan, Wave
from shared.plan.protection_plan import all_onward
from shared.plan.road_sections import Section, sections
from shared.problems import ProblemData
from shared.reporting import release_commands
from shared.site_recovery.vault import vault_of_plan
from shared.states import GIVEN_UP, MOVED, MachineState, MigrationStatus

bp = Blueprint()

FINISHED = frozenset({MachineState.FINALIZED, MachineState.DECOMMISSIONED})
SETTLED = FINISHED | GIVEN_UP | {MachineState.FAILED}
FIRST = ASSESSING  # of the plan as a whole: all roads are judged before anything is changed on one of them


@serves(bp, BEGIN_ROUND)
def begin_round(request: Round) -> Waves:
    """Give the plan's own phases and the waves of a round: all of them at first, those with its machines in a retry."""
    life = migrations.enter_life(request.migration, request.round)
    plan = plans.plan_of(request.migration)
    migrations.change(request, status=MigrationStatus.RUNNING, problem=None, waiting_for="", release="")
    events.write(request, "round-began", f"round {request.round} began" if request.round > 1 else "the migration began")
    rows = [row for row in machines.list(request.migration) if row.round == request.round] if request.round > 1 else []
    roads = tuple(road for section in sections(plan) if (road := _road_walk(section, rows)).waves)
    return Waves(phases=() if _all_finished(rows) else FIRST, roads=roads, life=life)


def _road_walk(section: Section, rows: Sequence[MachineRow]) -> RoadWalk:
    """Give what is walked on one road: its own preparation, then its waves; of a retry those with machines in it.

    Machines whose migration is complete, and which only what follows is tried again for, need no road any more.
    """
    walks, there = phases_of(section.plan), {row.wave for row in rows}
    finished = _all_finished([row for row in rows if row.wave in section.waves])
    return RoadWalk(
        wave=section.name,
        phases=() if finished else tuple(phase for phase in PLAN_STEPS if phase in walks and phase not in FIRST),
        waves=tuple(wave for wave in section.waves if wave in there or not there),
    )


def _all_finished(rows: Sequence[MachineRow]) -> bool:
    """Tell whether there are machines and the migration of each is complete."""
    return bool(rows) and all(row.state in FINISHED for row in rows)


def phases_of(plan: Plan) -> tuple[str, ...]:
    """Give the phases that the plan's road walks. Raises KeyError for a road that this version does not know."""
    if plan.road_row is None:
        raise KeyError(f"{plan.scenario}, mode {plan.replication.mode}")
    return plan.road_row.phases


@serves(bp, LIST_MEMBERS)
def list_members(scope: Scope) -> Members:
    """Give the machines of a wave that walk in this round, and the phases that lie before and after their cutover."""
    plan = plans.plan_at(scope)
    waves.change(scope, done=False)
    walks = phases_of(plan)
    tested = plan.wave(scope.wave).gates.test != "skip"
    rows = [
        _as_lost(scope, row)
        for row in machines.list(scope.migration, wave=scope.wave)
        if row.round == scope.round and row.state not in SETTLED
    ]
    gone = unprotected(plan, rows) if scope.round > 1 else frozenset()
    for name in sorted(gone):
        said = f"somebody removed the replication of {name}: it is replicated anew"
        events.write(scope.replace(machine=name), "replicated-anew", said)
    return Members(
        members=tuple(
            Member(name=row.name, boot_group=row.boot_group, resume_at=resumes_at(plan, row, gone)) for row in rows
        ),
        prepare=tuple(phase for phase in PREPARING if phase in walks and (tested or phase not in REHEARSING)),
        land=tuple(phase for phase in LANDING if phase in walks),
        afterwards=_afterwards(plan, plan.wave(scope.wave)),
        together=tested and plan.wave(scope.wave).test.mode == "recoveryPlan",
    )


def _as_lost(scope: Scope, row: MachineRow) -> MachineRow:
    """Give a machine whose flow was lost with an earlier life of its round as one that failed where it stood."""
    return row if scope.life == 1 or row.failed_in else row.replace(failed_in=row.phase)


def _afterwards(plan: Plan, wave: Wave) -> tuple[str, ...]:
    """Give what follows for the finalized machines of a wave, as far as the plan asks for it."""
    protected = any(plan.protection_of(wave, machine) for machine in wave.machines)
    ended = plan.finish.decommission.mode == "terminate"
    asked = {PROTECT_TARGET.name: protected, DECOMMISSION_SOURCE.name: ended}
    return tuple(phase for phase in AFTERWARDS if asked[phase])


@serves(bp, LIST_FINALIZED)
def list_finalized(scope: Scope) -> Members:
    """Give the machines of a wave in this round whose migration is complete, each with what follows for it first.

    Left out are those that nothing follows for, and those that what they would be protected through was refused.
    """
    plan = plans.plan_at(scope)
    asked = _afterwards(plan, plan.wave(scope.wave))
    rows = machines.list(scope.migration, wave=scope.wave, states={MachineState.FINALIZED})
    members = ((row, _follows(row, asked)) for row in rows if row.round == scope.round and row.problem is None)
    return Members(members=tuple(Member(name=row.name, resume_at=first) for row, first in members if first))


def _follows(row: MachineRow, phases: tuple[str, ...]) -> str:
    """Give the phase that a finalized machine goes on with, empty where none does."""
    if row.failed_in in phases:
        return row.failed_in
    here = Scope(migration=row.migration, wave=row.wave, machine=row.name)
    protected = PROTECT_TARGET.name in phases and plans.protection_at(here) is not None
    return next((phase for phase in phases if protected or phase != PROTECT_TARGET.name), "")


@serves(bp, LIST_ROUND)
def list_round(request: Round) -> Members:
    """Give the machines that a rollback or cancellation takes over; each flow is told so, if the command died before."""
    life = migrations.enter_life(request.migration, request.round)
    rows = [row for row in machines.list(request.migration) if row.round == request.round]
    intent = Intent.CANCEL if request.purpose == "cancel" else Intent.ROLLBACK
    for row in rows:
        if operator_intents.intent(request.migration, row.name).intent not in (Intent.CANCEL, Intent.ROLLBACK):
            operator_intents.set_intent(
                Control(migration=request.migration, machine=row.name, intent=intent, at=request.now)
            )
    gates.withdraw_everywhere(request.migration, {row.name for row in rows}, request.round)
    return Members(members=tuple(Member(name=row.name) for row in rows), life=life)


@serves(bp, END_WAVE)
def end_wave(leaving: PhaseExit) -> Settled:
    """Write down that a wave is through, and wake the waves that depend on it: each looks for itself."""
    rows = list(machines.list(leaving.migration, wave=leaving.wave))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state.value] = counts.get(row.state.value, 0) + 1
    succeeded = all(row.state in MOVED for row in rows)
    waves.change(leaving, done=True, succeeded=succeeded)
    events.write(leaving, "wave-ended", f"wave {leaving.wave} is through: " + _told(counts))
    return Settled(announcements=wake(wave_watch(leaving.migration)))


@serves(bp, END_ROUND)
def end_round(leaving: PhaseExit) -> Settled:
    """Close a round; a problem of the plan's own phases fails the machines that had not begun to move."""
    if leaving.problem is not None:
        _end_all(leaving, leaving.problem)
    row = migrations.close_round(leaving.migration, leaving.round, leaving.now)
    if row.status != MigrationStatus.ENDED:
        return Settled()
    for section in plans.sections_of(leaving.migration):
        for plan in (section.plan, *all_onward(section.plan)):
            waits.forget(waits.watch_key(vault_of_plan(plan).id), leaving.migration)
    source_claims.free(leaving.migration)
    for gate in gates.of_migration(leaving.migration):
        gates.close(leaving.migration, gate.wave, gate.name, gate.place)
    control = operator_intents.intent(leaving.migration)
    if control.intent == Intent.PAUSE and control.by == TOLERANCE:
        operator_intents.set_intent(Control(migration=leaving.migration, by=TOLERANCE, at=leaving.now))
    events.write(leaving, "migration-ended", f"the migration ended: {row.outcome.value}")
    return Settled()


@serves(bp, END_ROAD)
def end_road(leaving: PhaseExit) -> Done:
    """Fail the machines of a road whose preparation failed; those of other roads go on."""
    if leaving.problem is not None:
        _end_all(leaving, leaving.problem, plans.section_at(leaving).waves)
    return Done()


def _told(counts: dict[str, int]) -> str:
    """Put counts into words."""
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no machines"


def alive_id(migration: str) -> str:
    """Give the id of the row that keeps the vault's watcher going as long as the migration runs."""
    return f"{migration}.alive"


def _end_all(leaving: PhaseExit, problem: ProblemData, waves: Collection[str] | None = None) -> None:
    """Write the problem of a plan's own phase down with each machine of the round (of these waves) that it stopped."""
    phase = (migrations.get(leaving.migration) or migrations.MigrationRow(id="")).phase
    cancelled = problem.extra.get("intent") == Intent.CANCEL
    if not cancelled:
        migrations.change(leaving, problem=problem)
        events.write(leaving, "round-failed", f"{phase} failed: {problem.detail}", data={"code": problem.code})
    for row in machines.list(leaving.migration):
        if waves is not None and row.wave not in waves:
            continue
        if row.round == leaving.round and row.state not in SETTLED and not row.owner:
            _end(leaving, row, phase, None if cancelled else problem)


def _end(leaving: PhaseExit, row: MachineRow, phase: str, problem: ProblemData | None) -> None:
    """End one machine: cancelled, or failed where the plan's phase failed."""
    place = Scope(migration=row.migration, wave=row.wave, machine=row.name, round=leaving.round, now=leaving.now)
    resumes = row.failed_in not in ("", *PLAN_STEPS)  # it had come further before: the next retry goes on there
    stopped_in = row.failed_in if resumes else phase
    given_up = not problem and stopped_in not in SERVING
    gates.withdraw_everywhere(row.migration, (row.name,), leaving.round + 1)
    machines.change(
        place,
        state=MachineState.CANCELLED if given_up else state_when_failed(stopped_in),
        failed_in=stopped_in,
        problem=problem,
        waiting_for=(problem.advice or "a decision of an operator") if problem else "",
        release=release_commands.retry(row.migration),
        since=leaving.now,
    )
