"""Verify: the migrated machine boots in Azure and the plan's checks pass; then its downtime has ended."""

from orchestrators.verify_vm import verify_machine
from shared.contracts.contracts import MARK_VERIFIED, VERIFY
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, VERIFY)
def verify(context: Context, scope: Scope) -> Waits[Done]:
    """Boot, checks, and the mark from which the downtime is measured."""
    yield from verify_machine(context, scope, test=False)
    return (yield from call(context, MARK_VERIFIED, scope.replace(enters="")))
