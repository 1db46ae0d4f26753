"""Reading a plan: from a request's body to a frozen plan, or to every fault in it at once."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from pydantic import ValidationError

from shared.plan.bulk import refuse_bulk
from shared.plan.documents import read_document
from shared.plan.error_messages import faults_of
from shared.plan.locating import located
from shared.plan.model import Plan
from shared.plan.partial_parse import lenient
from shared.plan.profiles import NO_PROFILES, TargetProfiles
from shared.plan.rules.acknowledged import acknowledgements_fit
from shared.plan.rules.agentless import agentless_fits
from shared.plan.rules.agents import agents_can_register
from shared.plan.rules.deciders import escalations_reach_others, four_eyes_can_hold
from shared.plan.rules.dependencies import dependencies_end, dependencies_exist
from shared.plan.rules.details import details_are_possible
from shared.plan.rules.hyperv import hosts_are_described, planned_failovers_take_the_last_change
from shared.plan.rules.names import names_are_given, names_are_unique
from shared.plan.rules.premises import agents_come_from_outside
from shared.plan.rules.protection import protections_make_sense
from shared.plan.rules.recovery_plans import actions_fit, rehearsals_fit
from shared.plan.rules.recovery_points import points_can_be_had
from shared.plan.rules.scripts import scripts_can_be_sent
from shared.plan.rules.sources import only_what_is_kept_is_terminated, road_exists, selectors_fit, source_is_described
from shared.plan.rules.tags import tags_fit_azure
from shared.plan.rules.targets import steps_have_what_they_need, targets_are_apart
from shared.plan.rules.times import applications_have_machines, durations_make_sense, windows_make_sense
from shared.plan.strategies import about_work, blanked, something_is_left
from shared.plan.underlaying import underlaid
from shared.problems import Fault, InvalidPlan

Rule = Callable[[Plan, datetime | None], Iterator[Fault]]

MOST_FAULTS = 100_000  # ten for each machine of the largest plan; more comes from no plan at all
MANY_FAULTS = 10_000  # of the schema: what does not fit it so widely is of another kind, and no rule makes sense of it

RULES: tuple[Rule, ...] = (
    road_exists,
    source_is_described,
    only_what_is_kept_is_terminated,
    hosts_are_described,
    planned_failovers_take_the_last_change,
    selectors_fit,
    agentless_fits,
    targets_are_apart,
    tags_fit_azure,
    details_are_possible,
    rehearsals_fit,
    actions_fit,
    points_can_be_had,
    steps_have_what_they_need,
    agents_come_from_outside,
    scripts_can_be_sent,
    agents_can_register,
    protections_make_sense,
    four_eyes_can_hold,
    escalations_reach_others,
    dependencies_exist,
    dependencies_end,
    durations_make_sense,
    windows_make_sense,
    applications_have_machines,
    acknowledgements_fit,
)

# Of every machine in the list, also of those that are left out of the work.
OF_ALL: tuple[Rule, ...] = (names_are_given, names_are_unique)


def read_plan(
    body: bytes, content_type: str, now: datetime | None = None, profiles: TargetProfiles = NO_PROFILES
) -> Plan:
    """Read a plan from a body in JSON or YAML, with the profile that it names under it.

    With `now` given, windows that have passed are faults. Raises TooLarge, UnsupportedFormat, UnreadablePlan, and InvalidPlan with every fault at once.
    """
    document = read_document(body, content_type)
    try:
        return to_plan(document, now, profiles)
    except InvalidPlan as invalid:
        faults = located(body.decode("utf-8-sig"), invalid.facts.errors, document)
        raise InvalidPlan(faults, invalid.facts.detail) from None


def to_plan(document: Any, now: datetime | None = None, profiles: TargetProfiles = NO_PROFILES) -> Plan:
    """Make a plan of plain data, with the profile that it names under it; raises InvalidPlan."""
    refuse_bulk(document)
    laid = underlaid(document, profiles)
    try:
        return _judged(laid.document, now)
    except InvalidPlan as invalid:
        raise InvalidPlan(laid.attributed(invalid.facts.errors), invalid.facts.detail) from None


def _judged(document: Any, now: datetime | None) -> Plan:
    wrong, more = list[Fault](), 0
    try:
        plan = by_schema(document)
    except ValidationError as error:
        every = faults_of(error)
        wrong, more = list(islice(every, MOST_FAULTS)), sum(1 for _ in every)
        if len(wrong) > MANY_FAULTS:
            raise _invalid(wrong, more, "; the rules over the whole plan were not tried") from None
        plan = lenient(Plan, document)
    work = blanked(plan)
    broken = [fault for rule in OF_ALL for fault in rule(plan, now)]
    broken += about_work(plan, (fault for rule in RULES for fault in rule(work, now)))
    broken += something_is_left(plan)
    faults = [*wrong, *_not_following(broken, wrong)]
    if faults:
        raise _invalid(faults, more)
    return plan


def _invalid(faults: Sequence[Fault], unlisted: int, more: str = "") -> InvalidPlan:
    """List the faults, or the first of too many; there are others that were only counted."""
    count, shown = len(faults) + unlisted, faults[:MOST_FAULTS]
    listed = f", of which the first {len(shown):,} are listed" if count > len(shown) else ""
    message = f"{count:,} errors in the plan{listed}{more}; nothing was created"
    return InvalidPlan(shown, message if listed or more else "")


def by_schema(document: Any) -> Plan:
    """Read it by the schema alone, without the rules over the whole; raises pydantic's ValidationError."""
    return Plan.model_validate(document, by_alias=True, by_name=False)


def _not_following(broken: Sequence[Fault], wrong: Sequence[Fault]) -> Iterator[Fault]:
    """Leave out what only follows from a fault at, above or below the same place: its stand-in broke the rule."""
    places = {fault.pointer for fault in wrong}
    above = {start for place in places for start in _starts(place)}
    for fault in broken:
        if fault.pointer not in above and not any(start in places for start in _starts(fault.pointer)):
            yield fault


def _starts(place: str) -> Iterator[str]:
    """Give a pointer and all those above it."""
    while place:
        yield place
        place = place.rpartition("/")[0]
    yield ""
