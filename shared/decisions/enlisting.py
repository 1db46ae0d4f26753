"""Putting the machines of a change into its rounds: done again it is the same, whoever does it."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from shared.coordination import gates
from shared.coordination.operator_intents import Intent, forget_skips, order
from shared.decisions.dropping import free_source, nothing_more
from shared.decisions.touched_machines import is_walked, resumes_at, touches_of
from shared.itinerary import step_at
from shared.ledger import events, machines
from shared.ledger.event_data import EventData
from shared.ledger.expanded_plans import entry_of, expanded_in
from shared.ledger.machine_row import MachineChanges, MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.ledger.plan_change import DroppedMachine, RunningChange
from shared.models import Scope
from shared.plan.carrying_over import Touch
from shared.states import GIVEN_UP, MachineState

EVENTS: Final = {
    Touch.ADDED: "was added to the plan",
    Touch.DROPPED: "was dropped from the plan",
    Touch.RETARGETED: "becomes something else in Azure",
}
WAITS: Final = "its round, which judges it anew and tells Site Recovery what it becomes"


def enlist(row: MigrationRow, change: RunningChange, now: datetime) -> None:
    """Put every machine that a change touches where the change is carried out, and say so."""
    found = touches_of(expanded_in(row.id, row.earlier_key), expanded_in(row.id, change.key))
    names = {touch: {name for name, each in found.items() if each == touch} for touch in Touch}
    _drop(row, change, names[Touch.DROPPED], now)
    _tell_anew(row, change, names[Touch.RETARGETED], now)
    _add(row, change, names[Touch.ADDED], now)
    for name, touch in found.items():
        _write(row, change, name, touch)


def _tell_anew(row: MigrationRow, change: RunningChange, names: Collection[str], now: datetime) -> None:
    """Let machines go on in the round that tells Site Recovery what they become; all others are told in their retry."""
    if not names:
        return

    def sent(found: MachineRow) -> MachineChanges | None:
        if found.name not in names or found.changing != change.version:
            return None
        anew: MachineChanges = {"changing": 0, "retarget": 0 if found.state in GIVEN_UP else change.version}
        return anew | _walk_on(found, change, now) if is_walked(found) else anew

    machines.change_each(Scope(migration=row.id, round=change.round, now=now), sent)
    gone = {each.name for each in machines.list(row.id) if each.name in names and _waits(each, change)}
    gates.withdraw_everywhere(row.id, gone, change.round)
    for name in sorted(gone):
        forget_skips(row.id, name, change.decision.at)


def _walk_on(found: MachineRow, change: RunningChange, now: datetime) -> MachineChanges:
    """Put a machine into the round; a flow that has it lets go of it at the end of its phase."""
    phase = resumes_at(found)
    walk: MachineChanges = {"round": change.round, "failed_in": phase, "yields": found.owner}
    if found.owner:
        return walk
    state = step_at(phase).state
    return walk | {"state": state, "problem": None, "waiting_for": WAITS, "release": "", "since": now}


def _waits(found: MachineRow, change: RunningChange) -> bool:
    return found.round == change.round and not found.owner


def _add(row: MigrationRow, change: RunningChange, names: Collection[str], now: datetime) -> None:
    """Write the rows of machines that are added; those that were dropped before begin anew."""
    back = {each.name for each in machines.list(row.id) if each.name in names and each.dropped} if names else set()
    for name in sorted(back):
        order(row.id, name, Intent.RUN, change.decision)
        forget_skips(row.id, name, change.decision.at)

    def returns(found: MachineRow) -> MachineChanges | None:
        return _anew(change, now) if found.name in back and found.dropped else None

    if back:
        machines.change_each(Scope(migration=row.id, round=change.round, now=now), returns)
    machines.create_many(_row(row, change, name, now) for name in sorted(names))


def _anew(change: RunningChange, now: datetime) -> MachineChanges:
    begins: MachineChanges = {"state": MachineState.NOT_READY, "phase": "", "failed_in": "", "round": change.round}
    return begins | {"dropped": None, "problem": None, "waiting_for": "", "release": "", "owner": "", "since": now}


def _row(row: MigrationRow, change: RunningChange, name: str, now: datetime) -> MachineRow:
    """Give the first row of a machine; its assessment finds the rest."""
    wave, entry = entry_of(row.id, name)
    return MachineRow(
        migration=row.id,
        name=name,
        wave=wave.name,
        application=entry.application,
        boot_group=entry.boot_group,
        round=change.round,
        since=now,
        stamp=now,
    )


def _drop(row: MigrationRow, change: RunningChange, names: Collection[str], now: datetime) -> None:
    """Mark machines as dropped, and have those taken back that anything runs of."""
    if not names:
        return
    who = DroppedMachine(by=change.decision.by, at=change.decision.at, why=change.decision.comment)

    def dropped(found: MachineRow) -> MachineChanges | None:
        if found.name not in names or found.changing != change.version:
            return None
        if found.state in GIVEN_UP:
            return {"changing": 0, "dropped": who, "release": "", "waiting_for": nothing_more(who)}
        return {"changing": 0, "dropped": who, "round": change.drop_round}

    machines.change_each(Scope(migration=row.id, round=change.drop_round, now=now), dropped)
    rows = [each for each in machines.list(row.id) if each.name in names]
    for each in rows:
        if each.dropped and each.state in GIVEN_UP:
            free_source(each)
    gone = {each.name for each in rows if each.round == change.drop_round}
    for name in sorted(gone):
        order(row.id, name, Intent.CANCEL, change.decision)
    gates.withdraw_everywhere(row.id, gone, change.drop_round)


def _write(row: MigrationRow, change: RunningChange, name: str, touch: Touch) -> None:
    """Say in an event what becomes of a machine, who wants it, and why."""
    decision, (wave, _) = change.decision, entry_of(row.id, name)
    place = Scope(migration=row.id, wave=wave.name, machine=name, round=0, now=decision.at)
    why = f" ({decision.comment})" if decision.comment else ""
    path = f"waves/{wave.name}/machines/{name}"
    who = EventData(person=decision.person, surface=decision.surface, changed=path)
    text = f"{name} {EVENTS[touch]}: {decision.who} changed the plan{why}"
    events.write(place, f"machine-{touch}", text, by=decision.by, data=who)
