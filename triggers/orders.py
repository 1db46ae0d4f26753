"""Orders of assessments and inventories: begun by the same orchestration, looked at until there is a result."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import azure.functions as func

from shared.contracts.contracts import ASSESS_PLAN
from shared.durable.durable_client import ALIVE, UNCERTAIN, Client, start, state
from shared.ledger import assessments
from shared.ledger.assessments import AssessmentOrder, AssessmentResult
from shared.models import Scope
from shared.problems import from_facts
from shared.reporting.views import AssessmentStatus
from triggers.answering import answer_json

A_LOOK: Final = "2"  # seconds until it is worth asking again


async def begin_order(client: Client, order: AssessmentOrder, now: datetime) -> str:
    """Keep an order and begin with it; gives its name."""
    name = assessments.assessment_id(order, now.isoformat())
    await asyncio.to_thread(assessments.save_order, name, order)
    await start(client, ASSESS_PLAN, Scope(migration=name, now=now), instance_of(name))
    return name


async def look(client: Client, name: str, check: Callable[[str], object]) -> tuple[AssessmentResult | None, bool]:
    """Give what came of an order, and whether it is still worked on. `check` raises where there is no such order.

    Raises the problem that it ended with.
    """
    result = await asyncio.to_thread(assessments.load_result, name)
    if result is None:
        await asyncio.to_thread(check, name)
        if await state(client, instance_of(name)) in {*ALIVE, UNCERTAIN}:
            return None, True
        result = await asyncio.to_thread(assessments.load_result, name)  # it may have ended between the two looks
    if result is not None and result.problem is not None:
        raise from_facts(result.problem)
    return result, False


def under_way(name: str, place: str) -> func.HttpResponse:
    """Answer 202 with the place where the result will be."""
    return answer_json(AssessmentStatus(id=name, place=place), 202, {"Location": place, "Retry-After": A_LOOK})


def instance_of(name: str) -> str:
    """Give the id of the instance that works on an order."""
    return f"assess-plan.{name}"
