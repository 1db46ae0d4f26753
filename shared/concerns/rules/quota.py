"""Rules about quota: enough cores for all machines of the plan, by family and in the region."""

from collections import Counter
from collections.abc import Iterator

from shared.concerns.fitting import needs_of
from shared.concerns.nearest_size import nearest_size
from shared.concerns.registry import Case, Sighting, known, plan_rule
from shared.concerns.rules.targets import size_of
from shared.concerns.target_facts import SizeFacts
from shared.plan.machines import Machine

REGIONAL_CORES = "cores"


@plan_rule(
    "cores-quota",
    "critical",
    "The quota of a VM family is too small for the machines of the plan",
    "Ask for more quota in the portal (Usage + quotas), or choose sizes of other families.",
)
def _family_quota(case: Case) -> Iterator[Sighting]:
    needed: Counter[str] = Counter()
    for _, machine in case.to_place():
        size = _size(case, machine)
        if size:
            needed[known(size.family, "sizes.family").lower()] += known(size.cores, "sizes.cores")
    yield from _beyond_quota(case, needed)


@plan_rule(
    "regional-cores-quota",
    "critical",
    "The quota of cores in the region is too small for the machines of the plan",
    "Ask for more quota in the portal (Usage + quotas).",
)
def _regional_quota(case: Case) -> Iterator[Sighting]:
    cores = sum(_cores(case, machine) for machine in _machines(case))
    yield from _beyond_quota(case, Counter({REGIONAL_CORES: cores}))


def _machines(case: Case) -> Iterator[Machine]:
    """Give the machines whose facts were read."""
    return (machine for _, machine in case.to_place() if machine.name in case.sources)


def _cores(case: Case, machine: Machine) -> int:
    """Give the cores that a machine will have: those of its size, else as many as it has now."""
    size = _size(case, machine)
    return known(size.cores, "sizes.cores") if size else known(case.sources[machine.name].cores, "cores")


def _size(case: Case, machine: Machine) -> SizeFacts | None:
    """Give the size that is known before: what the plan says, and between Azure regions the same or the nearest."""
    name, source = machine.target.size or case.plan.target.size, case.sources.get(machine.name)
    if name:
        return size_of(case, name)
    if source is None or not source.size:
        return None
    needs = needs_of(case.plan.target, machine.target, source)
    return nearest_size(source.size, needs, known(case.target.sizes, "sizes"))


def _beyond_quota(case: Case, needed: Counter[str]) -> Iterator[Sighting]:
    """Give what goes beyond the quota; test machines run beside migrated ones, but not all at once."""
    if not needed:
        return
    free = {usage.family.lower(): usage.limit - usage.used for usage in known(case.target.usages, "usages")}
    for family, cores in needed.items():
        left = known(free.get(family), f"usages.{family}") if cores else 0
        if cores > left:
            yield Sighting(f"{family}: {cores} cores are needed, {left} are free", family)
