"""Set replication policy: policy, container mappings and network mappings are adopted or created."""

from shared.contracts.contracts import ENSURE_MAPPING, ENSURE_POLICY, SET_REPLICATION_POLICY
from shared.contracts.requests import Poll, scoped_as
from shared.durable.seam import Blueprint, Context, Waits, orchestrates
from shared.durable.waiting import submit, submit_each
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, SET_REPLICATION_POLICY)
def set_replication_policy(context: Context, scope: Scope) -> Waits[Done]:
    """The policy first: the mapping names it."""
    yield from submit(context, ENSURE_POLICY, scoped_as(scope, Poll))
    yield from submit_each(context, ENSURE_MAPPING, scoped_as(scope, Poll))
    return Done()
