"""Open security groups: the machines may reach the replication appliance, and nobody else gains anything."""

from shared.contracts.contracts import OPEN_RULES, OPEN_SECURITY_GROUPS
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, OPEN_SECURITY_GROUPS)
def open_security_groups(context: Context, scope: Scope) -> Waits[Done]:
    """Rules carry the migration's tag, so that exactly these are taken back at the end."""
    return (yield from call(context, OPEN_RULES, scope))
