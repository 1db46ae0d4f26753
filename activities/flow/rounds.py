"""Rounds: the first run, a retry, a rollback, a cancellation: how each begins, and whom it walks."""

from collections.abc import Sequence

from shared.contracts.contracts import (
    BEGIN_ROUND,
    LIST_ROUND,
)
from shared.contracts.rounds import Member, Members, RoadWalk, Round, Waves
from shared.coordination import gates, operator_intents
from shared.coordination.operator_intents import Control, Intent
from shared.decisions.change_steps import finish
from shared.durable.seam import Blueprint, serves
from shared.itinerary import (
    ASSESSING,
    PLAN_STEPS,
)
from shared.ledger import events, machines, migrations, plans
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_rounds import enter_life
from shared.plan.model import Plan
from shared.plan.road_sections import Section, sections
from shared.states import GIVEN_UP, MachineState, MigrationStatus

bp = Blueprint()

FINISHED = frozenset({MachineState.FINALIZED, MachineState.DECOMMISSIONED})
SETTLED = FINISHED | GIVEN_UP | {MachineState.FAILED}
FIRST = ASSESSING  # of the plan as a whole: all roads are judged before anything is changed on one of them


@serves(bp, BEGIN_ROUND)
def begin_round(request: Round) -> Waves:
    """Give the plan's own phases and the waves of a round: all of them at first, those with its machines in a retry."""
    life = enter_life(request.migration, request.round)
    finish(request.migration, request.now)  # a change of the plan that opened this round puts its machines into it
    plan = plans.plan_of(request.migration)
    migrations.change(request, status=MigrationStatus.RUNNING, problem=None, waiting_for="", release="")
    events.write(request, "round-began", f"round {request.round} began" if request.round > 1 else "the migration began")
    rows = [row for row in machines.list(request.migration) if row.round == request.round] if request.round > 1 else []
    if request.round > 1 and not rows:  # its machines went another way before it began
        return Waves(life=life)
    roads = tuple(road for section in sections(plan) if (road := _road_walk(section, rows)).waves)
    return Waves(phases=() if _all_finished(rows) else FIRST, roads=roads, life=life)


def _road_walk(section: Section, rows: Sequence[MachineRow]) -> RoadWalk:
    """Give what is walked on one road: its own preparation, then its waves; of a retry those with machines in it.

    Machines whose migration is complete, and which only what follows is tried again for, need no road any more.
    """
    walks, populated = phases_of(section.plan), {row.wave for row in rows}
    finished = _all_finished([row for row in rows if row.wave in section.waves])
    return RoadWalk(
        wave=section.name,
        phases=() if finished else tuple(phase for phase in PLAN_STEPS if phase in walks and phase not in FIRST),
        waves=tuple(wave for wave in section.waves if wave in populated or not populated),
    )


def _all_finished(rows: Sequence[MachineRow]) -> bool:
    """Tell whether there are machines and the migration of each is complete."""
    return bool(rows) and all(row.state in FINISHED for row in rows)


def phases_of(plan: Plan) -> tuple[str, ...]:
    """Give the phases that the plan's road walks. Raises KeyError for a road that this version does not know."""
    if plan.road_row is None:
        raise KeyError(f"{plan.scenario}, mode {plan.replication.mode}")
    return plan.road_row.phases


@serves(bp, LIST_ROUND)
def list_round(request: Round) -> Members:
    """Give the machines that a rollback or cancellation takes over; each flow is told so, if the command died before."""
    life = enter_life(request.migration, request.round)
    finish(request.migration, request.now)
    rows = [row for row in machines.list(request.migration) if row.round == request.round]
    intent = Intent.CANCEL if request.purpose == "cancel" else Intent.ROLLBACK
    for row in rows:
        if operator_intents.intent(request.migration, row.name).intent not in (Intent.CANCEL, Intent.ROLLBACK):
            operator_intents.set_intent(
                Control(migration=request.migration, machine=row.name, intent=intent, at=request.now)
            )
    gates.withdraw_everywhere(request.migration, {row.name for row in rows}, request.round)
    return Members(members=tuple(Member(name=row.name) for row in rows), life=life)
