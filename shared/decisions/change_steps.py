"""Carrying out a change of machines, step by step: each can be done again, by whoever finds the change under way.

It is proposed in the migration's row; its machines are held before their next phase, so that none begins its cutover
under the values of before; then one write of the row says that the new plan holds and opens the rounds in which it is
carried out; then the machines are put into them. Whoever dies in between leaves a change under way: `finish` goes on
with it, from the command that comes next, from the round's first activity, and from `reconcile`.
"""

from datetime import datetime
from typing import Final

from shared.contracts.rounds import Round
from shared.decisions.enlisting import enlist
from shared.decisions.touched_machines import Touched, is_walked, touches_of, why_not
from shared.ids import root_of
from shared.ledger import machines, migrations
from shared.ledger.expanded_plans import expanded_in
from shared.ledger.machine_row import MachineChanges, MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.ledger.plan_change import ChangeStage, RunningChange
from shared.ledger.versioned_row import validated
from shared.models import Scope
from shared.plan.carrying_over import Touch
from shared.problems import PlanMoved
from shared.states import GIVEN_UP, MigrationStatus

AGAIN: Final = "Read the plan again, and send the change with its new ETag."


def touched(row: MigrationRow, key: str) -> Touched:
    """Give the machines that another plan of a migration touches."""
    found = touches_of(expanded_in(row.id, row.plan_key), expanded_in(row.id, key))
    rows = {each.name: each for each in machines.list(row.id) if each.name in found} if found else {}
    return Touched(row, found, rows)


def propose(row: MigrationRow, change: RunningChange, now: datetime) -> None:
    """Write down what is to be changed; of two that are proposed at once only one is. Raises `PlanMoved`."""

    def proposed(stands: MigrationRow) -> MigrationRow | None:
        free = stands.plan_change is None or not stands.plan_change.under_way
        if stands.plan_version != change.version - 1 or not free or stands.status == MigrationStatus.ENDED:
            return None
        return validated(stands, {"plan_change": change})

    stands = migrations.change_row(Scope(migration=row.id, round=0, now=now), proposed)
    if stands.plan_change != change:
        raise PlanMoved(f"somebody else changed the plan of {row.id} at the same moment", advice=AGAIN)


def let_hold_at_once(row: MigrationRow, change: RunningChange) -> MigrationRow:
    """Say that a plan holds that touches no machine; of two changes of one version only one comes through.

    Raise `PlanMoved` for the other.
    """

    def holds(stands: MigrationRow) -> MigrationRow | None:
        under_way = stands.plan_change is not None and stands.plan_change.under_way
        if stands.plan_version != change.version - 1 or under_way:
            return None
        return validated(stands, _held_by(stands, change, ()) | {"plan_change": change.replace(stage=ChangeStage.DONE)})

    stands = migrations.change_row(Scope(migration=row.id, round=0, now=change.decision.at), holds)
    if stands.plan_key != change.key or stands.plan_version != change.version:
        raise PlanMoved(f"somebody else changed the plan of {row.id} at the same moment", advice=AGAIN)
    return stands


def finish(migration: str, now: datetime) -> str:
    """Bring a change that is under way to its end, from wherever it stands.

    Gives why it was withdrawn instead; empty where it holds, or where nothing is under way.
    """
    row = migrations.existing(migration)
    change = row.plan_change
    if change is None or not change.under_way:
        return ""
    if change.stage == ChangeStage.PROPOSED:
        row = _hold(row, change, now)
    stands = row.plan_change or change
    if stands.stage == ChangeStage.WITHDRAWN:
        return _withdrawn(row, change, now)
    if stands.stage == ChangeStage.HOLDS:
        enlist(row, stands, now)
        _step(row, change, ChangeStage.HOLDS, ChangeStage.DONE)
    return ""


def rounds_of(row: MigrationRow, now: datetime) -> tuple[Round, ...]:
    """Give the rounds in which the latest change is carried out and that did not begin yet."""
    change = row.plan_change or RunningChange()
    wanted = ((change.round, "migrate"), (change.drop_round, "cancel"))
    return tuple(
        Round(migration=row.id, round=number, purpose=purpose, now=now)
        for number, purpose in wanted
        if number in row.open_rounds and number not in row.lives
    )


def _hold(row: MigrationRow, change: RunningChange, now: datetime) -> MigrationRow:
    """Hold the machines, and let the plan hold where none of them had begun its cutover meanwhile."""
    before = touched(row, change.key)

    def held(found: MachineRow) -> MachineChanges | None:
        touch = before.touches.get(found.name, Touch.ADDED)
        later = found.round > row.round  # a command that came after the proposal, or somebody carried it out meanwhile
        fits = touch != Touch.ADDED and not later and not why_not(touch, found, row)
        return {"changing": change.version} if fits else None

    machines.change_each(Scope(migration=row.id, round=0, now=now), held)
    seen = touched(row, change.key)
    stands = _let_it_hold(row, change, seen) if _all_held(seen, change) else row
    if stands.plan_change != change:
        return stands
    return _step(row, change, ChangeStage.PROPOSED, ChangeStage.WITHDRAWN)


def _all_held(seen: Touched, change: RunningChange) -> bool:
    """Tell whether every machine waits for the change: from here none begins its cutover before it holds."""
    return all(
        name in seen.rows and seen.rows[name].changing == change.version
        if touch != Touch.ADDED
        else not why_not(touch, seen.rows.get(name), seen.migration)
        for name, touch in seen.touches.items()
    )


def _let_it_hold(row: MigrationRow, change: RunningChange, seen: Touched) -> MigrationRow:
    """Say in one write which plan holds and in which rounds that is carried out; an ended migration stays as it is."""
    of_each = {_purpose(touch, seen.rows.get(name)) for name, touch in seen.touches.items()}
    purposes = tuple(each for each in ("migrate", "cancel") if each in of_each)
    many = sum(1 for _ in expanded_in(row.id, change.key).entries())

    def holds(stands: MigrationRow) -> MigrationRow | None:
        if stands.plan_change != change or stands.status == MigrationStatus.ENDED:
            return None
        return validated(stands, _held_by(stands, change, purposes) | {"machines": many})

    return migrations.change_row(Scope(migration=row.id, round=0, now=change.decision.at), holds)


def _purpose(touch: Touch, row: MachineRow | None) -> str:
    """Give the purpose of the round that a machine is put into; empty for one that no flow need have."""
    if touch == Touch.DROPPED:
        return "" if row is not None and row.state in GIVEN_UP else "cancel"
    return "migrate" if touch == Touch.ADDED or (row is not None and is_walked(row)) else ""


def _held_by(stands: MigrationRow, change: RunningChange, purposes: tuple[str, ...]) -> dict[str, object]:
    """Give what the row says once the plan holds: its rounds are opened with it."""
    numbers = {purpose: stands.round + place for place, purpose in enumerate(purposes, 1)}
    opened: dict[str, object] = {
        "round": stands.round + len(purposes),
        "open_rounds": (*stands.open_rounds, *numbers.values()),
        "instances": (*stands.instances, *(root_of(stands.id, each, name) for name, each in numbers.items())),
        "opener": f"change-{change.version}",
        "problem": None,
    }
    held = {"stage": ChangeStage.HOLDS, "round": numbers.get("migrate", 0), "drop_round": numbers.get("cancel", 0)}
    return (opened if purposes else {}) | {
        "plan_keys": (*stands.plan_keys, change.key),
        "plan_version": change.version,
        "plan_decision": change.decision,
        "plan_change": change.replace(**held),
    }


def _step(row: MigrationRow, change: RunningChange, before: ChangeStage, after: ChangeStage) -> MigrationRow:
    """Take the change from one stage to the next, unless somebody did."""

    def stepped(stands: MigrationRow) -> MigrationRow | None:
        own = stands.plan_change
        if own is None or (own.version, own.key, own.stage) != (change.version, change.key, before):
            return None
        return validated(stands, {"plan_change": own.replace(stage=after)})

    return migrations.change_row(Scope(migration=row.id, round=0, now=change.decision.at), stepped)


def _withdrawn(row: MigrationRow, change: RunningChange, now: datetime) -> str:
    """Let the machines go that were held, and say why the change was withdrawn."""
    late = "; ".join(f"{name} {why}" for name, why in touched(row, change.key).late())
    machines.change_all(
        Scope(migration=row.id, round=0, now=now), lambda found: found.changing == change.version, changing=0
    )
    _step(row, change, ChangeStage.WITHDRAWN, ChangeStage.DONE)
    return late or f"{row.id} has ended"
