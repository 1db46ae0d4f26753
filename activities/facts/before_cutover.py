"""Before the cutover: minutes before a source is touched its target is read again, and machines that would fail are held back."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from activities.facts.prior_state import standing
from activities.facts.target_facts import read_for_cutover
from activities.flow.window_admission import Held, before_the_stop
from shared.concerns.judge import in_plan, judge_machine, judge_plan
from shared.concerns.registry import Acknowledged, Case, Concern
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.target_facts import TargetFacts
from shared.contracts.cohorts import Cohort
from shared.contracts.requests import scoped_as
from shared.contracts.rounds import Member
from shared.coordination import operator_intents
from shared.ledger import events, machines
from shared.ledger.expanded_plans import expanded_of
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.readiness import Hold
from shared.models import Scope
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.road_sections import sections
from shared.problems import Busy
from shared.states import MachineState

SOON = 300  # seconds until who is held back is looked at again
BUSY_FOR = 60
FRESH = timedelta(minutes=15)
Reader = Callable[[Plan], TargetFacts]
WHOLE = frozenset(
    {
        "cache-storage-missing",
        "cores-quota",
        "network-missing",
        "regional-cores-quota",
        "resource-group-missing",
        "subnet-full",
        "subnet-missing",
    }
)
EACH = frozenset(
    {
        "named-resource-missing",
        "own-resource-missing",
        "no-size-fits",
        "size-not-in-region",
        "size-restricted",
        "static-address-outside-subnet",
        "static-address-taken",
        "static-address-twice",
        "target-name-taken",
        "zone-not-offered",
    }
)


def hold_back(cohort: Cohort, admitted: Sequence[Member]) -> Held:
    """Look at the target for those whose source still runs; write down whom it would refuse, and let the others go.

    What cannot be read holds nobody back, as at the assessment; while Azure is busy nobody begins.
    """
    asking = {each.name for each in admitted if before_the_stop(each)}
    if not asking:
        return Held(tuple(admitted))
    rows = {row.name: row for row in machines.list(cohort.migration)}
    members = [rows[each.name] for each in admitted if each.name in asking and each.name in rows]
    try:
        found = refusals(cohort, case_of_cohort(cohort, rows.values(), members), members)
    except Busy as busy:
        _say(cohort, members, f"Azure to answer: its target is checked before its source is stopped ({busy})")
        return Held(tuple(each for each in admitted if each.name not in asking), busy=str(busy))
    for row in members:
        _write(cohort, row, found.get(row.name, ()))
    return Held(tuple(each for each in admitted if not found.get(each.name)), found)


def is_fresh(cohort: Cohort) -> bool:
    """Tell whether the target was looked at for these a moment ago."""
    rows = {row.name: row for row in machines.list(cohort.migration, wave=cohort.wave)}
    return all(
        read_lately(rows[each.name], Mark.TARGET_LOOKED, cohort.now) for each in cohort.machines if each.name in rows
    )


def read_lately(row: MachineRow, mark: Mark, now: datetime) -> bool:
    """Tell whether a reading that a mark of the machine speaks of is still fresh."""
    read = row.mark(mark)
    return read is not None and now - read < FRESH


def refusals(cohort: Cohort, case: Case, own: Sequence[MachineRow]) -> dict[str, tuple[Concern, ...]]:
    """Give by machine what the target would refuse it for now; those on their way already have the first claim to the room."""
    accepted = (*in_plan(case), *operator_intents.accepted(cohort.migration))
    found = {row.name: tuple(_own(case, row.name, accepted)) for row in own}
    admitted = case.sources.keys() - {row.name for row in own}
    able = [row.name for row in own if not found[row.name]]
    if not _together(case, {*admitted, *able}, accepted):
        return found
    for name in able:  # one by one: as many as there is room for
        found[name] = _together(case, {*admitted, name}, accepted)
        admitted |= set() if found[name] else {name}
    return found


def case_of_cohort(
    cohort: Cohort, everybody: Iterable[MachineRow], own: Sequence[MachineRow], read: Reader = read_for_cutover
) -> Case:
    """Give what is judged of machines before their cutover: their facts of the assessment, the target as it is now.

    Those that are on their way already are in it, too.
    """
    rows = [*own, *(row for row in everybody if row.state == MachineState.CUTTING_OVER and row not in own)]
    plan = _plan(cohort, {row.name for row in rows})
    facts = {row.name: row.source for row in rows}
    standings = {row.name: replace(standing(row, cohort.round), rehearsed=True) for row in rows}
    return Case(plan, read(plan), ApplianceFacts(), facts, standings=standings)


def _plan(cohort: Cohort, names: Collection[str]) -> Plan:
    """Give the plan of the cohort's road with these machines only, and without what only a rehearsal needs."""
    section = next(each for each in sections(expanded_of(cohort.migration)) if cohort.wave in each.waves)
    plan = _only(section.plan, names)
    waves = tuple(
        wave.model_copy(update={"machines": tuple(_without_test(each) for each in wave.machines)})
        for wave in plan.waves
    )
    network = plan.target.network.model_copy(update={"test_vnet": ""})
    return plan.model_copy(update={"waves": waves, "target": plan.target.model_copy(update={"network": network})})


def _only(plan: Plan, names: Collection[str]) -> Plan:
    """Give a plan with some of its machines."""
    waves = [
        wave.model_copy(update={"machines": tuple(each for each in wave.machines if each.name in names)})
        for wave in plan.waves
    ]
    return plan.model_copy(update={"waves": tuple(waves)})


def _without_test(entry: Machine) -> Machine:
    nics = tuple(each.model_copy(update={"test_security_group": ""}) for each in entry.target.nics)
    return entry.model_copy(update={"target": entry.target.model_copy(update={"nics": nics})})


def _own(case: Case, name: str, accepted: Sequence[Acknowledged]) -> Iterator[Concern]:
    """Give what blocks one machine by itself; of what the plan names for several only what it needs itself."""
    judged = judge_machine(case.of_machine(*case.plan.entry(name)), accepted)
    named = judge_plan(replace(case, plan=_only(case.plan, {name})), accepted) if case.target.named else ()
    return (each for each in (*judged, *named) if each.id in EACH and each.blocks)


def _together(case: Case, names: Collection[str], accepted: Sequence[Acknowledged]) -> tuple[Concern, ...]:
    """Give what blocks these together: the others need no room."""
    standings = {
        name: other if name in names else replace(other, placed=True) for name, other in case.standings.items()
    }
    return tuple(
        each for each in judge_plan(replace(case, standings=standings), accepted) if each.id in WHOLE and each.blocks
    )


def _write(cohort: Cohort, row: MachineRow, found: tuple[Concern, ...]) -> None:
    """Keep what blocks a machine with its concerns, and take away what does so no more."""
    others = tuple(each for each in row.concerns if each.id not in WHOLE | EACH or not each.blocks)
    now = (*others, *(each.replace(machine=row.name) for each in found))
    place = _machine(cohort, row.name)
    known = {(each.id, each.evidence) for each in row.concerns if each.blocks and row.held_by == Hold.TARGET}
    for concern in found:
        if (concern.id, concern.evidence) not in known:
            events.write(
                place, f"held-back-{concern.id}", f"{row.name} does not begin: {concern.title}: {concern.evidence}"
            )
    mark = {} if found else {Mark.TARGET_LOOKED: cohort.now}
    # behind the events: what stands in the row already is not told again
    machines.change(place, lambda machine: machine.round == cohort.round, concerns=now, marks=mark)
    if found:
        _say(
            cohort,
            [row],
            f"its target in Azure, which would refuse it now (its source still serves): {in_words(found)}",
            Hold.TARGET,
        )


def in_words(found: Sequence[Concern]) -> str:
    """Give concerns in one line: what each is, what was seen, and what to do about all of them."""
    text = "; ".join(f"{each.title}: {each.evidence}" for each in found)
    return f"{text}. {' '.join(dict.fromkeys(each.advice for each in found))}"


def _say(cohort: Cohort, rows: Sequence[MachineRow], text: str, held_by: Hold | None = None) -> None:
    for row in rows:
        if row.state == MachineState.READY_FOR_CUTOVER and row.waiting_for != text:
            machines.change(_machine(cohort, row.name), waiting_for=text, held_by=held_by, release="")


def _machine(cohort: Cohort, name: str) -> Scope:
    return scoped_as(cohort, Scope).replace(machine=name)
