"""Verify test: the test machine boots and the plan's checks pass inside it."""

from orchestrators.verify_vm import verify_machine
from shared.contracts.contracts import VERIFY_TEST_VM
from shared.durable.seam import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, VERIFY_TEST_VM)
def verify_test_vm(context: Context, scope: Scope) -> Waits[Done]:
    """The same checks as after the real failover, on the test machine."""
    return (yield from verify_machine(context, scope, test=True))
