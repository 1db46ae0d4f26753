"""The ledger as people look at it: migrations with their waves, gates and progress, pages of machines and events."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from shared.concerns.judge import not_judged, said_in
from shared.concerns.registry import Concern
from shared.coordination import gates, operator_intents
from shared.coordination.gate_row import GateRow
from shared.coordination.pauses import Pauses, pauses
from shared.decisions.kinds import KINDS
from shared.decisions.people import Role
from shared.decisions.steered import CommandOutcome
from shared.intake.messages import INTAKE
from shared.ledger import events, machines, migrations
from shared.ledger.derived_states import earliest_phase
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.ledger.serving import downtime
from shared.models import Model
from shared.plan.strategies import left_out_of
from shared.problems import NotFound
from shared.reporting.archive import MigrationFilter, kept
from shared.reporting.attention import attention, serves_nowhere
from shared.reporting.expected_downtime import expected_downtime
from shared.reporting.views import (
    CommandView,
    DecisionView,
    EventPage,
    EventView,
    GateView,
    MachineView,
    MigrationPage,
    MigrationSummary,
    MigrationView,
)
from shared.reporting.wave_views import counts, percent, planned, waves_of
from shared.roads.table import road_name
from shared.states import MigrationStatus

LATECOMERS: Final = timedelta(minutes=2)  # an event bears its writer's moment, and writers need a while
View = TypeVar("View", bound=Model)


def migration(name: str, now: datetime) -> MigrationView:
    """Give a migration with its waves, its open gates, counts and progress by now. Raises `NotFound`."""
    row = migrations.existing(name)
    rows, waiting = machines.at_a_glance(name), gates.at_a_glance(name)
    return MigrationView(**_summary(row)).replace(
        phase="" if row.status == MigrationStatus.ENDED else earliest_phase(row.phase, rows),
        machines=len(rows) or row.machines,
        counts=counts(rows),
        percent=percent(rows),
        road=road_name(row.scenario, row.mode),
        concerns=(*row.concerns, *_not_judged(name, rows)),
        waves=waves_of(name, rows, waiting),
        gates=tuple(view_of_gate(name, gate) for gate in waiting),
        left_out=left_out_of(plan) if (plan := planned(name)) else {},
        serving_nowhere=sum(serves_nowhere(each) for each in rows),
        attention=attention(rows, now),
    )


def _not_judged(migration: str, rows: Sequence[MachineRow]) -> tuple[Concern, ...]:
    """Give what machines were not judged by, a line for each rule."""
    unjudged = {row.name: row.unjudged for row in rows if row.unjudged}
    plan = planned(migration) if unjudged else None
    accepted = (*(said_in(plan) if plan else ()), *(operator_intents.accepted_lately(migration) if unjudged else ()))
    return not_judged(unjudged, accepted)


def after_command(name: str, outcome: CommandOutcome, now: datetime) -> CommandView:
    """Give a migration after a command, with what was decided. Raises `NotFound`."""
    seen = migration(name, now)
    decision = DecisionView(**_fields(DecisionView, outcome.decision)).replace(text=outcome.text)
    return CommandView(**_fields(CommandView, seen)).replace(decision=decision)


def view_of_gate(migration: str, gate: GateRow) -> GateView:
    """Give a gate with who may pass it, and who did already where two people have to."""
    kind, plan = KINDS.get(gate.name), planned(migration)
    view = _view(GateView, gate)
    if kind is None or plan is None:
        return view
    wave = next((each for each in plan.waves if each.name == gate.wave), None)
    named = plan.approvers_of(wave) if kind.role != Role.OPERATOR else ()
    first = (
        each.by for each in gate.seconded if any(each.tickets.get(name) == gate.ticket(name) for name in gate.pending)
    )
    return view.replace(
        approvers=named or (kind.role.value,),
        four_eyes=kind.four_eyes and wave is not None and wave.gates.four_eyes,
        approved_by=tuple(dict.fromkeys(first)),
        verdicts=tuple(kind.verdicts),
    )


def page_of_migrations(query: Mapping[str, str], top: int) -> MigrationPage:
    """Give a page of the migrations that a query looks for, the newest first. Raises `UnreadableRequest`."""
    wanted = MigrationFilter.of(query)
    rows, following = migrations.page(query.get("token", ""), top, wanted.fits)
    value = tuple(MigrationSummary(**_summary(row)) for row in rows)
    more = {name: query[name] for name in ("ended", "outcome", "find", "after", "before") if query.get(name)}
    link = link_to_next("migrations", following, top, **more)
    return MigrationPage(value=value, next_link=link, kept=kept() if wanted.ended else "")


def machine(migration: str, name: str, now: datetime) -> MachineView:
    """Give one machine. Raises `NotFound`."""
    migrations.existing(migration)
    row = machines.get(migration, name)
    if row is None:
        raise NotFound(f"migration {migration} has no machine {name}")
    return view_of(row, pauses(migration), now)


def page_of_events(migration: str, token: str, top: int, machine: str | None, now: datetime) -> EventPage:
    """Give a page of events, the oldest first, and a token from which a watcher misses nothing. Raises `NotFound`."""
    if migration != INTAKE:
        migrations.existing(migration)
    rows, following = events.page(migration, token, top, machine)
    settled = [row for row in rows if row.at < now - LATECOMERS]
    value = tuple(_event(row) for row in rows)
    more = {"machine": machine} if machine is not None else {}
    link = link_to_next(f"migrations/{migration}/events", following, top, **more)
    return EventPage(value=value, next_link=link, token=events.id_of(settled[-1]) if settled else token)


def every_machine(migration: str, now: datetime) -> Iterator[MachineView]:
    """Give all machines of a migration."""
    paused = pauses(migration)
    return (view_of(row, paused, now) for row in machines.list(migration))


def every_event(migration: str) -> Iterator[EventView]:
    """Give all events of a migration, the oldest first."""
    token = ""
    while True:
        rows, token = events.page(migration, token, 1_000)
        yield from (_event(row) for row in rows)
        if not token:
            return


def _event(row: events.Event) -> EventView:
    return EventView(**{"id": events.id_of(row), **_fields(EventView, row)})


def view_of(row: MachineRow, paused: Pauses, now: datetime) -> MachineView:
    """Give a machine; where the result of a script in its VM is read is a signed URL, so that stays inside."""
    service, going_on = row.service, row.service.outage
    return MachineView(**_fields(MachineView, row) | {"unfit": row.unfit_text}).replace(
        evidence=row.evidence.shown,
        expected_downtime_seconds=expected_downtime(row),
        paused_by=paused.of(row),
        serving=service.at,
        serving_since=service.since,
        outages=service.outages,
        outage_seconds=_seconds(going_on.lasted(now)) if going_on else None,
        downtime_seconds=_seconds(downtime(service.outages, now)),
    )


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _view(kind: type[View], row: Model) -> View:
    """Give what a row and its view share."""
    return kind(**_fields(kind, row))


def _fields(kind: type[Model], row: Model) -> dict[str, Any]:
    shared = {name: getattr(row, name) for name in kind.model_fields if hasattr(row, name)}
    of = getattr(row, "migration", "") or getattr(row, "id", "")
    return shared | ({"release": _explained(of, shared["release"])} if shared.get("release") else {})


def _explained(migration: str, release: str) -> str:
    """Give a command as it is taken: with a comment where the plan asks for one everywhere."""
    plan = planned(migration)
    asks = plan is not None and plan.gates.comments == "always"
    return f'{release} --comment "as agreed"' if asks and "--comment" not in release else release


def _summary(row: MigrationRow) -> dict[str, Any]:
    """Give what a list shows of a migration; one that ended is in no phase."""
    ended = {"phase": ""} if row.status == MigrationStatus.ENDED else {}
    return {**_fields(MigrationSummary, row), **ended}


def link_to_next(path: str, token: str, top: int, **more: str) -> str | None:
    """Give the address of the page behind a token; None where there is none."""
    return f"/api/{path}?{urlencode({'top': top, **more, 'token': token})}" if token else None
