"""Assessments of plans that nobody started: blobs of their own, no row of the ledger; the plan, then what came of it."""

from typing import Final

from pydantic import Field

from shared.ids import short_hash
from shared.models import Model
from shared.plan.model import Plan
from shared.problems import NotFound, ProblemData
from shared.reporting import release_commands
from shared.reporting.assessment import Assessment
from shared.reporting.inventory import Inventory
from shared.storage import blobs
from shared.storage.entities import key

FOLDER: Final = "assessments"


class GivenPlan(Model):
    """A plan that may cover machines, by the name of its file."""

    name: str
    plan: Plan


class InventoryOrder(Model):
    """What is wanted beside the place of an inventory."""

    target_known: bool = True
    plans: tuple[GivenPlan, ...] = ()


class AssessmentOrder(Model):
    """A plan that somebody wants assessed; or a place whose machines are wanted, where its waves stand for nothing."""

    plan: Plan
    by: str = ""
    inventory: InventoryOrder | None = None


class AssessmentResult(Model):
    """What an order came to: an assessment, or why there is none."""

    assessment: Assessment | None = None
    inventory: Inventory | None = None
    problem: ProblemData | None = Field(default=None, description="why the plan could not be assessed")


def assessment_id(order: AssessmentOrder, moment: str) -> str:
    """Give the id of an order that came at a moment; no migration's id looks like it, as those have a dot."""
    return f"{order.plan.name}-{short_hash(f'{moment} {order.model_dump_json()}')}"


def save_order(assessment: str, order: AssessmentOrder) -> None:
    """Keep what is to be assessed."""
    blobs.write(_name(assessment, "order"), order.model_dump_json(by_alias=True, exclude_defaults=True).encode())


def load_order(assessment: str) -> AssessmentOrder:
    """Give what is to be assessed. Raises `NotFound`."""
    body = blobs.read(_name(assessment, "order"))
    if body is None:
        raise NotFound(f"there is no assessment {assessment}", advice=f"Ask for one: {release_commands.assess()}")
    return AssessmentOrder.model_validate_json(body)


def save_result(assessment: str, result: AssessmentResult) -> None:
    """Keep what came of it; a second try replaces the first."""
    blobs.write(_name(assessment, "result"), result.model_dump_json(by_alias=True, exclude_none=True).encode())


def load_result(assessment: str) -> AssessmentResult | None:
    """Give what came of it; None while it goes on."""
    body = blobs.read(_name(assessment, "result"))
    return None if body is None else AssessmentResult.model_validate_json(body)


def _name(assessment: str, part: str) -> str:
    return f"{FOLDER}/{key(assessment)}.{part}.json"
