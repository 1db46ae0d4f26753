"""Which machines the selections of a plan find now: their sources are listed, and the plan is expanded as an assessment does."""

from collections.abc import Iterator, Sequence

from shared.plan.expand import traced
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.road_sections import sections
from shared.plan.selection import SourceMatch, selects
from shared.reporting.selection_views import SelectedMachine, SelectionPreview, SelectionView
from shared.roads.registry import road_of


def preview(plan: Plan) -> SelectionPreview:
    """List the sources of a plan's selections, and give what each selects. Raise `Busy`, `Refused` where a cloud says so."""
    views, listed = list[SelectionView](), 0
    for section in sections(plan.working()):
        if any(machine.source.selects_several for _, machine in section.plan.entries()):
            found = road_of(section.plan).source.listed(section.plan)
            listed += len(found)
            views += _views(section.plan, found)
    return SelectionPreview(plan=plan.name, entries=tuple(views), listed=listed)


def _views(plan: Plan, found: Sequence[SourceMatch]) -> Iterator[SelectionView]:
    by_id = {each.instance_id: each for each in found}
    for wave, entry, singles in traced(plan, found):
        if entry.source.selects_several:
            chosen = tuple(_selected(each, by_id) for each in singles)
            own = {each.source_id for each in chosen}
            fits = (each.instance_id for each in found if selects(entry.source, each))
            elsewhere = tuple(sorted(each for each in fits if each not in own))
            yield SelectionView(wave=wave.name, selects=entry.source.words, machines=chosen, elsewhere=elsewhere)


def _selected(single: Machine, by_id: dict[str, SourceMatch]) -> SelectedMachine:
    found = by_id[single.source.instance_id or single.source.vm_id]
    return SelectedMachine(
        name=single.name, source_id=found.instance_id, source_name=found.name, private_ip=found.private_ip
    )
