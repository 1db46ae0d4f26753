"""Set replication policy: policy, container mappings and network mappings are adopted or created."""

from shared.contracts import ENSURE_MAPPING, ENSURE_POLICY, SET_REPLICATION_POLICY
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place
from shared.requests import Look, at
from shared.waiting import submit, submit_each

bp = Blueprint()


@orchestrates(bp, SET_REPLICATION_POLICY)
def set_replication_policy(context: Context, place: Place) -> Waits[Done]:
    """The policy first: the mapping names it."""
    yield from submit(context, ENSURE_POLICY, at(place, Look))
    yield from submit_each(context, ENSURE_MAPPING, at(place, Look))
    return Done()
