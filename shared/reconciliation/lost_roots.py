"""Rounds whose root was lost: what still runs of them is ended first, then they begin again as a new life."""

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime
from typing import Final

from shared.contracts.rounds import Round
from shared.decisions.steered import begin, begin_root
from shared.durable import client_wire, durable_client
from shared.durable.durable_client import Client
from shared.durable.hub_calls import undisturbed
from shared.ids import round_of
from shared.ledger import events, machines, migrations, plans
from shared.ledger.migration_rounds import next_life
from shared.ledger.migration_row import MigrationRow
from shared.models import Scope
from shared.reconciliation import absences
from shared.reconciliation.ended_rounds import close
from shared.states import TERMINAL

LIVING: Final = {"runtimeStatus": "Running,Pending,Suspended,ContinuedAsNew"}
REASON: Final = "the root of its round was lost; the round begins again"


async def look_after(
    client: Client, row: MigrationRow, missing: Collection[str], now: datetime
) -> tuple[list[str], list[str]]:
    """Look at the roots of a migration's open rounds; gives those that were begun (again), and whose round was closed."""
    begun, closed = [], []
    for root in open_roots(row):
        state = await durable_client.state(client, root)
        if state in durable_client.ALIVE and root in missing:
            await asyncio.to_thread(absences.forget, root)
        elif state == durable_client.ABSENT:
            begun += [root] if await _begin_again(client, row.id, root, now) else []
        elif state not in (durable_client.UNCERTAIN, *durable_client.ALIVE) and await _still_open(row.id, root):
            await end_children(client, row.id, root)
            await asyncio.to_thread(close, row.id, root, state, now)
            closed.append(root)
    return begun, closed


def open_roots(row: MigrationRow) -> tuple[str, ...]:
    """Give the roots of a migration's open rounds."""
    return tuple(root for root in row.instances if round_of(root)[1] in row.open_rounds)


async def _still_open(migration: str, root: str) -> MigrationRow | None:
    """Give the migration if the round is open, seen after its root: a root closes its round before it ends."""
    row = await asyncio.to_thread(migrations.get, migration)
    return row if row is not None and root in open_roots(row) else None


async def _begin_again(client: Client, migration: str, root: str, now: datetime) -> bool:
    """Begin a round whose root is not there: at once where it never worked, else as a new life when that is proved."""
    row = await _still_open(migration, root)
    purpose, number = round_of(root)
    if row is None:
        return False
    if number in row.lives:
        return await revive(client, row, root, now)
    kept = await asyncio.to_thread(plans.is_kept, migration)
    if not kept and not await asyncio.to_thread(absences.confirmed, root, now):
        return False  # whoever takes the plan in wrote the migration first, and is about to keep its plan and to begin
    await begin(client, Round(migration=migration, round=number, purpose=purpose, now=now))
    return True


async def revive(client: Client, row: MigrationRow, root: str, now: datetime) -> bool:
    """Bring a lost round one step on; True when its root was begun again.

    What still runs of the lost life is ended, and has until the next look to be gone: its activities must not run beside
    those of the new one. The ids of the new life's children differ, and machines are owned by nobody when it begins.
    """
    purpose, number = round_of(root)
    if not await asyncio.to_thread(absences.confirmed, root, now):
        return False
    if await end_children(client, row.id, root):
        return False
    life = await asyncio.to_thread(_next_life, row, root, now)
    lost = Round(migration=row.id, round=number, purpose=purpose, life=life, now=now)
    await begin_root(client, lost)
    await asyncio.to_thread(absences.forget, root)
    return True


async def end_children(client: Client, migration: str, root: str) -> int:
    """Terminate everything of a round but its root; gives how many were alive."""
    _, number = round_of(root)
    found = [
        each.id
        async for each in client_wire.listed(client, f"{migration}.", LIVING)
        if each.id != root and each.belongs_to == (migration, number)
    ]
    for instance in found:
        try:
            await undisturbed(client.terminate(instance, REASON))
        except Exception as fault:  # noqa: BLE001 - the SDK gives no typed error; it is seen again if it lives
            logging.getLogger("azferry").info("%s was not ended: %s", instance, fault)
    return len(found)


def _next_life(row: MigrationRow, root: str, now: datetime) -> int:
    """Open the round's next life in the ledger and take its machines from flows that are gone."""
    _, number = round_of(root)
    life = next_life(row.id, number, row.lives.get(number, 1))
    place = Scope(migration=row.id, round=number, now=now)
    for machine in machines.list(row.id):
        if machine.round == number and machine.owner and machine.state not in TERMINAL:
            machines.change(place.replace(machine=machine.name, wave=machine.wave), owner="")
    events.write(place.replace(phase="lost"), "round-revived", f"{root} was lost and begins again, as life {life}")
    return life
