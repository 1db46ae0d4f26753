"""Where a retry goes on: in the phase that failed, or before it where what that phase stood on is gone."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from shared.contracts.contracts import ENABLE_REPLICATION, FAIL_OVER, INITIAL_SYNC, QUIESCE, STOP_SOURCE
from shared.itinerary import ITINERARY, is_before, step_at
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.serving import Serving
from shared.models import NEVER, Scope
from shared.plan.model import Plan
from shared.problems import CloudRefused
from shared.roads.registry import road_of
from shared.site_recovery.items import item_of, list_items
from shared.site_recovery.vault import vault_of_plan

RESUMABLE: Final = frozenset(each.phase for each in ITINERARY if each.scope != "plan")


def resumes_at(plan: Plan, row: MachineRow, unprotected: Collection[str]) -> str:
    """Give the phase where a retry goes on; `unprotected` are machines whose protected item is gone.

    A rehearsal that failed was cleaned up; a source that could not be stopped ran on, and one whose services were
    started again wrote on, so its proof is out of date. Without its item a machine is replicated anew.
    """
    if row.name in unprotected:
        return ENABLE_REPLICATION.name
    if row.retarget and row.item_id and not is_before(row.failed_in, INITIAL_SYNC.name):
        return INITIAL_SYNC.name
    if row.failed_in == STOP_SOURCE.name and road_of(plan).source.state(plan, row.source_id) == "running":
        return QUIESCE.name
    if row.failed_in == FAIL_OVER.name and (row.mark(Mark.SERVICES_BACK) or NEVER) > (row.mark(Mark.QUIESCED) or NEVER):
        return QUIESCE.name
    return (step_at(row.failed_in).retry_at or row.failed_in) if row.failed_in in RESUMABLE else ""


def unprotected(plan: Plan, rows: Sequence[MachineRow]) -> frozenset[str]:
    """Give those of a retry whose protected item somebody removed; one listing for each kind of item serves them all."""
    candidates = [row for row in rows if row.item_id and _stands_on_its_item(row)]
    if not candidates:
        return frozenset()
    kinds = sorted({item_of(row.item_id).kind for row in candidates})
    existing = {item.id.lower() for kind in kinds for item in list_items(vault_of_plan(plan), kind)}
    return frozenset(_gone(candidates, existing))


def _stands_on_its_item(row: MachineRow) -> bool:
    """Tell whether a machine could begin anew with its replication: its source serves, nothing of it is in Azure."""
    needs = step_at(row.failed_in).needs_item
    serves = row.service.at == Serving.SOURCE and row.mark(Mark.FAILED_OVER) is None
    return needs == "always" or (needs == "while its source serves" and serves)


def _gone(rows: Sequence[MachineRow], existing: Collection[str]) -> Iterator[str]:
    return (row.name for row in rows if row.item_id.lower() not in existing)


def not_protected(scope: Scope) -> CloudRefused:
    """Say that a machine's replication is gone, and what brings it back; its source serves."""
    return _not_protected(
        scope, "Its source serves. Retry: it is replicated anew, which takes as long as its first copy did."
    )


def not_protected_and_off(scope: Scope) -> CloudRefused:
    """Say that the replication of a machine is gone whose source was taken down: it has to serve there first."""
    advice = "Roll it back: its source serves again. Then retry: it is replicated anew, and cuts over after that."
    return _not_protected(scope, advice, release="rollback")


def _not_protected(scope: Scope, advice: str, **extra: str) -> CloudRefused:
    return CloudRefused(
        f"{scope.machine} is not protected any more: somebody removed its replication in Site Recovery",
        id="not-protected",
        title="The machine is not protected any more",
        advice=advice,
        extra=extra,
    )
