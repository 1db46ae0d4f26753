"""Before a window or a gate opens: sources and target are read again while machines wait, so that people can act in time.

The first look of a wait reads, then one a day, and the last ones four hours and one hour before the opening: one listing
of the sources and one reading of the target for the whole cohort. Copies are watched elsewhere, from the vault's
listings; here facts are compared with those of the assessment.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from activities.facts.before_cutover import EACH, WHOLE, case_of_cohort, in_words, read_lately, refusals
from activities.facts.reassessment import read_before
from activities.flow.wait_rows import later_than
from shared.concerns.changes import at_assessment
from shared.concerns.judge import judge_machine
from shared.concerns.registry import Concern
from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import TargetFacts
from shared.contracts.cohorts import Cohort
from shared.contracts.requests import scoped_as
from shared.ledger import events, machines, plans
from shared.ledger.expanded_plans import expanded_of
from shared.ledger.machine_row import MachineChanges, MachineRow, Mark
from shared.models import Scope
from shared.problems import Busy, CloudRefused, Refused
from shared.roads.registry import road_of
from shared.scheduling.patience import A_DAY
from shared.states import MachineState

AHEAD: Final = (timedelta(hours=4), timedelta(hours=1))  # before the opening: time enough to ask for quota, or to undo
BUSY_FOR: Final = 300
BUSY_SOON: Final = 900  # the same in the last hours before a window
BUSY_AHEAD: Final = (
    7_200  # and before them: looks that are due at a moment do not grow rarer, and a week of them is a small history
)
CHANGED: Final = frozenset({"source-drifted", "source-changed"})
FINDINGS: Final = WHOLE | EACH | CHANGED


def look_ahead(cohort: Cohort, begin: datetime) -> int:
    """Read again the facts on which the cutover of waiting machines rests; gives the seconds until the next reading."""
    if read_again(cohort):
        return _again_in(cohort.now, begin)
    soon = begin - cohort.now <= AHEAD[0]
    return min(BUSY_SOON if soon else BUSY_AHEAD, later_than(begin, cohort.now))


def read_again(cohort: Cohort) -> bool:
    """Read again for those of a cohort that wait for their cutover, unless that was done a moment ago.

    What speaks against its cutover is kept with a machine's concerns, and told by an event when it is new; what was put
    right is taken away. What cannot be read changes nothing; gives False while Azure or the source's cloud is busy.
    """
    rows = {row.name: row for row in machines.list(cohort.migration)}
    names = {each.name for each in cohort.machines}
    waiting = [row for row in rows.values() if row.name in names and _waits(row, cohort)]
    if not waiting or all(read_lately(row, Mark.FACTS_READ_AGAIN, cohort.now) for row in waiting):
        return True
    try:
        found = _read(cohort, waiting, rows)
    except Busy:
        return False
    for row in waiting:
        _keep(scoped_as(cohort, Scope).replace(machine=row.name), row, found[row.name])
    return True


def _waits(row: MachineRow, cohort: Cohort) -> bool:
    return row.round == cohort.round and row.state == MachineState.READY_FOR_CUTOVER


def _again_in(now: datetime, begin: datetime) -> int:
    """Give the seconds until the next reading before an opening, a day at most; else until the opening itself."""
    due = [begin - lead for lead in AHEAD if begin - lead > now]
    return min(A_DAY, later_than(min(due, default=begin), now))


def _read(cohort: Cohort, own: Sequence[MachineRow], rows: dict[str, MachineRow]) -> dict[str, tuple[Concern, ...]]:
    """Give what stands against each machine now."""
    case = replace(case_of_cohort(cohort, rows.values(), own), read_again=_sources(cohort, own))
    refused, then = refusals(cohort, case, own), _assessed(cohort)
    found = {}
    for row in own:
        judged = judge_machine(case.of_machine(*case.plan.entry(row.name)))
        changed = [each for each in judged if each.id in CHANGED]
        held = [_with_then(each.replace(machine=row.name), then) for each in refused.get(row.name, ())]
        found[row.name] = (*changed, *held)
    return found


def _sources(cohort: Cohort, own: Sequence[MachineRow]) -> dict[str, SourceFacts]:
    """Read the cohort's sources in one listing; nothing where that is refused."""
    names = {row.name for row in own}
    plan = plans.plan_at(cohort)
    wave = expanded_of(cohort.migration).wave(cohort.wave)
    entries = tuple(each for each in wave.machines if each.name in names)
    try:
        read = road_of(plan).source.read(
            plan.model_copy(update={"waves": (wave.model_copy(update={"machines": entries}),)}), names
        )
    except (CloudRefused, Refused):
        return {}
    return dict(read.facts)


def _assessed(cohort: Cohort) -> TargetFacts:
    """Give what the round's assessment read of the target on the cohort's road."""
    kept = read_before(cohort).roads.get(plans.section_at(cohort).name)
    return kept.target if kept else TargetFacts()


def _with_then(concern: Concern, then: TargetFacts) -> Concern:
    comparison = at_assessment(concern.id, concern.subject, then)
    return concern.replace(evidence=f"{concern.evidence}; {comparison}") if comparison else concern


def against(row: MachineRow) -> str:
    """Say what would keep a machine from beginning now, behind the words of what it waits for; empty = nothing."""
    found = [each for each in row.concerns if _blocks(each)]
    return f". It could not be cut over now: {in_words(found)}" if found else ""


def _blocks(concern: Concern) -> bool:
    return concern.id in FINDINGS and concern.blocks


def _keep(scope: Scope, row: MachineRow, found: tuple[Concern, ...]) -> None:
    """Tell what is new, then write it down: whoever dies in between tells it once more, and no finding is lost."""
    known = {(each.id, each.evidence) for each in row.concerns}
    for number, concern in enumerate(each for each in found if (each.id, each.evidence) not in known):
        text = (
            f"{row.name} could not be cut over now: {in_words([concern])}"
            if concern.blocks
            else f"{row.name}: {in_words([concern])}"
        )
        events.write(scope, f"changed-{concern.id}{f'-{number}' if number else ''}", text)
    still = {each.id for each in found}
    gone = [each for each in row.concerns if _blocks(each) and each.id not in still]
    for concern in gone:
        events.write(scope, f"settled-{concern.id}", f"{row.name}: it is put right: {concern.title}")
    others = tuple(each for each in row.concerns if each.id not in CHANGED and not _blocks(each))
    changes = MachineChanges(concerns=(*others, *found), marks={Mark.FACTS_READ_AGAIN: scope.now})
    machines.change(scope, lambda machine: machine.round == scope.round, **changes)
