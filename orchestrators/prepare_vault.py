"""Prepare vault: resource group and Recovery Services vault exist, its watcher runs, and the sites that the app makes."""

from shared.contracts import ENSURE_SITES, ENSURE_VAULT, LOOK_VAULT, PREPARE_VAULT, START_WATCH
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place
from shared.requests import Look, at
from shared.waiting import submit_each, until

bp = Blueprint()


@orchestrates(bp, PREPARE_VAULT)
def prepare_vault(context: Context, place: Place) -> Waits[Done]:
    """Found, or created if the plan asks for it; a vault's creation has no Site Recovery job to follow."""
    yield from call(context, ENSURE_VAULT, at(place, Look))
    yield from until(context, LOOK_VAULT, at(place, Look))
    yield from call(context, START_WATCH, place)
    yield from submit_each(context, ENSURE_SITES, at(place, Look))
    return Done()
