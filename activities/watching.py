"""Watching a vault: one listing per kind in use serves everybody who waits for something in it."""

from asyncio import to_thread
from collections.abc import Sequence
from datetime import datetime, timedelta

from activities.initial_sync import in_step
from activities.progress import tell_progress
from activities.rounds import alive_id
from shared import plans, slots, waits
from shared.contracts import ANNOUNCE, READ_VAULT, START_WATCH, WATCH_VAULT
from shared.durable import Blueprint, serves
from shared.hub import Client, announce, serves_with_client, start
from shared.models import Done, Place
from shared.requests import Announcing, Ticked, Watch
from shared.site_recovery.items import Item, list_items
from shared.site_recovery.jobs import Job, list_jobs
from shared.site_recovery.vault import VaultRef, vault_of_plan
from shared.waits import Wait, WaitKind

bp = Blueprint()

URGENT, JOBS, SYNCING = 15, 30, 300  # seconds between ticks
OF_ITEMS = frozenset({WaitKind.PROTECTED, WaitKind.RECOVERY_POINT, WaitKind.ITEM_GONE})
CLOCK_SKEW = timedelta(minutes=10)


@serves(bp, READ_VAULT)
def read_vault(watch: Watch) -> Ticked:
    """List what somebody waits for and say who should look; the rows of those who are told stay until they looked."""
    rows = waits.of_watch(watch.vault)
    if not rows:
        return Ticked()
    waiting = [row for row in rows if row.subject and (row.not_before is None or row.not_before <= watch.now)]
    if not waiting:
        return Ticked(rows=len(rows), next=_next(rows, watch.now))
    vault = VaultRef.model_validate_json(waiting[0].vault)
    told = [*_ended(vault, waiting), *_reached(vault, waiting, watch.now)]
    announcements = tuple(wait.announcement for wait in told) + slots.unconfirmed()
    return Ticked(announcements=announcements, rows=len(rows), next=_next(rows, watch.now))


def _ended(vault: VaultRef, waiting: Sequence[Wait]) -> list[Wait]:
    """Give those whose job is not running any more, or holds for a person."""
    mine = [wait for wait in waiting if wait.kind == WaitKind.JOB]
    if not mine:
        return []
    running = {job.name.lower() for job in _jobs(vault, mine) if job.running}
    return [wait for wait in mine if wait.subject.lower() not in running]


def _jobs(vault: VaultRef, mine: Sequence[Wait]) -> tuple[Job, ...]:
    """List the jobs that can be meant; clocks of clouds differ."""
    return list_jobs(vault, min(wait.since for wait in mine) - CLOCK_SKEW)


def _reached(vault: VaultRef, waiting: Sequence[Wait], now: datetime) -> list[Wait]:
    """Give those whose item is what they wait for, and note the progress of the others."""
    mine = [wait for wait in waiting if wait.kind in OF_ITEMS]
    if not mine:
        return []
    items = {item.id.lower(): item for item in list_items(vault)}
    told = [wait for wait in mine if _is_reached(wait, items.get(wait.subject.lower()))]
    told_ids = {wait.id for wait in told}
    for wait in mine:
        item = items.get(wait.subject.lower())
        if item is not None and wait.id not in told_ids and wait.kind == WaitKind.PROTECTED:
            tell_progress(wait, item, now)
    return told


def _is_reached(wait: Wait, item: Item | None) -> bool:
    """Judge one row; an item that failed or is gone is worth a look too: the waiter finds out why."""
    if item is None:
        return True
    if wait.kind == WaitKind.ITEM_GONE:
        return False
    if wait.kind == WaitKind.PROTECTED:
        return in_step(item) or "Failed" in item.protection_state
    newest = item.replication.last_recovery_point_at
    return newest is not None and newest > datetime.fromisoformat(wait.threshold)


def _next(rows: Sequence[Wait], now: datetime) -> int:
    """Say when to look again: soon during a cutover, seldom while there is only replication to watch."""
    if any(row.urgent for row in rows):
        return URGENT
    watched = [row for row in rows if row.subject]
    if any(row.kind != WaitKind.PROTECTED for row in watched):
        return JOBS
    youngest = min(((now - row.since).total_seconds() for row in watched), default=SYNCING * 20)
    return max(JOBS, min(SYNCING, int(youngest / 20)))


@serves_with_client(bp, ANNOUNCE)
async def announce_all(client: Client, asked: Announcing) -> Done:
    """Raise the events."""
    return await announce(client, asked.announcements)


@serves_with_client(bp, START_WATCH)
async def start_watch(client: Client, place: Place) -> Done:
    """Keep the vault's watcher going as long as the migration runs, and start it unless it runs.

    Without a wave it is done for the vaults of all the plan's roads.
    """
    for key in await to_thread(_keep_all_alive, place):
        await start(client, WATCH_VAULT, Watch(vault=key), key)
    return Done()


def _keep_all_alive(place: Place) -> tuple[str, ...]:
    """Write the rows that keep the watchers going; give the watches."""
    plans_here = [plans.plan_at(place)] if place.wave else [one.plan for one in plans.sections_of(place.migration)]
    return tuple(_keep_alive(place, vault) for vault in dict.fromkeys(vault_of_plan(plan) for plan in plans_here))


def _keep_alive(place: Place, vault: VaultRef) -> str:
    """Write the row that keeps one watcher going; give its watch."""
    key = waits.watch_key(vault.id)
    keeper = Wait(watch=key, id=alive_id(place.migration), instance="", event="", migration=place.migration)
    waits.arm(keeper.but(since=place.now, stamp=place.now, text="the migration runs"))
    return key
