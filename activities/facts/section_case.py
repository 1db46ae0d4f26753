"""What is judged of a plan that nobody started: the target of each road is read, and what the ledger knows of its machines."""

from collections.abc import Mapping

from activities.facts.target_facts import read_appliance_facts, read_target_facts
from activities.flow.kept_reads import KeptReads
from shared.concerns.registry import Case
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.source_facts import SourceFacts
from shared.ledger import source_claims
from shared.ledger.history import Before, before
from shared.plan.model import Plan
from shared.plan.road_sections import Section, sections
from shared.roads.target_names import name_of


def case_of_section(section: Section, facts: Mapping[str, SourceFacts], kept: KeptReads) -> Case:
    """Read the target of one road, and give what is judged there."""
    sources = {machine.name: facts[machine.name] for _, machine in section.plan.entries() if machine.name in facts}
    target = read_target_facts(section.plan, kept, section.name)
    appliance = kept.known(
        f"{section.name}/appliance", ApplianceFacts, lambda: read_appliance_facts(section.plan, sources)
    )
    return Case(section.plan, target, appliance or ApplianceFacts(), sources)


def with_others(whole: Plan, facts: Mapping[str, SourceFacts]) -> dict[str, SourceFacts]:
    """Say of the machines which of them other migrations have, or moved; nothing is claimed."""
    promised = {
        machine.name: name_of(section.plan, machine)
        for section in sections(whole)
        for _, machine in section.plan.entries()
    }
    ids = [each.instance_id for each in facts.values() if each.instance_id]
    busy, earlier = source_claims.busy_elsewhere([*ids, *promised.values()], ""), before(ids, "")
    return {
        name: each.replace(
            busy_in=busy.get(each.instance_id, ""),
            name_promised_to=busy.get(promised.get(name, ""), ""),
            **earlier.get(each.instance_id.lower(), Before()).model_dump(),
        )
        for name, each in facts.items()
    }
