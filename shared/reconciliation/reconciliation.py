"""Reconciliation: roots, watchers, slots and wake-ups that were lost are found and put right; doing it twice does no harm."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from pydantic import Field

from shared.contracts.contracts import WATCH_VAULT
from shared.contracts.watcher import TICKS_PER_HISTORY, Watch
from shared.coordination import slots, waits
from shared.coordination.slot_queue import Holder
from shared.coordination.waits import Wait, WaitKind
from shared.decisions.changing import settle_again
from shared.durable import durable_client
from shared.durable.durable_client import Client
from shared.durable.forms import FORM_OF_NEW_ROUNDS
from shared.durable.hub_calls import undisturbed
from shared.ledger import machines, migrations
from shared.models import Announcement, Model
from shared.reconciliation import absences, heartbeats
from shared.reconciliation.heartbeats import Beat
from shared.reconciliation.lost_roots import look_after
from shared.states import TERMINAL, MachineState, MigrationStatus

States = Mapping[str, MachineState]


class Reconciled(Model):
    """What was put right."""

    begun: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()
    stuck: tuple[str, ...] = Field(default=(), description="watchers that stood still: ended, to be started anew")
    purged: int = 0
    announcements: int = 0
    late: tuple[str, ...] = Field(default=(), exclude=True, description="parts of the frame that are late, in words")
    running: tuple[str, ...] = Field(default=(), exclude=True, description="the migrations that had not ended")


async def reconcile(client: Client, now: datetime) -> Reconciled:
    """Look after everything that runs."""
    looked, watchers = [], set[str]()
    opened: tuple[Announcement, ...] = ()
    missing = await asyncio.to_thread(absences.missing)
    running = await asyncio.to_thread(lambda: tuple(migrations.running()))
    for row in running:
        try:
            looked.append(await look_after(client, row, missing, now))
        except Exception:  # one migration in trouble must not keep the others waiting; the next tick looks again
            logging.getLogger("azferry").exception("the rounds of %s could not be looked after", row.id)
        opened += await asyncio.to_thread(settle_again, row, now)
        rows = await asyncio.to_thread(waits.of_migration, row.id)
        watchers |= await _watchers(client, rows)
        opened += tuple(wait.announcement for wait in rows if _has_come(wait, now))
    holders, unconfirmed = await asyncio.to_thread(slots.everything)
    freed, announcements = await _free_orphans(client, holders, [row.id for row in running], now)
    announcements += opened + unconfirmed
    await durable_client.announce(client, announcements)
    late = {each.name: each for each in await asyncio.to_thread(heartbeats.late, now)}
    # after an outage everything is late, and goes on by itself
    stuck = () if heartbeats.RECONCILED.name in late else await _end_stuck(client, late.values())
    await asyncio.to_thread(heartbeats.beat, heartbeats.RECONCILED, now, heartbeats.EVERY)
    return Reconciled(
        begun=tuple(root for begun, _ in looked for root in begun),
        closed=tuple(root for _, closed in looked for root in closed),
        watchers=tuple(sorted(watchers)),
        freed=freed,
        stuck=stuck,
        announcements=len(announcements),
        late=tuple(each.text() for name, each in late.items() if name != heartbeats.RECONCILED.name),
        running=tuple(row.id for row in running),
    )


def _has_come(wait: Wait, now: datetime) -> bool:
    """Tell whether a cohort still waits for an opening of its cutover window that has come: its timer was lost."""
    return wait.kind == WaitKind.WINDOW and wait.not_before is not None and wait.not_before <= now


async def _watchers(client: Client, rows: Iterable[Wait]) -> set[str]:
    """Start the watchers of vaults in which somebody waits and that nobody watches."""
    lost = {row.watch for row in rows if row.vault}
    lost = {
        key
        for key in lost
        if await durable_client.state(client, key) not in (durable_client.UNCERTAIN, *durable_client.ALIVE)
    }
    for key in lost:
        await begin_watch(client, key)
    return lost


async def begin_watch(client: Client, key: str) -> None:
    """Start the watcher of a vault unless it runs."""
    watch = Watch(vault=key, form=FORM_OF_NEW_ROUNDS, ticks=TICKS_PER_HISTORY)
    await durable_client.start(client, WATCH_VAULT, watch, key)


async def _end_stuck(client: Client, late: Iterable[Beat]) -> tuple[str, ...]:
    """End watchers that live and have not ticked for long; the next look starts them anew."""
    watchers = [each.name for each in late if each.watches]
    stuck = [name for name in watchers if await durable_client.state(client, name) in durable_client.ALIVE]
    for name in stuck:
        await undisturbed(client.terminate(name, "it did not tick any more"))
    return tuple(stuck)


async def _free_orphans(
    client: Client, everybody: Collection[Holder], running: Collection[str], now: datetime
) -> tuple[tuple[str, ...], tuple[Announcement, ...]]:
    """Free the places of holders that are no more."""
    states = await asyncio.to_thread(_states, {each.wait.migration for each in everybody}, running)
    gone = [each for each in everybody if await _is_gone(client, each, states, now)]
    announcements: tuple[Announcement, ...] = ()
    for holder in gone:
        announcements += await asyncio.to_thread(slots.free, holder.holder)
    return tuple(each.holder for each in gone), announcements


def _states(holding: Collection[str], running: Collection[str]) -> dict[str, States]:
    """Give the states of all machines of those migrations that have not ended, one request for each."""
    return {each: machines.states(each) for each in holding if each in running or _runs(each)}


def _runs(migration: str) -> bool:
    """Look at a migration that was not running a moment ago: it may have begun since."""
    row = migrations.get(migration)
    return row is not None and row.status != MigrationStatus.ENDED


async def _is_gone(client: Client, holder: Holder, states: Mapping[str, States], now: datetime) -> bool:
    """Tell whether a holder is over: its migration ended, its machine is settled, or its cohort's flow ended."""
    known = states.get(holder.wait.migration)
    if known is None:
        return True
    if not holder.wait.machine:
        return await _has_ended(client, holder.holder, now)  # a cohort holds its places by the id of its flow
    return known.get(holder.wait.machine) in TERMINAL


async def _has_ended(client: Client, instance: str, now: datetime) -> bool:
    """Tell whether an instance has ended, or is missing for the second time."""
    state = await durable_client.state(client, instance)
    if state == durable_client.ABSENT:
        return await asyncio.to_thread(absences.confirmed, instance, now)
    return state != durable_client.UNCERTAIN and state not in durable_client.ALIVE
