"""Which phases of a machine an operator left out."""

from shared.coordination import operator_intents
from shared.models import Scope


def is_skipped(scope: Scope, *phases: str) -> bool:
    """Tell whether an operator left one of these phases of this machine out; without any, its test failover."""
    wanted = phases or ("start_test_failover",)
    return any(skip.phase in wanted for skip in operator_intents.skips(scope.migration, scope.machine))
