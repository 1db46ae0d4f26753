"""Waves as people look at them: their machines by state, and how far they are."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from shared.coordination.gate_row import GateRow
from shared.itinerary import COMPLETE, STEPS
from shared.ledger import plans, waves
from shared.ledger.derived_states import wave_state
from shared.ledger.machine_row import MachineRow
from shared.plan.model import Plan, Wave
from shared.plan.road_sections import seen_from
from shared.problems import NotFound
from shared.reporting.views import WaveView
from shared.roads.table import road_name
from shared.states import FAILED, THROUGH

PHASES: Final = tuple(STEPS)


def waves_of(migration: str, rows: Sequence[MachineRow], waiting: Sequence[GateRow]) -> tuple[WaveView, ...]:
    """Give the waves in the plan's order."""
    known = {row.wave: row for row in waves.at_a_glance(migration)}
    by_wave: dict[str, list[MachineRow]] = {}
    for row in rows:
        by_wave.setdefault(row.wave, []).append(row)
    plan = planned(migration)
    if plan is None:
        return ()
    deciding = {name for gate in waiting if gate.name == "cutover" for name in gate.pending}
    return tuple(
        _wave(wave, known.get(wave.name), by_wave.get(wave.name, []), deciding).replace(
            road=_road(seen_from(plan, wave))
        )
        for wave in plan.waves
    )


def _road(plan: Plan) -> str:
    return road_name(plan.scenario, plan.replication.mode)


def planned(migration: str) -> Plan | None:
    """Give the plan; None where its writer died before it was kept."""
    try:
        return plans.plan_of(migration)
    except NotFound:
        return None


def _wave(wave: Wave, row: waves.WaveRow | None, rows: Sequence[MachineRow], deciding: Collection[str]) -> WaveView:
    done, succeeded = (row.done, row.succeeded) if row else (False, False)
    return WaveView(
        wave=wave.name,
        depends_on=wave.depends_on,
        machines=len(rows) or len(wave.machines),
        counts=counts(rows),
        percent=percent(rows),
        state=wave_state(rows, deciding, done=done),
        done=done,
        succeeded=succeeded,
    )


def counts(rows: Iterable[MachineRow]) -> dict[str, int]:
    """Give how many machines are in each state, by its name."""
    return dict(sorted(Counter(row.state.value for row in rows).items()))


def percent(rows: Sequence[MachineRow]) -> float:
    """Give how far machines are on average."""
    return round(sum(_progress(row) for row in rows) / len(rows), 1) if rows else 0.0


def _progress(row: MachineRow) -> float:
    """Give how far a machine is: its place in the itinerary, and the share of the phase that it is in.

    Who serves in Azure for good is through, whatever is done with its source or its protection afterwards.
    """
    if row.state in THROUGH or row.phase in COMPLETE:
        return 100.0
    phase = row.failed_in if row.state in FAILED and row.failed_in in PHASES else row.phase
    if phase not in PHASES:
        return 0.0
    within = min(max(row.percent or 0.0, 0.0), 100.0) / 100 if phase == "initial_sync" else 0.0
    return 100 * (PHASES.index(phase) + within) / len(PHASES)
