"""What waits for people over all migrations: three queries (gates, machines, migrations), whatever there is of each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.decisions.judging import USUALLY
from shared.ledger import machines, migrations, plans
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.notifications.undelivered import undelivered
from shared.plan.model import Plan
from shared.problems import NotFound
from shared.reporting import release_commands
from shared.reporting.attention import serves_nowhere
from shared.reporting.expected_downtime import longest
from shared.reporting.inbox_views import DownMachine, Inbox, InboxItem
from shared.reporting.ledger_views import view_of_gate
from shared.reporting.openings import OpeningView, opening_of
from shared.reporting.waiting_machines import BEFORE_A_CUTOVER, checked_in, waiting_machine, with_costs
from shared.states import GIVEN_UP, THROUGH, MachineState, MigrationStatus

S = MachineState
# Nobody waits for a person in these, and none of them was taken down: their rows are not read.
QUIET: Final = frozenset({S.NOT_READY, S.INITIAL_SYNC, S.READY_FOR_TEST}) | GIVEN_UP | THROUGH
STOPPED: Final = frozenset({S.FAILED, S.AWAITING_USER_ACTION, S.PAUSED})
Known = Mapping[tuple[str, str], MachineRow]


def inbox(now: datetime) -> Inbox:
    """Give everything that waits for a person, the most urgent first, and the machines that serve nowhere."""
    rows = {(row.migration, row.name): row for row in machines.everywhere(QUIET)}
    under_way = {row.id: row for row in migrations.running()}
    waiting = [gate for gate in gates.open_everywhere() if gate.migration in under_way]
    found = [_gate(gate, under_way[gate.migration], rows, now) for gate in waiting]
    found += _stopped(waiting, under_way, rows)
    return Inbox(value=tuple(sorted(found, key=_urgency)), nowhere=tuple(_down(rows)), undelivered=undelivered())


def _urgency(item: InboxItem) -> tuple[float, float, str, str, str]:
    """Sort by when it expires, then by how long it waits."""
    end = item.expires.timestamp() if item.expires else float("inf")
    return end, item.since.timestamp(), item.migration, item.wave, item.name


def _gate(gate: GateRow, migration: MigrationRow, rows: Known, now: datetime) -> InboxItem:
    """Give an open gate with what one has to know to decide there."""
    view, plan = view_of_gate(gate.migration, gate), _plan(gate.migration)
    always = plan is not None and plan.gates.comments == "always"
    own = {name: row for name in gate.pending if (row := rows.get((gate.migration, name)))}
    item = InboxItem(
        kind="gate",
        migration=gate.migration,
        plan=migration.plan,
        started_by=migration.started_by if view.four_eyes else "",
        machines=tuple(waiting_machine(own.get(name), name, gate) for name in gate.pending),
        says_why=tuple(verdict for verdict in view.verdicts if always or verdict in USUALLY),
        opening=_opening(gate, plan, migration, now),
        **{name: getattr(view, name) for name in type(view).model_fields},
    )
    down = longest(each.expected_downtime_seconds for each in item.machines)
    item = item.replace(checked=checked_in(plan, gate, item.machines), expected_downtime_seconds=down)
    return with_costs(item, gate, own).replace(pending=())  # `machines` tells who is pending


def _opening(gate: GateRow, plan: Plan | None, migration: MigrationRow, now: datetime) -> OpeningView | None:
    """Give the first opening that a cutover of those that wait would come into; None where nothing holds it back."""
    wave = next((each for each in plan.waves if each.name == gate.wave), None) if plan else None
    if plan is None or wave is None or gate.name not in BEFORE_A_CUTOVER:
        return None
    own = tuple(each for each in wave.machines if each.name in gate.pending)
    return opening_of(plan, wave, own, (migration.started_at or now, now))


def _stopped(waiting: Sequence[GateRow], under_way: Mapping[str, MigrationRow], rows: Known) -> Iterator[InboxItem]:
    """Give machines that stopped at no gate, those of one cause together."""
    at_gates = {(gate.migration, name) for gate in waiting for name in gate.pending}
    groups: dict[tuple[str, ...], list[MachineRow]] = {}
    for where, row in rows.items():
        if row.state in STOPPED and row.migration in under_way and where not in at_gates:
            groups.setdefault((row.migration, row.wave, row.state, _cause(row)), []).append(row)
    for own in groups.values():
        yield _held(own, under_way[own[0].migration])
    for migration in under_way.values():
        if (
            migration.status == MigrationStatus.AWAITING_USER_ACTION
            and migration.release
            and not any(gate.migration == migration.id and not gate.pending for gate in waiting)
        ):
            yield _standing(migration)


def _cause(row: MachineRow) -> str:
    """Give what stopped a machine, without what is its own."""
    return f"{row.problem.id} {row.problem.code}" if row.problem else row.waiting_for


def _held(rows: Sequence[MachineRow], migration: MigrationRow) -> InboxItem:
    """Give machines that stopped for one cause."""
    first = rows[0]
    failed = first.state == S.FAILED
    return InboxItem(
        kind="failure" if failed else "hold",
        migration=first.migration,
        plan=migration.plan,
        name=first.problem.id if first.problem else "paused" if first.state == S.PAUSED else "waiting",
        wave=first.wave,
        text=first.problem.title if first.problem else first.waiting_for,
        release=first.release if len(rows) == 1 else release_commands.for_all(first.release, first.name),
        since=min(row.since for row in rows),
        problem=first.problem,
        machines=tuple(waiting_machine(row, row.name) for row in rows),
    )


def _standing(migration: MigrationRow) -> InboxItem:
    """Give a migration that waits as a whole."""
    return InboxItem(
        kind="hold",
        migration=migration.id,
        plan=migration.plan,
        name="waiting",
        text=migration.waiting_for,
        release=migration.release,
        since=migration.stamp,
    )


def _down(rows: Known) -> Iterator[DownMachine]:
    """Give the machines that serve nowhere, the longest first."""
    found = [row for row in rows.values() if serves_nowhere(row)]
    for row in sorted(found, key=lambda row: (_since(row), row.migration, row.name)):
        same = {each: getattr(row, each) for each in ("migration", "name", "wave", "state", "phase", "waiting_for")}
        yield DownMachine(since=_since(row), way_back=_way_back(row), **same)


def _since(row: MachineRow) -> datetime:
    return row.service.outage.began if row.service.outage else row.service.since


def _way_back(row: MachineRow) -> str:
    """Give the command that stands at the machine, else the one that takes it back; while it cuts over, that goes on."""
    return row.release or release_commands.back("rollback", row.migration, row.name, "it serves nowhere")


def _plan(migration: str) -> Plan | None:
    try:
        return plans.plan_of(migration)
    except NotFound:
        return None
