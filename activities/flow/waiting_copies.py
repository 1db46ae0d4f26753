"""Standing by: machines that wait for people or a window while their replication runs on, and how their copies are.

Each has a row in its vault's watch, without a waiter: the watcher reads it out of the listings that it makes, and makes
one every quarter of an hour where nothing else does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from shared.coordination import waits
from shared.coordination.waits import Wait, WaitKind
from shared.itinerary import STEPS
from shared.ledger import events, machines, plans
from shared.ledger.machine_row import MachineChanges, MachineRow, Mark
from shared.ledger.machines import WATCHER
from shared.ledger.readiness import CopyTrouble, Unfit
from shared.ledger.serving import Serving
from shared.models import Scope
from shared.plan.model import Plan
from shared.reporting import release_commands
from shared.reporting.attention import PAST_ITS_COPY, lasting
from shared.site_recovery.items import Item
from shared.site_recovery.vault import VaultRef, vault_of_plan

BEFORE_ITS_COPY: Final = ("Assess", "Prepare", "Replicate")  # the stages in which a machine has no whole copy yet
QUIET: Final = timedelta(hours=1)  # without a recovery point; two intervals of the policy where that is longer


def stand_by(scope: Scope, vault: VaultRef, item_id: str) -> None:
    """Have the copy of a machine looked at until its cutover begins."""
    row = Wait(watch=waits.watch_key(vault.id), id=_id(scope), instance="", event="", migration=scope.migration)
    place_of = {"wave": scope.wave, "machine": scope.machine, "kind": WaitKind.STANDBY, "subject": item_id}
    when = {"since": scope.now, "stamp": scope.now, "vault": vault.model_dump_json(), "text": "its copy is kept"}
    waits.arm(row.replace(**place_of, **when))


def stop_standing_by(scope: Scope, vault: VaultRef) -> None:
    """Let the copy of a machine be: its cutover begins, or its replication ends."""
    waits.disarm(waits.watch_key(vault.id), _id(scope))


def stand_by_again(scope: Scope) -> None:
    """Have the copy of a machine looked at whose cutover or rehearsal stopped, where it still replicates."""
    row = machines.get(scope.migration, scope.machine)
    if row is None or not row.item_id or row.mark(Mark.FAILOVER_ASKED) is not None or row.service.at == Serving.TARGET:
        return
    at = row.failed_in or row.phase
    if at not in STEPS or STEPS[at].stage not in BEFORE_ITS_COPY:
        stand_by(scope, vault_of_plan(plans.plan_at(scope.replace(phase=""))), row.item_id)


def _id(scope: Scope) -> str:
    return f"{scope.migration}.{scope.machine}.{WaitKind.STANDBY.value}"


def tell_copies(waiting: Sequence[Wait], items: Mapping[str, Item], now: datetime) -> None:
    """Write into the ledger how the copies of those that stand by are; `items` by their ids in lower case."""
    for migration in dict.fromkeys(wait.migration for wait in waiting):
        copies = {wait.machine: items.get(wait.subject.lower()) for wait in waiting if wait.migration == migration}
        place = Scope(migration=migration, round=WATCHER, now=now)
        machines.change_each(place, partial(_change, copies, now), copies)


def _change(own: Mapping[str, Item | None], now: datetime, row: MachineRow) -> MachineChanges | None:
    return _told(row, own[row.name], now) if row.name in own else None


def _told(row: MachineRow, item: Item | None, now: datetime) -> MachineChanges | None:
    """Give what changes in a machine's row; what is new is told by an event first, so that none is lost."""
    if row.state in PAST_ITS_COPY:
        return None
    here = Scope(migration=row.migration, wave=row.wave, machine=row.name, round=row.round, phase=row.phase)
    why = unfit(item, plans.plan_at(here.replace(phase="")), row, now)
    if _trouble(why) != _trouble(row.unfit):
        event = ("copy-unfit", f"{row.name} could not be cut over now: {why.text}") if why else ("copy-fit", _fit(row))
        events.write(here.replace(now=now), *event)
    if item is None:
        return {"unfit": why, "lag_seconds": None}
    return {
        "unfit": why,
        "health": item.replication_health,
        "lag_seconds": item.replication.lag_seconds,
        "recovery_point_at": item.replication.last_recovery_point_at,
    }


def _fit(row: MachineRow) -> str:
    return f"the copy of {row.name} is fit for a cutover again"


def _trouble(why: Unfit | None) -> CopyTrouble | None:
    return why.trouble if why else None


def unfit(item: Item | None, plan: Plan, row: MachineRow, now: datetime) -> Unfit | None:
    """Say why no cutover could begin from a copy now, as the quiesce would refuse it; None = one could."""
    if item is None:
        again = f"{release_commands.cancel(row.migration, row.name)}, then retry it"
        return Unfit(
            trouble=CopyTrouble.GONE,
            why=f"Site Recovery does not know it any more; it is replicated anew by: {again}",
        )
    if item.replication_health.lower() == "critical":
        error = next((each for each in item.health_errors if each.error_level == "Error"), None)
        cause = f"{error.error_code}: {error.error_message}" if error else "Site Recovery does not say why"
        return Unfit(trouble=CopyTrouble.CRITICAL, why=cause)
    if item.replication.resync_required:
        return Unfit(trouble=CopyTrouble.RESYNC, why="its copy is brought in step again")
    return _late(item, plan, row, now)


def _late(item: Item, plan: Plan, row: MachineRow, now: datetime) -> Unfit | None:
    """Say that a copy is too old."""
    point, lag, most = item.replication.last_recovery_point_at, item.replication.lag_seconds, most_lag(plan, row)
    if point is None:
        return Unfit(trouble=CopyTrouble.NO_POINT, why="it has none")
    if now - point > max(most, QUIET, 2 * plan.policy.app_consistent_every, 2 * plan.policy.crash_consistent_every):
        return Unfit(trouble=CopyTrouble.NO_POINT, why=f"none came since {point:%Y-%m-%d %H:%M} UTC")
    if lag is not None and lag > most.total_seconds():
        why = f"its copy lags {lasting(timedelta(seconds=lag))}, the plan allows {lasting(most)}"
        return Unfit(trouble=CopyTrouble.BEHIND, why=why)
    return None


def most_lag(plan: Plan, row: MachineRow) -> timedelta:
    """Give how far behind a copy may be when its cutover begins."""
    return plan.wave(row.wave).cutover.max_lag
