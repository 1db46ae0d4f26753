"""Protect target: hand migrated machines over to disaster recovery in another region, where the plan asks for it."""

from orchestrators.prepare_vault import prepare_vault
from orchestrators.set_replication_policy import set_replication_policy
from shared.contracts import (
    FREE_SLOTS,
    LOOK_TARGET_PROTECTION,
    PREPARE_PROTECTION,
    PROTECT_TARGET,
    REFUSE_PROTECTION,
    REMOVE_MOBILITY_SERVICE,
    START_TARGET_PROTECTION,
    TAKE_SLOTS,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.models import Done, Place
from shared.problems import Problem
from shared.requests import Leaving, Look, Slots, at
from shared.waiting import call_and_wake, submit, until

bp = Blueprint()


@orchestrates(bp, PREPARE_PROTECTION)
def prepare_protection(context: Context, place: Place) -> Waits[Done]:
    """Make ready, once, what machines of one protection share: vault, fabrics, policy, mappings; the place is one of them.

    What is refused here is refused to all of them.
    """
    ended = yield from outcome(_prepare(context, place))
    if isinstance(ended, Problem):
        yield from call(context, REFUSE_PROTECTION, at(place, Leaving, problem=ended.facts))
        raise ended
    return ended


def _prepare(context: Context, place: Place) -> Waits[Done]:
    """As a migration between Azure regions prepares itself: the place tells the activities that they go onward."""
    yield from prepare_vault(context, place)
    return (yield from set_replication_policy(context, place))


@orchestrates(bp, PROTECT_TARGET)
def protect_target(context: Context, place: Place) -> Waits[Done]:
    """Once its Mobility service is gone, within the limits on first copies, which come through the same service; days, if need be."""
    yield from until(context, REMOVE_MOBILITY_SERVICE, at(place, Look))
    yield from until(context, TAKE_SLOTS, at(place, Slots, limit="replicating"))
    yield from submit(context, START_TARGET_PROTECTION, at(place, Look))
    yield from until(context, LOOK_TARGET_PROTECTION, at(place, Look))
    yield from call_and_wake(context, FREE_SLOTS, at(place, Slots, limit="replicating"))
    return Done()
