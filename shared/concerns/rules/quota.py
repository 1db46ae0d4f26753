"""Rules about quota: enough cores for all machines of the plan, by family and in the region."""

from collections import Counter
from collections.abc import Iterator

from shared.concerns.facts import SizeFacts
from shared.concerns.nearest_size import nearest_size
from shared.concerns.registry import Case, known, plan_rule
from shared.concerns.rules.targets import size_of
from shared.plan.machines import Machine

REGIONAL_CORES = "cores"


@plan_rule(
    "cores-quota",
    "critical",
    "The quota of a VM family is too small for the machines of the plan",
    "Ask for more quota in the portal (Usage + quotas), or choose sizes of other families.",
)
def _family_quota(case: Case) -> Iterator[str]:
    needed: Counter[str] = Counter()
    for _, machine in case.to_place():
        size = _size(case, machine.name, machine.target.size)
        if size:
            needed[known(size.family, "sizes.family").lower()] += known(size.cores, "sizes.cores")
    yield from _beyond_quota(case, needed)


@plan_rule(
    "regional-cores-quota",
    "critical",
    "The quota of cores in the region is too small for the machines of the plan",
    "Ask for more quota in the portal (Usage + quotas).",
)
def _regional_quota(case: Case) -> Iterator[str]:
    cores = sum(_cores(case, name, machine.target.size) for name, machine in _machines(case))
    yield from _beyond_quota(case, Counter({REGIONAL_CORES: cores}))


def _machines(case: Case) -> Iterator[tuple[str, Machine]]:
    """Give the machines whose facts were read, with their names."""
    return ((machine.name, machine) for _, machine in case.to_place() if machine.name in case.sources)


def _cores(case: Case, machine: str, own_size: str) -> int:
    """Give the cores that a machine will have: those of its size, else as many as it has now."""
    size = _size(case, machine, own_size)
    return known(size.cores, "sizes.cores") if size else known(case.sources[machine].cores, "cores")


def _size(case: Case, machine: str, own_size: str) -> SizeFacts | None:
    """Give the size that is known before: what the plan says, and between Azure regions the same or the nearest."""
    name, source = own_size or case.plan.target.size, case.sources.get(machine)
    if name:
        return size_of(case, name)
    return nearest_size(source, known(case.target.sizes, "sizes")) if source is not None and source.size else None


def _beyond_quota(case: Case, needed: Counter[str]) -> Iterator[str]:
    """Give what goes beyond the quota; test machines run beside migrated ones, but not all at once."""
    if not needed:
        return
    free = {usage.family.lower(): usage.limit - usage.used for usage in known(case.target.usages, "usages")}
    for family, cores in needed.items():
        left = known(free.get(family), f"usages.{family}") if cores else 0
        if cores > left:
            yield f"{family}: {cores} cores are needed, {left} are free"
