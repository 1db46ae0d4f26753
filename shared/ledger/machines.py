"""The ledger of machines: one row per machine of a migration, written by the activity that makes the change."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final, Unpack

from shared.ledger.machine_row import MachineChanges, MachineRow
from shared.ledger.versioned_row import stamped
from shared.models import NEVER, Scope
from shared.observability import metrics
from shared.problems import NotFound
from shared.states import MachineState, check_transition
from shared.storage.batch_writes import write_all
from shared.storage.entities import key
from shared.storage.last_seen import A_MOMENT
from shared.storage.overviews import Overview
from shared.storage.rows import Operation, Rows, StoredRow, create, update

WATCHER: Final = -1  # the round of a vault's watcher, whose clock is not that of any flow
NOBODY: Final = "nobody"  # owns a machine whose flow was lost: what may still walk it finds that it is not its own


TABLE: Final = Rows("machines", MachineRow)
AT_A_GLANCE: Final = (
    "migration", "name", "wave", "state", "phase", "failed_in", "percent", "unfit", "service", "unjudged", "concerns",
)  # fmt: skip
GLANCE: Final = Overview(TABLE, *AT_A_GLANCE)


def create_many(rows: Iterable[MachineRow]) -> None:
    """Write the rows of machines that are not there yet; others are kept.

    100 a transaction; whoever dies in between runs it again.
    """
    migrations: dict[str, dict[str, MachineRow]] = {}
    for row in rows:
        migrations.setdefault(row.migration, {})[row.name] = row.replace(stamps={row.round: row.stamp})
    for migration, wanted in migrations.items():
        write_all(TABLE, migration, partial(_missing, wanted))


def _missing(wanted: Mapping[str, MachineRow], existing: Mapping[str, StoredRow[MachineRow]]) -> Sequence[Operation]:
    """Give what has to be written, given what is there."""
    return tuple(create(row.migration, name, row) for name, row in wanted.items() if key(name) not in existing)


def get(migration: str, machine: str) -> MachineRow | None:
    """Give a machine's row, or None."""
    return TABLE.get(migration, machine)


def list(  # noqa: A001 - callers read `machines.list`
    migration: str, *, wave: str | None = None, states: Collection[MachineState] | None = None
) -> Iterator[MachineRow]:
    """Give the machines of a migration by name, those of one wave or in some states where asked; 1,000 per request."""
    where, values = ("wave eq @wave", {"wave": wave}) if wave is not None else ("", {})
    return (row for row in TABLE.of(migration, where, values) if states is None or row.state in states)


def just_changed(migration: str, machine: str) -> MachineRow | None:
    """Give a machine's row to who has changed it a moment ago, in this very call of an activity, unread; else read it."""
    return TABLE.last_known(migration, machine, A_MOMENT) or get(migration, machine)


def states(migration: str) -> dict[str, MachineState]:
    """Give the state of each machine of a migration, by name."""
    return {each["name"]: MachineState(each["state"]) for each in TABLE.columns(migration, "name", "state")}


def everywhere(without: Collection[MachineState]) -> Iterator[MachineRow]:
    """Give the machines of all migrations but those in some states, with one query (1,000 per request)."""
    names = {f"state{number}": state.value for number, state in enumerate(sorted(without))}
    return TABLE.everywhere(" and ".join(f"state ne @{name}" for name in names), names)


def at_a_glance(migration: str) -> tuple[MachineRow, ...]:
    """Give all machines of a migration by name, for people to look at: of each only what `AT_A_GLANCE` names."""
    return GLANCE.of(migration)


def page(
    migration: str, token: str = "", size: int = 100, since: datetime = NEVER
) -> tuple[tuple[StoredRow[MachineRow], ...], str]:
    """Give `size` machines by name, and the token of the next page ("" = no more).

    `since`: only those that were written after that moment of the service's clock.
    """
    where, values = ("Timestamp gt @since", {"since": since}) if since > NEVER else ("", {})
    return TABLE.stored_page(migration, token, size, where, values)


def change(
    scope: Scope, when: Callable[[MachineRow], bool] | None = None, **changes: Unpack[MachineChanges]
) -> MachineRow:
    """Change a machine's row and stamp it with `place.now`; gives the row as it stands afterwards.

    Writes nothing when nothing would change, when `when` says no (asked again at each try), or when `place` is a late
    twin. `marks`, `jobs`, `scripts` and `evidence` add to what is there. Raises `NotFound` when there is no such machine.
    """
    before: MachineRow | None = None

    def mutate(row: MachineRow | None) -> MachineRow | None:
        nonlocal before
        before = row
        if row is None or (when is not None and not when(row)):
            return None
        return next_row(row, scope, changes)

    row = TABLE.change(scope.migration, scope.machine, mutate)
    if row is None or before is None:
        raise NotFound(f"there is no machine {scope.machine} in migration {scope.migration}")
    _measure(before, row)
    return row


def change_all(scope: Scope, when: Callable[[MachineRow], bool], **changes: Unpack[MachineChanges]) -> None:
    """Change every machine of a migration for which `when` says yes, as `change` does; 100 a transaction.

    Whoever dies in between runs it again.
    """
    change_each(scope, lambda row: changes if when(row) else None)


def change_each(
    scope: Scope, changes: Callable[[MachineRow], MachineChanges | None], names: Collection[str] | None = None
) -> None:
    """Change every machine of a migration (or those of `names`) by what `changes` gives for it; 100 a transaction.

    `changes` gives None for nothing, and may be asked more than once for a row. Named ones are first tried as this
    process last saw them: that nothing is to be changed may then be said of a row that has changed since. Whoever dies
    in between runs it again.
    """
    changed: dict[str, tuple[MachineRow, MachineRow]] = {}

    def missing(existing: Mapping[str, StoredRow[MachineRow]]) -> Sequence[Operation]:
        operations = []
        for found in existing.values():
            wanted = changes(found.row) if names is None or found.row.name in names else None
            after = next_row(found.row, scope, wanted) if wanted is not None else None
            if after is not None:
                changed[found.row.name] = (found.row, after)
                operations.append(update(found, scope.migration, after))
        return operations

    write_all(TABLE, scope.migration, missing, names or ())
    for before, after in changed.values():
        _measure(before, after)


def next_row(row: MachineRow, scope: Scope, changes: MachineChanges) -> MachineRow | None:
    """Give the changed row, None where nothing would change; every change of a machine's state comes through here.

    Raises `ForbiddenTransition` for a state that may not follow the one that stands there; the same state is no change.
    """
    if "waiting_for" in changes and "held_by" not in changes:
        changes = {**changes, "held_by": None}  # it spoke of the text that is replaced
    after = stamped(row, scope, changes)
    if after is not None:
        check_transition(row.state, after.state, f"{row.name} of {row.migration}")
    return after


def _measure(before: MachineRow, after: MachineRow) -> None:
    """Count what this change brought."""
    if after.state != before.state:
        metrics.machine_entered(after.state, after.phase)
    if before.service.outage is not None and after.service.outage is None and after.service.outages:
        metrics.machine_was_down(int(after.service.outages[-1].lasted(after.stamp).total_seconds()))
