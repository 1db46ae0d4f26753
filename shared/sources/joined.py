"""What the roads of a plan found, put back into one plan."""

from collections import Counter
from collections.abc import Sequence

from shared.plan.model import Plan
from shared.problems import Refused
from shared.sources.source_adapter import Sources


def joined(plan: Plan, found: Sequence[Sources]) -> Plan:
    """Put the waves of all roads back into one plan. Raises `Refused` when two roads found machines of one name."""
    waves = {wave.name: wave for read in found for wave in read.plan.waves}
    whole = plan.model_copy(update={"waves": tuple(waves[wave.name] for wave in plan.waves)})
    names = Counter(machine.name for _, machine in whole.entries())
    if twice := [name for name, count in names.items() if count > 1]:
        raise Refused(
            f"machines of two roads have the same name: {', '.join(twice)}",
            id="machine-names-clash",
            title="Two machines have one name",
            advice="Name one of them by hand in a new plan, instead of by tags.",
        )
    return whole
