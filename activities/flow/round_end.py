"""The end of a round or of one of its roads: what becomes of machines that a plan's own phase stopped, and of what the migration held."""

from collections.abc import Collection

from activities.flow.failure_notices import tell_failure
from activities.flow.failure_tolerance import WHO as TOLERANCE
from activities.flow.rounds import SETTLED
from shared.contracts.contracts import (
    END_ROAD,
    END_ROUND,
)
from shared.contracts.requests import PhaseExit, scoped_as
from shared.coordination import gates, operator_intents, waits
from shared.coordination.operator_intents import Control, Intent
from shared.durable.seam import Blueprint, serves
from shared.itinerary import (
    PLAN_STEPS,
    SERVING,
    state_when_failed,
)
from shared.ledger import events, machines, migrations, plans, source_claims
from shared.ledger.event_data import EventData
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_rounds import close_round
from shared.ledger.migration_row import MigrationRow
from shared.models import Done, Scope, Settled
from shared.notifications.outbox import tell
from shared.notifications.topics import Topic
from shared.plan.protection_plan import all_onward
from shared.problems import ProblemData
from shared.reporting import release_commands
from shared.site_recovery.vault import vault_of_plan
from shared.states import MachineState, MigrationStatus

bp = Blueprint()


@serves(bp, END_ROUND)
def end_round(leaving: PhaseExit) -> Settled:
    """Close a round; a problem of the plan's own phases fails the machines that had not begun to move."""
    if leaving.problem is not None:
        _end_all(leaving, leaving.problem)
    row = close_round(leaving.migration, leaving.round, leaving.now)
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
    text = f"the migration ended: {row.outcome.value}"
    events.write(leaving, "migration-ended", text)
    tell(scoped_as(leaving, Scope), Topic.ENDED, f"round {leaving.round}", text=text)
    return Settled()


@serves(bp, END_ROAD)
def end_road(leaving: PhaseExit) -> Done:
    """Fail the machines of a road whose preparation failed; those of other roads go on."""
    if leaving.problem is not None:
        _end_all(leaving, leaving.problem, plans.section_at(leaving).waves)
    return Done()


def _end_all(leaving: PhaseExit, problem: ProblemData, waves: Collection[str] | None = None) -> None:
    """Write the problem of a plan's own phase down with each machine of the round (of these waves) that it stopped."""
    phase = (migrations.get(leaving.migration) or MigrationRow(id="")).phase
    cancelled = problem.extra.get("intent") == Intent.CANCEL
    if not cancelled:
        migrations.change(leaving, problem=problem)
        events.write(leaving, "round-failed", f"{phase} failed: {problem.detail}", data=EventData(code=problem.code))
        tell_failure(scoped_as(leaving, Scope), problem, release_commands.retry(leaving.migration))
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
