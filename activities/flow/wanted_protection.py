"""The protection of a migrated machine as the plan wants it."""

from activities.flow.skipped_phases import is_skipped
from shared.ledger import plans
from shared.models import Scope
from shared.plan.protection import ProtectTarget
from shared.plan.protection_plan import ONWARD


def wanted(scope: Scope) -> ProtectTarget | None:
    """Give where the machine of a place is to be protected to; None where nobody asks for it, or somebody left it out."""
    return None if is_skipped(scope, ONWARD) else plans.protection_at(scope)
