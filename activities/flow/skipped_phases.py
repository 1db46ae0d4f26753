"""Which phases of a machine an operator left out."""

from shared.coordination import operator_intents
from shared.models import Scope


def is_skipped(scope: Scope, phase: str = "start_test_failover") -> bool:
    """Tell whether an operator left a phase of this machine out."""
    return phase in {skip.phase for skip in operator_intents.skips(scope.migration, scope.machine)}
