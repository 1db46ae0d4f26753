"""The slots of a cohort's cutover, given back."""

from shared.contracts.cohorts import Cohort, Slots
from shared.contracts.contracts import FREE_SLOTS
from shared.contracts.requests import where
from shared.durable.seam import Context, Waits, call


def free_places(context: Context, cohort: Cohort) -> Waits[None]:
    """Give the cohort's places back, and wake whoever has them now."""
    yield from call(context, FREE_SLOTS, Slots(**where(cohort), limit="cuttingOver", owner=cohort.owner))
