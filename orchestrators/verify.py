"""Verify: the migrated machine boots in Azure and the plan's checks pass; then its downtime has ended.

Where the plan says so it is tried again until a deadline, and then goes back to its source by itself.
"""

from orchestrators.verify_vm import verify_machine
from shared.contracts.contracts import BEGIN_ROLL_BACK, JUDGE_VERIFICATION, MARK_VERIFIED, VERIFY
from shared.contracts.requests import where
from shared.contracts.unverified import FailedVerification, RollBackOrder
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.durable.waiting import asleep
from shared.models import Done, Scope
from shared.problems import Interrupted, Problem, Refused

bp = Blueprint()

BY = "onVerifyFailed of the plan"


@orchestrates(bp, VERIFY)
def verify(context: Context, scope: Scope) -> Waits[Done]:
    """Boot, scripts, checks, and the mark from which the downtime is measured."""
    tries = 0
    while True:
        tries += 1
        ended = yield from outcome(verify_machine(context, scope, test=False, tries=tries))
        scope = scope.replace(enters="")
        if not isinstance(ended, Problem):
            return (yield from call(context, MARK_VERIFIED, scope))
        yield from _again(context, scope, ended, tries)


def _again(context: Context, scope: Scope, ended: Problem, tries: int) -> Waits[None]:
    """Sleep until it is tried again; raises the problem where it is not, once the way back has begun where the plan says so."""
    if isinstance(ended, Interrupted):
        raise ended
    failed = FailedVerification(**where(scope), problem=ended.facts, tries=tries)
    outlook = yield from call(context, JUDGE_VERIFICATION, failed)
    if outlook.goes_back:
        yield from call(context, BEGIN_ROLL_BACK, RollBackOrder(**where(scope), by=BY, why=outlook.text))
        raise Refused(
            outlook.text,
            id="not-verified-in-time",
            title="The machine in Azure was not verified in time",
            advice="It is rolled back, as the plan says: the target is fenced and the source is started again.",
        )
    if not outlook.again_in:
        raise ended
    yield from asleep(context, outlook.again_in)
