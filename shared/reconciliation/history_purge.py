"""Histories of closed rounds go when they are old; the ledger stays.

One by one and by id: Durable's own purge by time takes running instances along unless it is told final states by name.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from shared.durable import client_wire
from shared.durable.client_wire import Instance
from shared.durable.durable_client import Client
from shared.durable.hub_calls import undisturbed
from shared.ledger import migrations
from shared.ledger.migration_row import MigrationRow
from shared.reconciliation import heartbeats
from shared.reconciliation.heartbeats import FramePart
from shared.settings import settings

PURGE: Final = FramePart("purge", "the purge of old histories")
DAILY: Final = timedelta(days=1)
MOST: Final = 1_000  # of one look; the next comes soon where there are more
ENDED: Final = "Completed,Failed,Terminated"


async def purge(client: Client, now: datetime) -> int:
    """Purge what is old once a day; gives how many histories went."""
    keep = timedelta(days=settings().keep_histories)
    if not keep or not await asyncio.to_thread(heartbeats.is_due, PURGE, now):
        return 0
    gone, rows = 0, dict[str, MigrationRow | None]()
    query = {"runtimeStatus": ENDED, "createdTimeTo": f"{now - keep:%Y-%m-%dT%H:%M:%SZ}"}
    async for instance in client_wire.listed(client, "", query):
        if instance.updated < now - keep and await _is_of_a_closed_round(instance, rows):
            gone += await _purged(client, instance.id)
        if gone >= MOST:
            break
    await asyncio.to_thread(heartbeats.beat, PURGE, now, DAILY if gone < MOST else timedelta())
    return gone


async def _is_of_a_closed_round(instance: Instance, rows: dict[str, MigrationRow | None]) -> bool:
    """Tell whether an instance belongs to a migration of the ledger, in a round that has ended."""
    migration, number = instance.belongs_to
    if migration and migration not in rows:
        rows[migration] = await asyncio.to_thread(migrations.get, migration)
    row = rows.get(migration)
    return row is not None and number not in row.open_rounds


async def _purged(client: Client, instance: str) -> int:
    """Purge one history; the hub itself refuses one that runs."""
    try:
        await undisturbed(client.purge_instance_history(instance))
    except Exception as fault:  # noqa: BLE001 - the SDK gives no typed error; the next look sees it again
        logging.getLogger("azferry").info("the history of %s was not purged: %s", instance, fault)
        return 0
    return 1
