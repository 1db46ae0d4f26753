"""Rules about what a plan names and the app does not make: each is there, and where it can be used."""

from collections.abc import Iterator

from shared.concerns.registry import Case, MachineCase, Unknown, known, plan_rule, rule, same_region
from shared.concerns.target_facts import ResourceFacts
from shared.plan.named import WORDS, NamedResource, named_by_machine, named_by_protections, named_by_target

MAKE_IT = "Create it, or correct its name or resource group in a new plan."
ELSEWHERE = "Name one of the machines' region: Azure joins VMs to nothing of another."


@plan_rule(
    "named-resource-missing", "critical", "A resource that the plan names for its machines does not exist", MAKE_IT
)
def _missing(case: Case) -> Iterator[str]:
    yield from _what_is_missing(case, named_by_target(case.plan))


@plan_rule(
    "named-resource-in-other-region",
    "critical",
    "A resource that the plan names for its machines lies in another region than the target",
    ELSEWHERE,
)
def _elsewhere(case: Case) -> Iterator[str]:
    yield from _what_is_elsewhere(case, named_by_target(case.plan))


@rule("own-resource-missing", "critical", "A resource that the plan names for this machine does not exist", MAKE_IT)
def _own_missing(case: MachineCase) -> Iterator[str]:
    yield from _what_is_missing(case, named_by_machine(case.plan, case.machine))


@rule(
    "own-resource-in-other-region",
    "critical",
    "A resource that the plan names for this machine lies in another region than the target",
    ELSEWHERE,
)
def _own_elsewhere(case: MachineCase) -> Iterator[str]:
    yield from _what_is_elsewhere(case, named_by_machine(case.plan, case.machine))


@plan_rule(
    "protection-resource-missing",
    "critical",
    "What machines are to be protected through once they are migrated does not exist",
    f"{MAKE_IT} Whoever makes it before the first machine is complete acknowledges, with the reason.",
    acknowledgeable=True,
)
def _protection_missing(case: Case) -> Iterator[str]:
    yield from _what_is_missing(case, named_by_protections(case.plan))


@plan_rule(
    "protection-resource-in-other-region",
    "critical",
    "What machines are to be protected through once they are migrated lies in the wrong region",
    "The network and the disk encryption set lie in the region of the protection, the cache account in the one that machines are "
    "migrated to. Whoever will put another in its place acknowledges, with the reason.",
    acknowledgeable=True,
)
def _protection_elsewhere(case: Case) -> Iterator[str]:
    yield from _what_is_elsewhere(case, named_by_protections(case.plan))


def _what_is_missing(case: Case, names: tuple[NamedResource, ...]) -> Iterator[str]:
    """Name what is not there; what could not be read ends the judging only after all that is known was said."""
    unread = []
    for resource in names:
        facts = _facts_of(case, resource)
        if facts is None:
            unread.append(resource)
        elif not facts.exists:
            yield f"there is no {resource}"
        elif resource.subnet and resource.subnet.lower() not in {each.lower() for each in facts.subnets}:
            yield f"{resource} has no subnet {resource.subnet}"
    if unread:
        raise Unknown(", ".join(map(str, unread)))


def _what_is_elsewhere(case: Case, names: tuple[NamedResource, ...]) -> Iterator[str]:
    for each in names:
        facts = _facts_of(case, each)  # one that could not be read is told by the rule about what is missing
        if facts and facts.exists and each.region and not same_region(facts.region or each.region, each.region):
            name = each.id.rpartition("/")[2]
            yield f"{WORDS[each.kind]} {name} is in {facts.region}; it has to be in {each.region}"


def _facts_of(case: Case, resource: NamedResource) -> ResourceFacts | None:
    return known(case.target.named, "named").get(resource.key)
