"""Admitting: who of a cohort may begin its cutover now, in which opening of the window, and who waits for which."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from activities.flow.skipped_phases import is_skipped
from shared.concerns.registry import Concern
from shared.contracts.cohorts import Cohort
from shared.contracts.contracts import AWAIT_WINDOW, FAIL_OVER
from shared.contracts.requests import scoped_as
from shared.contracts.rounds import Member
from shared.itinerary import is_before
from shared.ledger import machines
from shared.ledger.machine_windows import opening_from, windows_at
from shared.models import Scope
from shared.plan.window_sets import NO_WINDOWS, WindowSet
from shared.scheduling import window_capacity
from shared.scheduling.windows import WindowOpening


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
    members: tuple[Member, ...] = ()  # for whom it was judged
    windows: WindowSet = NO_WINDOWS

    @property
    def nobody_can(self) -> bool:
        """Tell whether the window is open, and the target would take none of them."""
        return self.held is not None and not self.held.going


def admissions(cohort: Cohort, poll: Look | None = None) -> tuple[Admission, ...]:
    """Judge a cohort by the windows of its machines, those of the same windows together.

    Places of an open one are taken. Asked again the answer is the same. `poll` asks the target first, where places are
    few: whom it would refuse takes none, and gives back the one that it has.
    """
    stopped = tuple(each for each in cohort.machines if not before_the_stop(each))
    if stopped:  # a retry: whoever is down already does not wait another week
        return (Admission(stopped, "their sources are off already", members=cohort.machines),)
    if cohort.machines and all(_is_asked_for(cohort, each.name) for each in cohort.machines):
        return (Admission(cohort.machines, "an operator asked for the cutover now", members=cohort.machines),)
    parts: dict[WindowSet, list[Member]] = {}
    for each in cohort.machines:
        parts.setdefault(windows_at(member_place(cohort, each.name)), []).append(each)
    return tuple(_in_windows(cohort.replace(machines=tuple(part)), own, poll) for own, part in parts.items())


def _in_windows(cohort: Cohort, windows: WindowSet, poll: Look | None) -> Admission:
    """Judge machines by the windows that they share."""
    judged = Admission(members=cohort.machines, windows=windows)
    opening = opening_from(cohort, windows, cohort.now)
    if opening is None or not opening.is_open(cohort.now):
        return replace(judged, opening=opening)
    if not windows.windows:
        return replace(judged, going=cohort.machines, why="no window holds it back")
    held = poll(cohort.machines) if poll and opening.capacity and cohort.machines else None
    going = _with_place(cohort, opening, held, windows.owner)
    found = replace(judged, going=going, why="the cutover window is open", opening=opening, held=held)
    if going or found.nobody_can:
        return found
    return replace(judged, opening=opening_from(cohort, windows, opening.ends or cohort.now), full=opening)


def why_it_waits(found: Admission) -> str:
    """Put into words which opening is waited for, and why not for an earlier one."""
    if found.opening is None:
        return ""
    begin, closed = f"{found.opening.begin:%Y-%m-%d %H:%M} UTC", "; ".join(str(each) for each in found.opening.closed)
    if not found.windows.windows:
        return f"{begin}: no cutover begins in {closed}"
    whose = f" of {found.windows.whose}" if found.windows.whose else ""
    text = f"the cutover window{whose}, which opens at {begin}"
    if found.full is not None and found.full.opened is not None:
        full = f"the opening of {found.full.opened:%Y-%m-%d %H:%M} UTC has room for {found.full.capacity} machines"
        return f"{text}: {full}, and all of it is taken"
    return f"{text}, not earlier because of {closed}" if closed else text


def _is_asked_for(cohort: Cohort, machine: str) -> bool:
    return is_skipped(member_place(cohort, machine), AWAIT_WINDOW.name)


def member_place(cohort: Cohort, machine: str) -> Scope:
    """Return where one machine of a cohort stands."""
    return scoped_as(cohort, Scope).replace(machine=machine)


def _with_place(cohort: Cohort, opening: WindowOpening, held: Held | None, owner: str) -> tuple[Member, ...]:
    """Give those that have a place in an open window; who went another way meanwhile needs none, and drops out."""
    if not opening.capacity or opening.opened is None:
        return cohort.machines
    rows = machines.list(cohort.migration, wave=cohort.wave)
    names = {row.name for row in rows if row.round == cohort.round}
    able = {each.name for each in (held.going if held else cohort.machines)}
    name = window_capacity.opening_of(cohort.migration, owner, opening.opened)
    if held and not held.busy:
        window_capacity.give_back(name, sorted(names & {each.name for each in cohort.machines} - able))
    asking = [each.name for each in cohort.machines if each.name in names & able]
    taken = window_capacity.take(name, opening.capacity, asking)
    return tuple(each for each in cohort.machines if each.name in taken or each.name not in names)
