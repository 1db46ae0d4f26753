"""Tending: what the frame lost (roots, watchers, slots, wake-ups) is found and put right; doing it twice does no harm."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from shared import gates, hub, slots, waits
from shared.contracts import WATCH_VAULT
from shared.durable import as_problem
from shared.hub import Client
from shared.ids import round_of
from shared.itinerary import state_when_failed
from shared.ledger import events, machines, migrations, sources
from shared.ledger.machines import MachineRow
from shared.ledger.migrations import MigrationRow
from shared.models import Announcement, Model, Place
from shared.problems import Facts
from shared.requests import Round, Watch
from shared.slot_book import Holder
from shared.states import TERMINAL, MachineState, MigrationStatus
from shared.steering.steered import begin
from shared.waits import Wait, WaitKind

A_VAULT = "vault."


class Tended(Model):
    """What was put right."""

    begun: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()
    told: int = 0


async def tend(client: Client, now: datetime) -> Tended:
    """Look after everything that runs."""
    begun, closed, watchers = [], [], set()
    opened: tuple[Announcement, ...] = ()
    for row in await asyncio.to_thread(lambda: tuple(migrations.running())):
        for root in _open_roots(row):
            state = await _state(client, root)
            if state == "" and await _still_open(row.id, root):
                await begin(client, _round(row.id, root, now))
                begun.append(root)
            elif state not in ("", *hub.ALIVE) and await _still_open(row.id, root):
                await asyncio.to_thread(close, row.id, root, state, now)
                closed.append(root)
        rows = await asyncio.to_thread(waits.of_migration, row.id)
        watchers |= await _watchers(client, rows)
        opened += tuple(wait.announcement for wait in rows if _has_come(wait, now))
    freed, announcements = await _free_orphans(client)
    announcements += opened
    announcements += await asyncio.to_thread(slots.unconfirmed)
    await hub.announce(client, announcements)
    return Tended(
        begun=tuple(begun),
        closed=tuple(closed),
        watchers=tuple(sorted(watchers)),
        freed=freed,
        told=len(announcements),
    )


def close(migration: str, root: str, state: str, now: datetime) -> None:
    """Close a round whose root ended without closing it: its machines fail, so that they can be retried."""
    _, number = round_of(root)
    problem = as_problem(RuntimeError(f"the flow {root} ended as {state} before its round was closed")).facts
    place = Place(migration=migration, round=number, now=now)
    for row in machines.list(migration):
        if row.round == number and row.state not in TERMINAL:
            _fail(place, row, root, problem)
    migrations.change(place.but(round=0), problem=problem)
    events.write(place, "round-lost", problem.detail)
    if migrations.close_round(migration, number, now).status == MigrationStatus.ENDED:
        _tidy(migration)


def _fail(place: Place, row: MachineRow, root: str, problem: Facts) -> None:
    """Mark a machine as failed; what may still walk it finds another owner and stops."""
    here, stopped_in = place.but(machine=row.name, wave=row.wave), row.failed_in or row.phase
    machines.change(
        here,
        state=MachineState(state_when_failed(stopped_in)),
        failed_in=stopped_in,
        problem=problem,
        owner=f"{root}.lost",
        waiting_for=problem.advice,
        release=f"python -m cli retry {row.migration} --machine {row.name}",
    )


def _tidy(migration: str) -> None:
    """Let go of what only a running migration has."""
    sources.free(migration)
    for gate in gates.of_migration(migration):
        gates.close(migration, gate.wave, gate.name, gate.place)
    for wait in waits.of_migration(migration):
        waits.disarm(wait.watch, wait.id)


def _open_roots(row: MigrationRow) -> tuple[str, ...]:
    return tuple(root for root in row.instances if round_of(root)[1] in row.open_rounds)


async def _still_open(migration: str, root: str) -> bool:
    """Tell whether the round is open, seen after its root: a root closes its round before it ends."""
    row = await asyncio.to_thread(migrations.get, migration)
    return row is not None and root in _open_roots(row)


def _round(migration: str, root: str, now: datetime) -> Round:
    purpose, number = round_of(root)
    return Round(migration=migration, round=number, purpose=purpose, now=now)


async def _state(client: Client, instance: str) -> str:
    """Give the runtime status of an instance; empty when there is none."""
    status = await client.get_status(instance)
    return status.runtime_status.name if status and status.runtime_status is not None else ""


def _has_come(wait: Wait, now: datetime) -> bool:
    """Tell whether a cohort still waits for an opening of its cutover window that has come: its timer was lost."""
    return wait.kind == WaitKind.WINDOW and wait.not_before is not None and wait.not_before <= now


async def _watchers(client: Client, rows: Iterable[Wait]) -> set[str]:
    """Start the watchers of vaults in which somebody waits and that nobody watches."""
    lost = {key for key in {row.watch for row in rows} if key.startswith(A_VAULT)}
    lost = {key for key in lost if not await hub.is_running(client, key)}
    for key in lost:
        await hub.start(client, WATCH_VAULT, Watch(vault=key), key)
    return lost


async def _free_orphans(client: Client) -> tuple[tuple[str, ...], tuple[Announcement, ...]]:
    """Free the places of holders that are no more."""
    everybody = await asyncio.to_thread(lambda: tuple(slots.everybody()))
    gone = [one for one in everybody if await _is_gone(client, one)]
    told: tuple[Announcement, ...] = ()
    for one in gone:
        told += await asyncio.to_thread(slots.free, one.holder)
    return tuple(one.holder for one in gone), told


async def _is_gone(client: Client, one: Holder) -> bool:
    """Tell whether a holder is over: its migration ended, its machine is settled, or its cohort's flow ended."""
    row = await asyncio.to_thread(migrations.get, one.wait.migration)
    if row is None or row.status == MigrationStatus.ENDED:
        return True
    if not one.wait.machine:
        return not await hub.is_running(client, one.holder)  # a cohort holds its places by the id of its flow
    machine = await asyncio.to_thread(machines.get, one.wait.migration, one.wait.machine)
    return machine is not None and machine.state in TERMINAL
