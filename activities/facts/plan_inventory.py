"""List what a source shows before a plan is, judge each machine as an assessment does, and tell which plans cover it."""

from collections.abc import Iterator, Mapping, Sequence

from activities.facts.section_case import case_of_section, with_others
from activities.flow.kept_reads import KeptReads
from shared.concerns.judge import judged_machine
from shared.concerns.registry import Case, Concern
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import TargetFacts
from shared.ledger.assessments import InventoryOrder
from shared.ledger.coverage import Coverage, covered
from shared.models import Scope
from shared.plan.expand import TakenNames
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.road_sections import sections
from shared.plan.selection import SourceMatch
from shared.reporting.assessment import assessed_machines, grouped
from shared.reporting.inventory import InventoriedMachine, Inventory
from shared.roads.registry import road_of


def take_inventory(scope: Scope, place: Plan, order: InventoryOrder) -> Inventory:
    """Read every machine of a place and judge it; nothing is written, and what is only busy is asked again."""
    source = road_of(place).source
    found = source.listed(place)
    whole, matches = _plan_of(place, found)
    facts = with_others(whole, source.read(whole).facts) if found else {}
    case = _case(scope, whole, facts, known=order.target_known and bool(found))
    judged = [each for wave, machine in whole.entries() for each in judged_machine(case.of_machine(wave, machine))[0]]
    covering = covered(found, place, ((each.name, each.plan) for each in order.plans))
    machines = tuple(_machines(case, judged, matches, covering))
    return Inventory(
        id=scope.migration,
        made=scope.now,
        scenario=place.scenario,
        target_known=order.target_known,
        uncovered=sum(not each.covered_by for each in machines),
        machines=machines,
        rules=grouped(judged),
    )


def _plan_of(place: Plan, found: Sequence[SourceMatch]) -> tuple[Plan, dict[str, SourceMatch]]:
    """Give the place with all its machines in one wave, and what each of their names stands for."""
    wave = place.waves[0]
    empty = place.model_copy(update={"waves": (wave.model_copy(update={"machines": ()}),)})
    taken = TakenNames(empty, found)
    named = {taken.name(each): each for each in sorted(found, key=lambda each: (each.name, each.instance_id))}
    machines = tuple(Machine(name=name, source=each.selector) for name, each in named.items())
    return empty.model_copy(update={"waves": (wave.model_copy(update={"machines": machines}),)}), named


def _case(scope: Scope, whole: Plan, facts: Mapping[str, SourceFacts], *, known: bool) -> Case:
    """Give what is judged; without a target nothing of it is known, and rules that ask for it find nothing."""
    if not known:
        return Case(whole, TargetFacts(), ApplianceFacts(), facts)
    kept = KeptReads.of(scope)
    return kept.whole(scope, lambda: case_of_section(sections(whole)[0], facts, kept))


def _machines(
    case: Case, judged: Sequence[Concern], matches: Mapping[str, SourceMatch], covering: Coverage
) -> Iterator[InventoriedMachine]:
    for each in assessed_machines(case, judged):
        match = matches[each.name]
        selector = match.selector
        yield InventoriedMachine(
            **each.replace(wave="").model_dump(),
            source_name=match.name,
            instance_id=selector.instance_id,
            vm_id=selector.vm_id,
            covered_by=covering.get(match.instance_id, ()),
        )
