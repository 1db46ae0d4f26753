"""Watching a vault: one listing per kind in use serves everybody who waits for something in it."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from activities.flow.copy_progress import tell_progress, worth_a_look_in
from activities.flow.replication_ready import in_step, keep_those_in_step
from activities.flow.waiting_copies import tell_copies
from shared.contracts.contracts import READ_VAULT, RECONCILE, START_WATCH
from shared.contracts.requests import WakeUps
from shared.contracts.watcher import VaultListings, Watch, WatcherTick
from shared.coordination import slots, waits
from shared.coordination.waits import SUSPENDED, Wait, WaitKind
from shared.durable.durable_client import Client, announce, serves_with_client
from shared.durable.seam import ANNOUNCE, LONGEST_PAUSE, Blueprint, serves
from shared.ledger import plans
from shared.models import CLOCK_SKEW, Done, Scope
from shared.problems import Busy
from shared.reconciliation import heartbeats
from shared.reconciliation.heartbeats import FramePart
from shared.reconciliation.reconciliation import begin_watch, reconcile
from shared.scheduling.poll_schedule import OF_ITEMS, SELDOM, copies_due_at, is_due, next_tick, noted
from shared.site_recovery.items import Item, item_of, list_items
from shared.site_recovery.jobs import list_jobs
from shared.site_recovery.vault import VaultRef, vault_of_plan

bp = Blueprint()

A_COPY = 2  # seconds for each first copy between two listings: of a hundred there is always one that is about to end


@serves(bp, READ_VAULT)
def read_vault(watch: Watch) -> WatcherTick:
    """List what somebody waits for and say who should look; the rows of those who are told stay until they looked."""
    rows = waits.of_watch(watch.vault, standing_by=_copies_are_due(watch)) or waits.of_watch(watch.vault)
    if not rows:
        heartbeats.end(watch.vault)
        return WatcherTick()
    try:
        reached, listed = _looked(watch, rows)
    except Busy:
        _show(watch, rows, LONGEST_PAUSE)  # while the cloud is busy, the next look may be that far away
        raise
    announcements = tuple(wait.announcement for wait in reached)
    if watch.now - listed.retold >= heartbeats.EVERY:
        announcements += slots.unconfirmed()
        listed = listed.replace(retold=watch.now)
    seconds = next_tick(rows, listed, watch.now)
    _show(watch, rows, timedelta(seconds=seconds))
    unreconciled = heartbeats.is_late(heartbeats.RECONCILED, watch.now, heartbeats.EVERY)
    return WatcherTick(
        announcements=announcements, rows=len(rows), next=seconds, listed=listed, unreconciled=unreconciled
    )


def _looked(watch: Watch, rows: Sequence[Wait]) -> tuple[list[Wait], VaultListings]:
    """List what is due; give who should look, and what was listed when."""
    listed, announced = noted(rows, watch.listed, watch.now), list[Wait]()
    jobs = [row for row in rows if row.subject and row.kind == WaitKind.JOB]
    if is_due(jobs, listed, watch.now):
        announced += _ended(jobs)
        listed = listed.replace(jobs=watch.now)
    items = [row for row in rows if row.subject and row.kind in OF_ITEMS]
    if is_due(items, listed, watch.now):
        seen = _listed(items)
        keep_those_in_step(seen.values(), watch.now)
        reached, copies = _reached(items, seen, watch.now)
        announced += reached
        listed = listed.replace(items=watch.now, copies=copies)
        tell_copies([row for row in items if row.kind == WaitKind.STANDBY], seen, watch.now)
    if _copies_are_due(watch):
        listed = listed.replace(standby=watch.now)
    return announced, listed


def _copies_are_due(watch: Watch) -> bool:
    """Tell whether the copies of those that stand by are looked at; their rows are many, and are not read otherwise."""
    return copies_due_at(watch.listed) <= watch.now


def _show(watch: Watch, rows: Sequence[Wait], again: timedelta) -> None:
    """Show that the watcher works."""
    vault = next((VaultRef.model_validate_json(row.vault).name for row in rows if row.vault), watch.vault)
    heartbeats.beat(FramePart(watch.vault, f"the watcher of vault {vault}", watches=True), watch.now, again)


def _vault_of(waiting: Sequence[Wait]) -> VaultRef:
    return VaultRef.model_validate_json(waiting[0].vault)


def _ended(waiting: Sequence[Wait]) -> list[Wait]:
    """Give those whose job is not running any more, or began or ceased to hold for a person; clocks of clouds differ."""
    since = min(wait.since for wait in waiting) - CLOCK_SKEW
    held = {job.name.lower(): job.suspended for job in list_jobs(_vault_of(waiting), since) if job.running}
    return [wait for wait in waiting if held.get(wait.subject.lower()) is not (wait.threshold == SUSPENDED)]


def _listed(waiting: Sequence[Wait]) -> dict[str, Item]:
    """List the items that are waited for; by their ids in lower case."""
    wanted = {wait.subject.lower() for wait in waiting}
    kinds = sorted({item_of(wait.subject).kind for wait in waiting})
    return {item.id.lower(): item for kind in kinds for item in list_items(_vault_of(waiting), kind, wanted)}


def _reached(waiting: Sequence[Wait], items: Mapping[str, Item], now: datetime) -> tuple[list[Wait], int]:
    """Give those whose item is what they wait for, and how soon the first copies of the others are worth a listing.

    Their progress is noted on the way.
    """
    reached, copying = list[Wait](), dict[Wait, Item]()
    for wait in waiting:
        item = items.get(wait.subject.lower())
        if wait.kind == WaitKind.STANDBY:
            continue
        if item is None or _is_reached(wait, item):
            reached.append(wait)
        elif wait.kind == WaitKind.PROTECTED:
            copying[wait] = item
    tell_progress(copying, now)
    soonest = min((worth_a_look_in(wait, item, now) for wait, item in copying.items()), default=SELDOM)
    return reached, max(soonest, min(SELDOM, A_COPY * len(copying)))


def _is_reached(wait: Wait, item: Item) -> bool:
    """Judge one row; an item that failed is worth a look too: the waiter finds out why."""
    if wait.kind == WaitKind.ITEM_GONE:
        return False
    if wait.kind == WaitKind.PROTECTED:
        return in_step(item) or "Failed" in item.protection_state
    newest = item.replication.last_recovery_point_at
    return newest is not None and newest > datetime.fromisoformat(wait.threshold)


@serves_with_client(bp, ANNOUNCE)
async def announce_all(client: Client, request: WakeUps) -> Done:
    """Raise the events."""
    return await announce(client, request.announcements)


@serves_with_client(bp, RECONCILE)
async def reconcile_once(client: Client, watch: Watch) -> Done:
    """Do what the timer `reconcile` does, once, where it stands still."""
    await reconcile(client, watch.now)
    return Done()


@serves_with_client(bp, START_WATCH)
async def start_watch(client: Client, scope: Scope) -> Done:
    """Keep the vault's watcher going as long as the migration runs, and start it unless it runs.

    Without a wave it is done for the vaults of all the plan's roads.
    """
    for key in await to_thread(_keep_all_alive, scope):
        await begin_watch(client, key)
    return Done()


def _keep_all_alive(scope: Scope) -> tuple[str, ...]:
    """Write the rows that keep the watchers going; give the watches."""
    plans_here = [plans.plan_at(scope)] if scope.wave else [each.plan for each in plans.sections_of(scope.migration)]
    return tuple(_keep_alive(scope, vault) for vault in dict.fromkeys(vault_of_plan(plan) for plan in plans_here))


def _keep_alive(scope: Scope, vault: VaultRef) -> str:
    """Write the row that keeps one watcher going; give its watch."""
    key = waits.watch_key(vault.id)
    keeper = Wait(watch=key, id=f"{scope.migration}.alive", instance="", event="", migration=scope.migration)
    when = {"since": scope.now, "stamp": scope.now}
    waits.arm(keeper.replace(vault=vault.model_dump_json(), text="the migration runs", **when))
    return key
