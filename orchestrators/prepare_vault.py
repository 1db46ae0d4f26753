"""Prepare vault: resource group and Recovery Services vault exist, its watcher runs, and the sites that the app makes."""

from shared.contracts.contracts import ENSURE_SITES, ENSURE_VAULT, POLL_VAULT, PREPARE_VAULT, START_WATCH
from shared.contracts.requests import Poll, scoped_as
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.durable.waiting import submit_each, until
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, PREPARE_VAULT)
def prepare_vault(context: Context, scope: Scope) -> Waits[Done]:
    """Found, or created if the plan asks for it; a vault's creation has no Site Recovery job to follow."""
    yield from call(context, ENSURE_VAULT, scoped_as(scope, Poll))
    yield from until(context, POLL_VAULT, scoped_as(scope, Poll))
    yield from call(context, START_WATCH, scope)
    yield from submit_each(context, ENSURE_SITES, scoped_as(scope, Poll))
    return Done()
