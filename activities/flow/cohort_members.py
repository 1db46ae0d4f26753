"""The machines of a cohort that waits: whom another round took meanwhile, and what the others are told they wait for."""

from activities.facts.before_window import against
from shared.contracts.cohorts import Cohort
from shared.contracts.requests import scoped_as
from shared.ledger import machines
from shared.models import Scope
from shared.states import MachineState


def left_cohort(cohort: Cohort) -> tuple[str, ...]:
    """Give the machines that a later round has: cancelled, rolled back or retried, they are not this cohort's any more."""
    rows = machines.list(cohort.migration, wave=cohort.wave)
    names = {each.name for each in cohort.machines}
    return tuple(row.name for row in rows if row.name in names and row.round > cohort.round)


def tell_waiting(cohort: Cohort, text: str, release: str) -> None:
    """Write down what those of the cohort wait for that are still its own."""
    names = {member.name for member in cohort.machines}
    for row in machines.list(cohort.migration, wave=cohort.wave, states={MachineState.READY_FOR_CUTOVER}):
        waiting_for = text + against(row)
        if row.name in names and row.round == cohort.round and row.waiting_for != waiting_for:
            here = member_scope(cohort, row.name)
            machines.change(here, phase="await_window", waiting_for=waiting_for, release=release)


def member_scope(cohort: Cohort, name: str) -> Scope:
    """Return where one machine of a cohort stands."""
    return scoped_as(cohort, Scope).replace(machine=name)
