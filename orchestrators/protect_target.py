"""Protect target: hand migrated machines over to disaster recovery in another region, where the plan asks for it."""

from orchestrators.prepare_vault import prepare_vault
from orchestrators.set_replication_policy import set_replication_policy
from shared.contracts.cohorts import Slots
from shared.contracts.contracts import (
    FREE_SLOTS,
    POLL_TARGET_PROTECTION,
    PREPARE_PROTECTION,
    PROTECT_TARGET,
    REFUSE_PROTECTION,
    REMOVE_MOBILITY_SERVICE,
    START_TARGET_PROTECTION,
    TAKE_SLOTS,
)
from shared.contracts.requests import PhaseExit, Poll, scoped_as, where
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.durable.waiting import submit, until
from shared.models import Done, Scope
from shared.problems import Problem

bp = Blueprint()


@orchestrates(bp, PREPARE_PROTECTION)
def prepare_protection(context: Context, scope: Scope) -> Waits[Done]:
    """Make ready, once, what machines of one protection share: vault, fabrics, policy, mappings; the place is one of them.

    What is refused here is refused to all of them.
    """
    ended = yield from outcome(_prepare(context, scope))
    if isinstance(ended, Problem):
        yield from call(context, REFUSE_PROTECTION, PhaseExit(**where(scope), problem=ended.facts))
        raise ended
    return ended


def _prepare(context: Context, scope: Scope) -> Waits[Done]:
    """As a migration between Azure regions prepares itself: the place tells the activities that they go onward."""
    yield from prepare_vault(context, scope)
    return (yield from set_replication_policy(context, scope))


@orchestrates(bp, PROTECT_TARGET)
def protect_target(context: Context, scope: Scope) -> Waits[Done]:
    """Once its Mobility service is gone, within the limits on first copies, which come through the same service; days, if need be."""
    yield from until(context, REMOVE_MOBILITY_SERVICE, scoped_as(scope, Poll))
    scope = scope.replace(enters="")
    yield from until(context, TAKE_SLOTS, Slots(**where(scope), limit="replicating"))
    yield from submit(context, START_TARGET_PROTECTION, scoped_as(scope, Poll))
    yield from until(context, POLL_TARGET_PROTECTION, scoped_as(scope, Poll))
    yield from call(context, FREE_SLOTS, Slots(**where(scope), limit="replicating"))
    return Done()
