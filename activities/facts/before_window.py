"""Before the window opens: sources and target are read again while machines wait, so that people can act in time.

The first look of a wait reads, then one a day, and the last ones four hours and one hour before the opening: one listing
of the sources and one reading of the target for the whole cohort. Copies are watched elsewhere, from the vault's
listings; here facts are compared with those of the assessment.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from activities.facts.before_cutover import EACH, WHOLE, case_of_cohort, in_words, read_lately, refusals
from activities.judging import read_before
from activities.waking import later_than
from shared import plans
from shared.concerns.changes import at_assessment
from shared.concerns.facts import SourceFacts, TargetFacts
from shared.concerns.judge import judge_machine
from shared.concerns.registry import Concern
from shared.ledger import events, machines
from shared.ledger.machines import MachineRow
from shared.models import Place
from shared.problems import CloudRefused, Later, Refused
from shared.requests import Cohort, at
from shared.sources.sides import side
from shared.states import MachineState

AHEAD: Final = (timedelta(hours=4), timedelta(hours=1))  # before the opening: time enough to ask for quota, or to undo
A_DAY: Final = 86_400
BUSY_FOR: Final = 300
READ: Final = "factsReadAgain"  # of the marks
CHANGED: Final = frozenset({"source-drifted", "source-changed"})
FINDINGS: Final = WHOLE | EACH | CHANGED


def look_ahead(cohort: Cohort, begin: datetime) -> int:
    """Read again what the cutover of those who wait stands on; gives the seconds until the next reading is due.

    What stands against a machine is kept with its concerns, and told by an event where it is new; what is put right is
    taken away. What cannot be read changes nothing.
    """
    rows = {row.name: row for row in machines.list(cohort.migration)}
    asked = {one.name for one in cohort.machines}
    mine = [row for row in rows.values() if row.name in asked and _waits(row, cohort)]
    if not mine or all(read_lately(row, READ, cohort.now) for row in mine):
        return _again_in(cohort.now, begin)
    try:
        found = _read(cohort, mine, rows)
    except Later:
        return min(BUSY_FOR, later_than(begin, cohort.now))
    for row in mine:
        _keep(at(cohort, Place).but(machine=row.name), row, found[row.name])
    return _again_in(cohort.now, begin)


def _waits(row: MachineRow, cohort: Cohort) -> bool:
    return row.round == cohort.round and row.state == MachineState.READY_FOR_CUTOVER


def _again_in(now: datetime, begin: datetime) -> int:
    """Give the seconds until the next reading before an opening, a day at most; else until the opening itself."""
    due = [begin - lead for lead in AHEAD if begin - lead > now]
    return min(A_DAY, later_than(min(due, default=begin), now))


def _read(cohort: Cohort, mine: Sequence[MachineRow], rows: dict[str, MachineRow]) -> dict[str, tuple[Concern, ...]]:
    """Give what stands against each machine now."""
    case = replace(case_of_cohort(cohort, rows.values(), mine), read_again=_sources(cohort, mine))
    refused, then = refusals(cohort, case, mine), _assessed(cohort)
    found = {}
    for row in mine:
        judged = judge_machine(case.of_machine(*case.plan.entry(row.name)))
        changed = [one for one in judged if one.id in CHANGED]
        held = [_with_then(one.but(machine=row.name), then) for one in refused.get(row.name, ())]
        found[row.name] = (*changed, *held)
    return found


def _sources(cohort: Cohort, mine: Sequence[MachineRow]) -> dict[str, SourceFacts]:
    """Read the cohort's sources in one listing; nothing where that is refused."""
    names = {row.name for row in mine}
    plan = plans.plan_at(cohort)
    wave = plans.expanded_of(cohort.migration).wave(cohort.wave)
    entries = tuple(one for one in wave.machines if one.name in names)
    try:
        read = side(plan).read(
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
    said = at_assessment(concern.id, concern.evidence, then)
    return concern.but(evidence=f"{concern.evidence}; {said}") if said else concern


def against(row: MachineRow) -> str:
    """Say what would keep a machine from beginning now, behind the words of what it waits for; empty = nothing."""
    found = [one for one in row.concerns if _blocks(one)]
    return f". It could not begin now: {in_words(found)}" if found else ""


def _blocks(concern: Concern) -> bool:
    return concern.id in FINDINGS and concern.blocks


def _keep(place: Place, row: MachineRow, found: tuple[Concern, ...]) -> None:
    """Tell what is new, then write it down: whoever dies in between tells it once more, and no finding is lost."""
    known = {(one.id, one.evidence) for one in row.concerns}
    for number, one in enumerate(one for one in found if (one.id, one.evidence) not in known):
        told = (
            f"{row.name} could not be cut over now: {in_words([one])}"
            if one.blocks
            else f"{row.name}: {in_words([one])}"
        )
        events.write(place, f"changed-{one.id}{f'-{number}' if number else ''}", told)
    still = {one.id for one in found}
    gone = [one for one in row.concerns if _blocks(one) and one.id not in still]
    for one in gone:
        events.write(place, f"settled-{one.id}", f"{row.name}: it is put right: {one.title}")
    others = tuple(one for one in row.concerns if one.id not in CHANGED and not _blocks(one))
    changes = {"concerns": (*others, *found), "marks": {READ: place.now}}
    machines.change(place, lambda one: one.round == place.round, **changes)
