"""Admitting: who of a cohort may begin its cutover now, in which opening of the window, and who waits for which."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.flow.skipped_phases import is_skipped
from shared.concerns.registry import Concern
from shared.contracts.cohorts import Cohort
from shared.contracts.contracts import AWAIT_WINDOW, FAIL_OVER
from shared.contracts.requests import scoped_as
from shared.contracts.rounds import Member
from shared.itinerary import is_before
from shared.ledger import machines, migrations, plans
from shared.models import Scope
from shared.plan.cutover import Cutover
from shared.scheduling import window_capacity
from shared.scheduling.windows import WindowOpening, next_opening


def before_the_stop(member: Member) -> bool:
    """Tell whether a machine's source may still run where its walk begins."""
    return is_before(member.resume_at, FAIL_OVER.name)


@dataclass(frozen=True)
class Held:
    """Who may go, whom the target would refuse (and why), and what keeps us from looking."""

    going: tuple[Member, ...] = ()
    concerns: dict[str, tuple[Concern, ...]] | None = None
    busy: str = ""


Look = Callable[[Sequence[Member]], Held]


@dataclass(frozen=True)
class Admission:
    """Those who go, and why; when nobody does, the opening that they wait for (None: there is none any more)."""

    going: tuple[Member, ...] = ()
    why: str = ""
    opening: WindowOpening | None = None
    full: WindowOpening | None = None  # the opening that is open and has no place left
    held: Held | None = None  # what the target says, where that was asked before places were taken

    @property
    def nobody_can(self) -> bool:
        """Tell whether the window is open, and the target would take none of them."""
        return self.held is not None and not self.held.going


def admission(cohort: Cohort, poll: Look | None = None) -> Admission:
    """Judge a cohort by its wave's windows; places of an open one are taken. Asked again the answer is the same.

    `look` asks the target first, where places are few: whom it would refuse takes none, and gives back the one that it has.
    """
    cutover = plans.plan_at(cohort).wave(cohort.wave).cutover
    stopped = tuple(each for each in cohort.machines if not before_the_stop(each))
    if stopped:  # a retry: whoever is down already does not wait another week
        return Admission(stopped, "their sources are off already")
    if cohort.machines and all(_is_asked_for(cohort, each.name) for each in cohort.machines):
        return Admission(cohort.machines, "an operator asked for the cutover now")
    if not cutover.windows:
        return Admission(cohort.machines, "no window holds it back")
    opening = opening_from(cohort, cutover, cohort.now)
    if opening is None or not opening.is_open(cohort.now):
        return Admission(opening=opening)
    held = poll(cohort.machines) if poll and opening.capacity and cohort.machines else None
    going = _with_place(cohort, opening, held)
    found = Admission(going, "the cutover window is open", opening, held=held)
    if going or found.nobody_can or not cohort.machines:
        return found
    return Admission(opening=opening_from(cohort, cutover, opening.ends or cohort.now), full=opening)


def _is_asked_for(cohort: Cohort, machine: str) -> bool:
    return is_skipped(scoped_as(cohort, Scope).replace(machine=machine), AWAIT_WINDOW.name)


def opening_from(scope: Scope, cutover: Cutover, moment: datetime) -> WindowOpening | None:
    """Give the first opening from a moment on into which a cutover fits."""
    row = migrations.get(scope.migration)
    accepted = row.started_at if row is not None and row.started_at is not None else scope.now
    return next_opening(cutover.windows, accepted, moment, cutover.expected_duration)


def _with_place(cohort: Cohort, opening: WindowOpening, held: Held | None) -> tuple[Member, ...]:
    """Give those that have a place in an open window; who went another way meanwhile needs none, and drops out."""
    if not opening.capacity or opening.opened is None:
        return cohort.machines
    rows = machines.list(cohort.migration, wave=cohort.wave)
    names = {row.name for row in rows if row.round == cohort.round}
    able = {each.name for each in (held.going if held else cohort.machines)}
    name = window_capacity.opening_of(cohort.migration, cohort.wave, opening.number, opening.opened)
    if held and not held.busy:
        window_capacity.give_back(name, sorted(names & {each.name for each in cohort.machines} - able))
    asking = [each.name for each in cohort.machines if each.name in names & able]
    taken = window_capacity.take(name, opening.capacity, asking)
    return tuple(each for each in cohort.machines if each.name in taken or each.name not in names)
