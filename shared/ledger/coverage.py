"""Which plans mean a machine: those of migrations that the ledger knows, and others that are given."""

from collections.abc import Iterable, Iterator, Sequence

from shared.ledger import machines, migrations, plans
from shared.plan.inventory_place import same_place
from shared.plan.machines import Selector
from shared.plan.model import Plan
from shared.plan.road_sections import sections
from shared.plan.selection import SourceMatch, means
from shared.problems import NotFound

Coverage = dict[str, tuple[str, ...]]  # id at the source -> plans and migrations


def covered(found: Sequence[SourceMatch], place: Plan, given: Iterable[tuple[str, Plan]]) -> Coverage:
    """Give what covers each machine of a place; ids mean one machine anywhere, names, addresses and tags only there."""
    index = _Index(found)
    covering: dict[str, dict[str, None]] = {}
    for name, source_ids in (*_of_ledger(index, place), *((name, _meant(plan, place, index)) for name, plan in given)):
        for each in source_ids:
            covering.setdefault(each, {})[name] = None
    return {source_id: tuple(names) for source_id, names in covering.items()}


class _Index:
    """Machines by what plans mostly name them by: a list of thousands is not walked for each entry."""

    def __init__(self, found: Sequence[SourceMatch]) -> None:
        self.all = found
        self.by_id = {known: each for each in found for known in each.ids}
        self.known = {key: [] for each in found for key in _keys(each)} if found else dict[str, list[SourceMatch]]()
        for each in found:
            for key in _keys(each):
                self.known[key].append(each)

    def meant(self, source: Selector) -> Iterable[SourceMatch]:
        """Give the machines that an entry means."""
        if source.selects_several:
            return (each for each in self.all if means(source, each))
        if wanted := source.instance_id or source.vm_id:
            return [self.by_id[wanted.lower()]] if wanted.lower() in self.by_id else []
        return self.known.get(source.private_ip or f"name {source.name.lower()}", [])


def _keys(found: SourceMatch) -> set[str]:
    return {f"name {found.name.lower()}", *found.ips}


def _of_ledger(index: _Index, place: Plan) -> Iterator[tuple[str, list[str]]]:
    """Give each migration with the machines that it found, and those that its plan means."""
    for migration in migrations.everything():
        rows = [row.source_id.lower() for row in machines.list(migration.id)]
        taken = [index.by_id[each].instance_id for each in rows if each in index.by_id]
        try:
            yield migration.id, [*taken, *_meant(plans.plan_of(migration.id), place, index)]
        except NotFound:
            yield migration.id, taken


def _meant(plan: Plan, place: Plan, index: _Index) -> list[str]:
    """Give the machines of a place that a plan means; machines that it only keeps in its list are meant, too."""
    found = []
    for section in sections(plan):
        same = same_place(section.plan) == same_place(place)
        for _, machine in section.plan.entries():
            if same or machine.source.instance_id or machine.source.vm_id:
                found += [each.instance_id for each in index.meant(machine.source)]
    for each in plan.left_out:
        found += [match.instance_id for match in index.meant(each.source)]
    return found
