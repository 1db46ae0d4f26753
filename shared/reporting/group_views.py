"""A wave, or an application across waves, as people look at it: how far, its gates, window, outages, what it waits for."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.ledger import machines, migrations, waves
from shared.ledger.derived_states import wave_state
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.ledger.serving import downtime
from shared.models import NEVER, Model
from shared.plan.model import Plan, Wave
from shared.problems import NotFound, ProblemData
from shared.reporting import release_commands
from shared.reporting.attention import attention, serves_nowhere
from shared.reporting.ledger_views import view_of_gate
from shared.reporting.openings import OpeningView, opening_of
from shared.reporting.views import GateView
from shared.reporting.wave_views import counts, percent, planned
from shared.states import ASIDE, GIVEN_UP, MOVED, MachineState, WaveState

Kind = Literal["wave", "application"]


class GroupWait(Model):
    """Machines that wait for one thing, or stopped for one cause."""

    text: str
    release: str = Field(default="", description="the command that releases them; empty = it happens by itself")
    machines: tuple[str, ...] = ()
    since: datetime = Field(default=NEVER, description="when the first of them began to wait")
    problem: ProblemData | None = None


class GroupView(Model):
    """A wave or an application of a migration."""

    migration: str
    kind: Kind = "wave"
    name: str
    waves: tuple[str, ...] = Field(default=(), description="that its machines are in")
    state: WaveState = Field(default=WaveState.NOT_STARTED, description="as of a wave that had these machines only")
    depends_on: tuple[str, ...] = Field(default=(), description="waves that have to serve in Azure before it")
    machines: int = 0
    counts: dict[str, int] = Field(default={}, description="machine state -> how many")
    percent: float = 0
    gates: tuple[GateView, ...] = Field(default=(), description="that its machines wait at now")
    opening: OpeningView | None = Field(
        default=None, description="of cutover windows that machines which did not cut over come into next"
    )
    serving_nowhere: int = 0
    down_since: datetime | None = Field(default=None, description="when the longest outage that goes on began")
    longest_downtime_seconds: int | None = Field(
        default=None, description="of one machine, outages that go on included"
    )
    attention: tuple[str, ...] = ()
    waits: tuple[GroupWait, ...] = Field(default=(), description="what it waits for, those that need a person first")


def group_view(migration: str, kind: Kind, name: str, now: datetime) -> GroupView:
    """Give a wave or an application. Raises `NotFound`."""
    row, plan = migrations.existing(migration), planned(migration)
    rows = tuple(each for each in machines.list(migration) if getattr(each, kind) == name)
    own = _waves(plan, kind, name)
    if not (rows or own):
        raise NotFound(f"migration {migration} has no {kind} {name}")
    waiting = [gate for gate in gates.at_a_glance(migration) if _concerns(gate, rows, kind, name)]
    down = [each.service.outage.began for each in rows if serves_nowhere(each) and each.service.outage]
    lasted = [span for each in rows if (span := downtime(each.service.outages, now)) is not None]
    return GroupView(
        migration=migration,
        kind=kind,
        name=name,
        waves=tuple(wave.name for wave in own),
        state=_state(migration, rows, waiting, kind, name),
        depends_on=tuple(dict.fromkeys(each for wave in own for each in wave.depends_on)),
        machines=len(rows),
        counts=counts(rows),
        percent=percent(rows),
        gates=tuple(_of_these(view_of_gate(migration, gate), rows) for gate in waiting),
        opening=_opening(row, plan, rows, now),
        serving_nowhere=sum(serves_nowhere(each) for each in rows),
        down_since=min(down, default=None),
        longest_downtime_seconds=max((int(each.total_seconds()) for each in lasted), default=None),
        attention=attention(rows, now),
        waits=tuple(_waits(rows)),
    )


def _waves(plan: Plan | None, kind: Kind, name: str) -> tuple[Wave, ...]:
    """Give the waves that its machines are in, in the plan's order."""
    if plan is None:
        return ()
    if kind == "wave":
        return tuple(wave for wave in plan.waves if wave.name == name)
    return tuple(wave for wave in plan.waves if any(each.application == name for each in wave.machines))


def _concerns(gate: GateRow, rows: Sequence[MachineRow], kind: Kind, name: str) -> bool:
    """Tell whether machines of it wait at a gate; one of a whole wave is that wave's."""
    names = {each.name for each in rows}
    return bool(names & {*gate.pending, gate.machine}) or (kind == "wave" and not gate.pending and gate.wave == name)


def _of_these(view: GateView, rows: Sequence[MachineRow]) -> GateView:
    names = {each.name for each in rows}
    return view.replace(pending=tuple(each for each in view.pending if each in names))


def _state(migration: str, rows: Sequence[MachineRow], waiting: Iterable[GateRow], kind: Kind, name: str) -> WaveState:
    deciding = {each for gate in waiting if gate.name == "cutover" for each in gate.pending}
    known = next((each for each in waves.at_a_glance(migration) if each.wave == name), None) if kind == "wave" else None
    return wave_state(rows, deciding, done=bool(known and known.done))


def _opening(row: MigrationRow, plan: Plan | None, rows: Sequence[MachineRow], now: datetime) -> OpeningView | None:
    """Give the earliest opening for those that did not cut over yet; None where nothing holds them back."""
    left = {each.name for each in rows if each.state not in MOVED | GIVEN_UP | {MachineState.CUTTING_OVER}}
    found = []
    for wave in plan.waves if plan else ():
        entries = tuple(each for each in wave.machines if each.name in left)
        if entries and plan:
            found.append(opening_of(plan, wave, entries, (row.started_at or now, now)))
    opening = min((each for each in found if each and not each.missed), key=lambda each: each.opens_at, default=None)
    return opening or next((each for each in found if each), None)


def _waits(rows: Sequence[MachineRow]) -> Iterator[GroupWait]:
    """Put machines together that wait for the same thing, or stopped for the same cause."""
    groups: dict[tuple[str, str, str], list[MachineRow]] = {}
    for each in rows:
        if each.problem or each.waiting_for:
            cause = (each.problem.id, each.problem.code) if each.problem else ("", "")
            groups.setdefault((*cause, each.problem.title if each.problem else each.waiting_for), []).append(each)
    for (*_, text), own in sorted(groups.items(), key=lambda pair: (pair[1][0].state not in ASIDE, -len(pair[1]))):
        first = own[0]
        yield GroupWait(
            text=text,
            release=first.release if len(own) == 1 else release_commands.for_all(first.release, first.name),
            machines=tuple(each.name for each in own),
            since=min(each.since for each in own),
            problem=first.problem,
        )
